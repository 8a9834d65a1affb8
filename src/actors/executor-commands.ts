import type { FillingMode, Instrument } from '../domain/instrument.ts';
import { formatLots, formatPrice } from '../domain/instrument.ts';
import type { Intent, OpenIntent } from '../domain/intent.ts';
import type { Points } from '../domain/units.ts';
import type { RuntimeBody } from '../mt5/wire/messages.ts';

/** Deviation that a market order tolerates before the venue answers with a requote, in points. */
const DEVIATION_POINTS = 50;
/** MT5 cuts comments at 31 characters, and brokers overwrite them: for people, never an identity. */
const COMMENT_CHARS = 31;
/** What reduces risk has no deadline of its own: the terminal may take this long to accept it. */
const REDUCING_TTL_MS = 60_000;

/** Market execution takes fill-or-kill where the symbol has it, else immediate-or-cancel. RETURN
 * has no flag and is invalid for market execution; pending orders always use it. */
export const fillingFor = (instrument: Instrument, kind: OpenIntent['kind']): FillingMode => {
  if (kind !== 'market') return 'return';
  return instrument.fillingModes.includes('fok') ? 'fok' : 'ioc';
};

/** The command that carries out an attempt. `seenMono` is filled in by the connection, which
 * knows the terminal's clock. */
export const commandOf = (intent: Intent, attempt: number, instrument: Instrument): RuntimeBody => {
  const { digits } = instrument;
  const header = { intent: intent.intentId, attempt, seenMono: 0 };
  const text = (level: Points): string => formatPrice(level, digits);
  const levelOf = (level: Points | undefined): string | null =>
    level === undefined ? null : text(level);
  switch (intent.type) {
    case 'open':
      return {
        kind: 'order.place',
        ...header,
        ttlMs: intent.ttlMs,
        symbol: intent.symbol,
        side: intent.side,
        type: intent.kind,
        volume: formatLots(intent.volumeE8),
        price: text(intent.price),
        stopLimitPrice: levelOf(intent.stopLimitPrice),
        stopLoss: text(intent.stopLoss),
        takeProfit: levelOf(intent.takeProfit),
        deviationPoints: DEVIATION_POINTS,
        magic: intent.magic,
        filling: fillingFor(instrument, intent.kind),
        tif: intent.tif,
        expiresAtMs: intent.expiresAt ?? null,
        comment: intent.strategyId.slice(0, COMMENT_CHARS),
      };
    case 'close':
      return {
        kind: 'position.close',
        ...header,
        ttlMs: REDUCING_TTL_MS,
        ticket: intent.positionTicket,
        volume: formatLots(intent.volumeE8),
        price: text(intent.price),
        deviationPoints: DEVIATION_POINTS,
        filling: fillingFor(instrument, 'market'),
      };
    case 'closeBy': {
      const { positionTicket: ticket, byTicket } = intent;
      return { kind: 'position.closeBy', ...header, ttlMs: REDUCING_TTL_MS, ticket, byTicket };
    }
    case 'cancel':
      return {
        kind: 'order.cancel',
        ...header,
        ttlMs: REDUCING_TTL_MS,
        ticket: intent.orderTicket,
      };
    case 'modifyOrder':
      return {
        kind: 'order.modify',
        ...header,
        ttlMs: intent.ttlMs,
        ticket: intent.orderTicket,
        price: text(intent.price),
        stopLimitPrice: levelOf(intent.stopLimitPrice),
        stopLoss: text(intent.stopLoss),
        takeProfit: levelOf(intent.takeProfit),
        tif: intent.tif,
        expiresAtMs: intent.expiresAt ?? null,
      };
    case 'modifyPosition':
      return {
        kind: 'position.modify',
        ...header,
        ttlMs: intent.ttlMs,
        ticket: intent.positionTicket,
        stopLoss: levelOf(intent.stopLoss),
        takeProfit: levelOf(intent.takeProfit),
      };
  }
};
