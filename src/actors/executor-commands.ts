import type { FillingMode, Instrument } from '../domain/instrument.ts';
import { formatLots, formatPrice } from '../domain/instrument.ts';
import type { CloseIntent, OpenIntent } from '../domain/trading.ts';
import type { RuntimeBody } from '../mt5/wire/messages.ts';

/** Deviation that a market order tolerates before the venue answers with a requote, in points. */
const DEVIATION_POINTS = 50;
/** MT5 cuts comments at 31 characters, and brokers overwrite them: for people, never an identity. */
const COMMENT_CHARS = 31;
/** A close has no deadline of its own: the terminal may take this long to accept it. */
const CLOSE_TTL_MS = 60_000;

/** Market execution takes fill-or-kill where the symbol has it, else immediate-or-cancel. RETURN
 * has no flag and is invalid for market execution; pending orders always use it. */
export const fillingFor = (instrument: Instrument, kind: OpenIntent['kind']): FillingMode => {
  if (kind !== 'market') return 'return';
  return instrument.fillingModes.includes('fok') ? 'fok' : 'ioc';
};

/** The command that carries out an attempt. `seenMono` is filled in by the connection, which
 * knows the terminal's clock. */
export const commandOf = (
  intent: OpenIntent | CloseIntent,
  attempt: number,
  instrument: Instrument,
): RuntimeBody => {
  const { digits } = instrument;
  const header = { intent: intent.intentId, attempt, seenMono: 0 };
  if (intent.type === 'close') {
    return {
      kind: 'position.close',
      ...header,
      ttlMs: CLOSE_TTL_MS,
      ticket: intent.positionTicket,
      volume: formatLots(intent.volumeE8),
      price: formatPrice(intent.price, digits),
      deviationPoints: DEVIATION_POINTS,
      filling: fillingFor(instrument, 'market'),
    };
  }
  return {
    kind: 'order.place',
    ...header,
    ttlMs: intent.ttlMs,
    symbol: intent.symbol,
    side: intent.side,
    type: intent.kind,
    volume: formatLots(intent.volumeE8),
    price: formatPrice(intent.price, digits),
    stopLimitPrice: null,
    stopLoss: formatPrice(intent.stopLoss, digits),
    takeProfit: intent.takeProfit === undefined ? null : formatPrice(intent.takeProfit, digits),
    deviationPoints: DEVIATION_POINTS,
    magic: intent.magic,
    filling: fillingFor(instrument, intent.kind),
    tif: 'gtc',
    expiresAtMs: null,
    comment: intent.strategyId.slice(0, COMMENT_CHARS),
  };
};
