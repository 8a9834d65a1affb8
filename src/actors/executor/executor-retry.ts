import type { FillingMode, Instrument } from '../../domain/instrument.ts';
import type { Intent } from '../../domain/intent.ts';
import { increasesRisk } from '../../domain/intent.ts';
import type { EpochMs } from '../../domain/units.ts';
import { absurd, epochMs } from '../../domain/units.ts';
import type { OrderEvent } from '../../machines/order.events.ts';
import { RETCODE, retcodeClass, retryLimit } from '../../mt5/retcodes.ts';
import type { AttemptResult } from '../messages.ts';
import { isLevels } from './executor-levels.ts';
import type { LiveOrder } from './executor-orders.ts';

/**
 * What follows from the end of an attempt. Attempt n is made only when n-1 ended in a definite
 * refusal; what increases risk has a deadline and few retries, what reduces it is tried until the
 * state that it wants is reached. Whether a retry may go out at all is the guard's word.
 */

/** Events that a change (cancel, new levels) ends with are its own: it leaves no deals. */
const isChange = (intent: Intent): boolean => intent.type === 'cancel' || isLevels(intent);

/** What reduces risk is tried until it is done, or until there is nothing left to do. */
const persists = (intent: Intent): boolean => !increasesRisk(intent);

const mayTryAgain = ({ intent, refusals }: LiveOrder, retcode: number): boolean =>
  persists(intent) || (refusals.get(retcode) ?? 0) < retryLimit(retcode);

/** What a result says about an order. `undefined`: accepted, the deals will tell the rest. What was
 * to be done to a position that is gone did nothing, definitely: what closed it has deals of its
 * own. */
export const eventOfResult = (order: LiveOrder, result: AttemptResult): OrderEvent | undefined => {
  const { retcode, dealTicket, orderTicket } = result;
  const { intent } = order;
  if (retcode === RETCODE.POSITION_CLOSED) return { type: 'result.refused' };
  const kind = retcodeClass(retcode);
  switch (kind) {
    case 'success':
      if (isChange(intent)) return { type: 'change.made' };
      return dealTicket === null && orderTicket !== null
        ? { type: 'order.placed', orderTicket }
        : undefined;
    case 'reconcile':
      return { type: 'result.ambiguous' };
    case 'retrySame':
    case 'retryFresh':
      return { type: mayTryAgain(order, retcode) ? 'result.retryable' : 'result.refused' };
    case 'closed':
      return { type: 'result.retryable' };
    case 'halt':
      return { type: persists(intent) ? 'result.retryable' : 'result.refused' };
    case 'fatal':
    case 'capacity':
      return { type: 'result.refused' };
    default:
      return absurd(kind);
  }
};

/** A definite end of an ambiguous attempt: the terminal was asked, and it left no trace. */
export const eventOfNoTrace = ({ intent }: LiveOrder): OrderEvent => ({
  type: persists(intent) ? 'result.retryable' : 'result.refused',
});

/** The terminal's own side may say no for a reason that passes. */
const PASSING: ReadonlySet<string> = new Set(['expired', 'journal']);
export const eventOfRefusal = ({ intent }: LiveOrder, reason: string | null): OrderEvent => ({
  type:
    persists(intent) && reason !== null && PASSING.has(reason) ? 'result.retryable' : 'ack.refused',
});

interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}
const IN_PLACE: Backoff = { firstMs: 0, mostMs: 0 };
const FRESH: Backoff = { firstMs: 200, mostMs: 30_000 };
/** Levels are refused for where the market is, and no haste moves it. */
const LEVELS: Backoff = { firstMs: 1_000, mostMs: 300_000 };
const BUSY: Backoff = { firstMs: 10_000, mostMs: 300_000 };
const SWITCHED_OFF: Backoff = { firstMs: 30_000, mostMs: 300_000 };
const OTHER: Backoff = { firstMs: 1_000, mostMs: 60_000 };

const backoffOf = (intent: Intent, retcode: number | null): Backoff => {
  if (retcode === RETCODE.INVALID_FILL) return IN_PLACE;
  const kind = retcode === null ? undefined : retcodeClass(retcode);
  if (kind === 'retrySame') return BUSY;
  if (kind === 'retryFresh') return isLevels(intent) ? LEVELS : FRESH;
  return kind === 'halt' ? SWITCHED_OFF : OTHER;
};

/** Session time until the next attempt is asked for: doubles with every attempt. The first other
 * filling goes out at once; when none was taken, haste helps no more. */
export const retryDelayMs = ({ intent, retcode, refusals, chart }: LiveOrder): number => {
  const filled = retcode === RETCODE.INVALID_FILL && (refusals.get(retcode) ?? 0) > 1;
  const { firstMs, mostMs } = filled ? OTHER : backoffOf(intent, retcode);
  return Math.min(mostMs, firstMs * 2 ** Math.min(Math.max(0, chart.context.attempt - 1), 16));
};

/** Session time after which an intent must not be carried out; undefined for what persists. */
export const deadlineOf = (intent: Intent): EpochMs | undefined =>
  increasesRisk(intent) && 'ttlMs' in intent ? epochMs(intent.at + intent.ttlMs) : undefined;

/**
 * Filling policies for a request, the preferred first. Market execution takes fill-or-kill where
 * the symbol has the flag, else immediate-or-cancel; RETURN has no flag, is for pending orders, and
 * for market orders only where the symbol is not executed at market. A broker may refuse what its
 * flags promise, so the others follow.
 */
export const fillingsFor = (
  { fillingModes }: Pick<Instrument, 'fillingModes'>,
  kind: 'market' | 'pending',
): readonly FillingMode[] => {
  const flagged = (['fok', 'ioc'] as const).filter((mode) => fillingModes.includes(mode));
  const unflagged = (['fok', 'ioc'] as const).filter((mode) => !fillingModes.includes(mode));
  if (kind === 'pending') return ['return', ...flagged];
  const returns = fillingModes.includes('return') ? (['return'] as const) : [];
  return [...flagged, ...returns, ...unflagged];
};

/** The filling of the next attempt: each refusal of one moves on to the next. */
export const fillingOf = (order: LiveOrder, instrument: Instrument): FillingMode => {
  const { intent, refusals } = order;
  const kind = intent.type === 'open' && intent.kind !== 'market' ? 'pending' : 'market';
  const fillings = fillingsFor(instrument, kind);
  return fillings[(refusals.get(RETCODE.INVALID_FILL) ?? 0) % fillings.length] ?? 'fok';
};
