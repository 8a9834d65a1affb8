import { direction, opposite } from '../../domain/instrument.ts';
import type {
  CloseIntent,
  Intent,
  ModifyOrderIntent,
  ModifyPositionIntent,
  OpenIntent,
} from '../../domain/intent.ts';
import type { Position } from '../../domain/trading.ts';
import type { EpochMs, Points } from '../../domain/units.ts';
import { epochMs, points } from '../../domain/units.ts';
import type { Levels as AttemptLevels } from '../../journal/types.ts';
import { orderChangeRisk, positionChangeRisk } from '../../risk/change-risk.ts';
import type { RefusalCode } from '../../risk/codes.ts';
import { REFUSALS } from '../../risk/codes.ts';
import { checkRequests } from '../../risk/order-checks.ts';
import type { Verdict } from '../../risk/verdict-types.ts';
import type { ExecutorMessage } from '../messages.ts';
import { judgeOrder } from './guard-intents.ts';
import type { GuardOptions, GuardState } from './guard-state.ts';

/**
 * A retry is a request like the first: at a fresh price, against everything that is open now. An
 * opening order is judged again with its own reservation taken out; what reduces risk is granted as
 * long as there is something to reduce, and waits for the session to open; levels also for the market.
 */
type Answer = Extract<
  ExecutorMessage,
  { readonly type: 'retry.granted' | 'retry.deferred' | 'retry.denied' }
>;
export interface RetryAnswer {
  readonly state: GuardState;
  readonly answer: Answer;
}

export const answerRetry = (
  state: GuardState,
  options: GuardOptions,
  intent: Intent,
  at: EpochMs,
): RetryAnswer => {
  const { intentId } = intent;
  if (!isThere(state, intent)) return denied(state, intentId, 'UNKNOWN_TICKET');
  const opensAt = nextOpening(state, options, intent.symbol, at);
  if (opensAt > at) {
    return { state, answer: { type: 'retry.deferred', intentId, until: opensAt } };
  }
  switch (intent.type) {
    case 'open':
      return judgeAgain(state, options, intent, at);
    case 'close':
      return granted(state, intentId, { price: exitPrice(state, intent) });
    case 'closeBy':
    case 'cancel':
      return granted(state, intentId);
    case 'modifyOrder':
    case 'modifyPosition':
      // A wider stop was granted for the market as it was then; its strategy decides anew.
      if (intent.risk === 'increasing' || widens(state, intent)) {
        return denied(state, intentId, 'WIDER_STOP');
      }
      return answerLevels(state, options, intent, at);
  }
};

const granted = (state: GuardState, intentId: string, levels?: AttemptLevels): RetryAnswer => ({
  state,
  answer: { type: 'retry.granted', intentId, ...(levels === undefined ? {} : { levels }) },
});

const denied = (
  state: GuardState,
  intentId: string,
  code: RefusalCode,
  detail: string = REFUSALS[code],
): RetryAnswer => ({ state, answer: { type: 'retry.denied', intentId, code, detail } });

/** Nothing is sent that is certain to be refused, and nothing out of the requests that closes may need.
 * A position without a stop does not wait for either. */
const answerLevels = (
  state: GuardState,
  options: GuardOptions,
  intent: ModifyOrderIntent | ModifyPositionIntent,
  at: EpochMs,
): RetryAnswer => {
  const { intentId } = intent;
  const { positions, orders, ledger } = state;
  const position =
    intent.type === 'modifyPosition' ? positions.get(intent.positionTicket) : undefined;
  if (position !== undefined && position.stopLoss === undefined) return granted(state, intentId);
  const later = (until: number): RetryAnswer => ({
    state,
    answer: { type: 'retry.deferred', intentId, until: epochMs(until) },
  });
  const toClose = positions.size + orders.size;
  if (ledger !== null && checkRequests({ limits: options.limits, ledger }, toClose) !== undefined) {
    return later(Math.max(at + LEVELS_LATER_MS, ledger.day.closesAt));
  }
  const isFar = position === undefined || isFarEnough(state, position, intent.stopLoss);
  return isFar ? granted(state, intentId) : later(at + LEVELS_LATER_MS);
};

/** Session time until levels are looked at again that the market is in the way of. */
const LEVELS_LATER_MS = 30_000;

/** A stop is set behind the price that the position would be closed at, and not too near to it. */
const isFarEnough = (
  { quotes, instruments }: GuardState,
  { symbol, side }: Position,
  stopLoss: Points | undefined,
): boolean => {
  const quote = quotes.get(symbol);
  if (quote === undefined || stopLoss === undefined) return true;
  const exit = side === 'buy' ? quote.bid : quote.ask;
  const level = instruments.get(symbol)?.stopsLevelPoints ?? 0;
  const distance = direction(side) * (exit - stopLoss);
  return distance > 0 && distance >= level;
};

/** Levels may have moved since it was decided: what was tighter then may be wider now. */
const widens = (
  { positions, orders }: GuardState,
  intent: ModifyOrderIntent | ModifyPositionIntent,
): boolean => {
  if (intent.type === 'modifyPosition') {
    const position = positions.get(intent.positionTicket);
    return position !== undefined && positionChangeRisk(position, intent.stopLoss) === 'increasing';
  }
  const order = orders.get(intent.orderTicket);
  if (order === undefined) return false;
  const before = { side: order.side, stopLoss: order.stopLoss };
  const entry = order.stopLimitPrice ?? order.price;
  const after = { entry: intent.stopLimitPrice ?? intent.price, stopLoss: intent.stopLoss };
  return orderChangeRisk({ ...before, entry }, after) === 'increasing';
};

/** What it wants to change still is: else the state that it wants is reached already. */
const isThere = ({ positions, orders }: GuardState, intent: Intent): boolean => {
  switch (intent.type) {
    case 'open':
      return true;
    case 'close':
    case 'modifyPosition':
      return positions.has(intent.positionTicket);
    case 'closeBy':
      return positions.has(intent.positionTicket) && positions.has(intent.byTicket);
    case 'cancel':
    case 'modifyOrder':
      return orders.has(intent.orderTicket);
  }
};

const exitPrice = (state: GuardState, intent: CloseIntent): CloseIntent['price'] => {
  const quote = state.quotes.get(intent.symbol);
  return (opposite(intent.side) === 'buy' ? quote?.bid : quote?.ask) ?? intent.price;
};

const STEP_MS = 300_000;
const MINUTE_MS = 60_000;
const HORIZON_MS = 8 * 86_400_000;

/** The instant from which the symbol can be traded: now, or the minute its session opens. A symbol
 * without sessions is looked at again after a day. */
const nextOpening = (
  state: GuardState,
  options: GuardOptions,
  symbol: string,
  at: EpochMs,
): EpochMs => {
  const instrument = state.instruments.get(symbol);
  if (instrument === undefined || options.isOpen(instrument, at)) return at;
  const isOpen = (ms: number): boolean => options.isOpen(instrument, epochMs(ms));
  let step = Math.ceil((at + 1) / MINUTE_MS) * MINUTE_MS;
  for (const end = step + HORIZON_MS; step <= end; step += STEP_MS) {
    if (!isOpen(step)) continue;
    while (step - MINUTE_MS > at && isOpen(step - MINUTE_MS)) step -= MINUTE_MS;
    return epochMs(step);
  }
  return epochMs(at + 86_400_000);
};

/** The same order at the present price: same side and volume, stop and target at the same distance.
 * A pending order keeps its level. */
const judgeAgain = (
  state: GuardState,
  options: GuardOptions,
  intent: OpenIntent,
  at: EpochMs,
): RetryAnswer => {
  const { intentId } = intent;
  const verdict = verdictOf(state, options, intent, at);
  if (verdict === undefined) return denied(state, intentId, 'GATE_CLOSED');
  if (!verdict.ok) return denied(state, intentId, verdict.code, verdict.detail);
  const { trigger, entry, stopLoss, takeProfit } = verdict.levels;
  const own = { order: verdict.reservation.order, magic: intent.magic };
  const held = new Map(state.held).set(intentId, own);
  return granted({ ...state, held }, intentId, {
    price: trigger ?? entry,
    stopLoss,
    ...(takeProfit === undefined ? {} : { takeProfit }),
  });
};

/** Judged without its own reservation. The order was counted when it was admitted: a retry is a
 * request, and no further order. */
const verdictOf = (
  state: GuardState,
  options: GuardOptions,
  intent: OpenIntent,
  at: EpochMs,
): Verdict | undefined => {
  const { ledger } = state;
  const { intentId, strategyId, symbol, side, kind, volumeE8, price, stopLimitPrice } = intent;
  const held = new Map(state.held);
  held.delete(intentId);
  const entry = stopLimitPrice ?? price;
  const distance = (level: number) => points(Math.abs(entry - level));
  const uncounted =
    ledger === null
      ? null
      : { ...ledger, day: { ...ledger.day, orders: Math.max(0, ledger.day.orders - 1) } };
  return judgeOrder({ ...state, held, ledger: uncounted }, options, at, {
    intentId,
    strategyId,
    symbol,
    signal: {
      type: 'open',
      side,
      kind,
      ...(kind === 'market' ? {} : { price }),
      ...(stopLimitPrice === undefined ? {} : { stopLimitPrice }),
      stopDistance: distance(intent.stopLoss),
      ...(intent.takeProfit === undefined
        ? {}
        : { takeProfitDistance: distance(intent.takeProfit) }),
      leg: 0,
      reason: intent.reason,
    },
    sizing: { type: 'fixedLots', volumeE8 },
  });
};
