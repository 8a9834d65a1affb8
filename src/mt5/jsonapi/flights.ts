import type { EpochMs, LotsE8, Points } from '../../domain/units.ts';
import { RETCODE, retcodeClass } from '../retcodes.ts';
import type { BrokerRecord, BrokerRequest, RequestOutcome } from '../terminal/engine/records.ts';
import type { BrokerState } from '../terminal/engine/state.ts';
import type { Match, UnderWay } from './deal-match.ts';
import { volumeOf } from './listed.ts';
import { symbolOf } from './trade-request.ts';
import type { TradeVerdict } from './trade-verdict.ts';

/** A request on its way: sent once, and never again, whatever is heard of it. */
export interface Flight {
  readonly request: BrokerRequest;
  /** Of what it is about, from when it was known. */
  readonly symbol: string;
  /** Done twice it would change nothing: what it is about is named, and ends with it. */
  readonly isRepeatable: boolean;
  /** Undefined: it was sent and nothing has come back yet. */
  readonly verdict: TradeVerdict | undefined;
  /** Wall instant of the first reading of the account, after the verdict, that did not show it. */
  readonly absentSince: number | undefined;
}

export const flightOf = (
  request: BrokerRequest,
  state: BrokerState,
  verdict: TradeVerdict | undefined,
): Flight => ({
  request,
  symbol: symbolOf(request, state),
  isRepeatable: isRepeatable(request, state),
  verdict,
  absentSince: undefined,
});

const isRepeatable = ({ body }: BrokerRequest, { positions }: BrokerState): boolean => {
  if (body.type === 'place' || body.type === 'closeBy') return false;
  if (body.type !== 'close') return true;
  const held = positions.get(body.ticket);
  return held !== undefined && body.volumeE8 >= held.volumeE8;
};

/** Wall milliseconds of absence after which what cannot be done twice is given up: the guard must not
 * wait a minute before it closes again. */
const REPEATABLE_SETTLE_MS = 2_000;

/** A verdict that settles a request without a look at the account: the server said no. */
export const refusalOf = (
  verdict: TradeVerdict,
): Pick<RequestOutcome, 'retcode' | 'comment'> | undefined => {
  if (verdict.type === 'refused')
    return { retcode: RETCODE.TOO_MANY_REQUESTS, comment: `not sent: ${verdict.reason}` };
  if (verdict.type === 'unknown') return undefined;
  const kind = retcodeClass(verdict.retcode);
  return kind === 'success' || kind === 'reconcile'
    ? undefined
    : { retcode: verdict.retcode, comment: '' };
};

export const underWayOf = ({ request, verdict }: Flight): UnderWay => {
  if (verdict?.type !== 'result') return { request };
  const { order, price } = verdict;
  const told = order === '0' || order === '' ? {} : { order };
  return { request, ...told, ...(Number(price) > 0 ? { price } : {}) };
};

interface Shown {
  readonly retcode: number;
  readonly order?: string | null;
  readonly deal?: string | null;
  readonly price?: Points | null;
  readonly volumeE8?: LotsE8 | null;
  readonly comment?: string;
}

/** What the account shows of a request: its end, or undefined while it shows none. The state is the
 * one after the reading was written down. */
export const shownBy = (
  state: BrokerState,
  { request, verdict }: Flight,
  match: Match | undefined,
): Shown | undefined => {
  const { body } = request;
  if (match !== undefined) return filled(state, request, match);
  switch (body.type) {
    case 'place': {
      if (body.kind === 'market') return undefined;
      const mine = [...state.orders.values(), ...state.historyOrders.slice(-200)].find(
        ({ intent, attempt }) => intent === request.intent && attempt === request.attempt,
      );
      if (mine !== undefined && mine.kind !== 'market')
        return { retcode: RETCODE.DONE, order: mine.ticket, price: mine.price };
      return undefined;
    }
    case 'close':
      return state.positions.has(body.ticket) ? undefined : gone(RETCODE.POSITION_CLOSED);
    case 'modifyPosition': {
      const held = state.positions.get(body.ticket);
      if (held === undefined) return gone(RETCODE.POSITION_CLOSED);
      const { stopLoss, takeProfit } = held;
      const isSo = stopLoss === body.stopLoss && takeProfit === body.takeProfit;
      return isSo ? { retcode: RETCODE.DONE } : undefined;
    }
    case 'modifyOrder': {
      const order = state.orders.get(body.ticket);
      if (order === undefined) return gone(RETCODE.INVALID_ORDER);
      const { price, stopLoss, takeProfit } = order;
      const isSo =
        price === body.price && stopLoss === body.stopLoss && takeProfit === body.takeProfit;
      return isSo ? { retcode: RETCODE.DONE, order: body.ticket, price } : undefined;
    }
    case 'cancel': {
      if (state.orders.has(body.ticket)) return undefined;
      const ended = state.historyOrders.findLast(({ ticket }) => ticket === body.ticket);
      return ended?.state === 'cancelled' && verdict?.type !== undefined
        ? { retcode: RETCODE.DONE, order: body.ticket }
        : gone(RETCODE.INVALID_ORDER);
    }
    default:
      return undefined;
  }
};

const gone = (retcode: number): Shown => ({ retcode, comment: 'it is no longer in the list' });

const filled = (state: BrokerState, { body }: BrokerRequest, match: Match): Shown => {
  const [first] = match.deals;
  const deal = state.deals.findLast(({ ticket }) => ticket === first?.ticket);
  const volumeE8 = match.deals.reduce((sum, { volume }) => sum + volumeOf(volume), 0) as LotsE8;
  const wanted = 'volumeE8' in body ? body.volumeE8 : volumeE8;
  return {
    retcode: volumeE8 < wanted ? RETCODE.DONE_PARTIAL : RETCODE.DONE,
    order: match.order ?? null,
    deal: deal?.ticket ?? null,
    price: deal?.price ?? null,
    volumeE8,
  };
};

/**
 * Nothing of it is to be seen, `settleMs` after the EA had worked on everything that it was sent,
 * sooner where it cannot be done twice:
 * then it was not executed. What the server said is passed on; silence is a refusal by now, after
 * which the same may be tried again at a new price.
 */
export const concluded = (
  { verdict, absentSince, isRepeatable: again }: Flight,
  wallMs: number,
  settleMs: number,
): Shown | undefined => {
  const enoughMs = again ? Math.min(settleMs, REPEATABLE_SETTLE_MS) : settleMs;
  if (absentSince === undefined || wallMs - absentSince < enoughMs) return undefined;
  if (verdict?.type === 'result') {
    const { retcode, order } = verdict;
    return { retcode, order: Number(order) > 0 ? order : null, comment: 'nothing of it was seen' };
  }
  return { retcode: RETCODE.PRICE_CHANGED, comment: 'it was not executed' };
};

export const doneRecord = (
  now: EpochMs,
  { request, symbol }: Pick<Flight, 'request' | 'symbol'>,
  { retcode, order = null, deal = null, price = null, volumeE8 = null, comment = '' }: Shown,
): BrokerRecord => {
  const outcome = { retcode, symbol: symbol === '' ? null : symbol, order, deal, price, volumeE8 };
  const { id, intent, attempt } = request;
  return { type: 'request.done', id, intent, attempt, at: now, outcome: { ...outcome, comment } };
};
