import type { FillingMode, Instrument } from '../../domain/instrument.ts';
import { formatLots, formatPrice } from '../../domain/instrument.ts';
import type { Intent } from '../../domain/intent.ts';
import type { Points } from '../../domain/units.ts';
import type { RuntimeBody } from '../../mt5/wire/messages.ts';

/** Deviation that a market order tolerates before the venue answers with a requote, in points. */
const DEVIATION_POINTS = 50;
/** MT5 cuts comments at 31 characters, and brokers overwrite them: for people, never an identity. */
const COMMENT_CHARS = 31;
/** What reduces risk has no deadline of its own: the terminal may take this long to accept it. */
const REDUCING_TTL_MS = 60_000;

/** What is decided anew for every attempt. */
export interface AttemptTerms {
  readonly filling: FillingMode;
  /** Session time that is left; undefined for what has no deadline. */
  readonly ttlMs: number | undefined;
}

/** The command that carries out an attempt. `seenMono` is filled in by the connection, which
 * knows the terminal's clock. */
export const commandOf = (
  intent: Intent,
  attempt: number,
  instrument: Instrument,
  { filling, ttlMs = REDUCING_TTL_MS }: AttemptTerms,
): RuntimeBody => {
  const { digits } = instrument;
  const header = { intent: intent.intentId, attempt, seenMono: 0, ttlMs };
  const text = (level: Points): string => formatPrice(level, digits);
  const levelOf = (level: Points | undefined): string | null =>
    level === undefined ? null : text(level);
  switch (intent.type) {
    case 'open':
      return {
        kind: 'order.place',
        ...header,
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
        filling,
        tif: intent.tif,
        expiresAtMs: intent.expiresAt ?? null,
        comment: intent.strategyId.slice(0, COMMENT_CHARS),
      };
    case 'close':
      return {
        kind: 'position.close',
        ...header,
        ticket: intent.positionTicket,
        volume: formatLots(intent.volumeE8),
        price: text(intent.price),
        deviationPoints: DEVIATION_POINTS,
        filling,
      };
    case 'closeBy': {
      const { positionTicket: ticket, byTicket } = intent;
      return { kind: 'position.closeBy', ...header, ticket, byTicket };
    }
    case 'cancel':
      return {
        kind: 'order.cancel',
        ...header,
        ticket: intent.orderTicket,
      };
    case 'modifyOrder':
      return {
        kind: 'order.modify',
        ...header,
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
        ticket: intent.positionTicket,
        stopLoss: levelOf(intent.stopLoss),
        takeProfit: levelOf(intent.takeProfit),
      };
  }
};
