import type { DeskDeps } from '../desk.ts';
import type { Behaviour } from '../kernel/types.ts';
import type { ExecutorMessage } from '../messages.ts';
import { isFinal, isUnderWay, stateOf } from './executor-orders.ts';
import { rebuildOrders } from './executor-rebuild.ts';
import type { ExecutorLimits, ExecutorState } from './executor-state.ts';
import { ExecutorTurn } from './executor-turn.ts';

/**
 * Carries admitted intents to the terminal, at most once, and believes only evidence about them.
 *
 * An intent and its attempt are durable before a byte leaves (`intent.admitted` → append →
 * `intent.durable` → send). Everything sent and unanswered is `unknown`; a targeted query after
 * the settling time, or the next reconciliation, finds out. Final orders stay for a while, because
 * a fill may cross a cancel on the wire.
 */
export const executor = (
  deps: DeskDeps,
  limits: ExecutorLimits,
): Behaviour<ExecutorMessage, ExecutorState> => ({
  init: async () => {
    await deps.journal.settled();
    const { live, ended } = rebuildOrders(deps.journal.reader().openIntents(deps.accountId));
    return {
      orders: new Map(live.map((order) => [order.intent.intentId, order])),
      instruments: new Map(),
      reconciled: false,
      epoch: 0,
      mayOpen: false,
      finished: {},
      booked: new Set(),
      backlog: ended,
      writing: 0,
      early: [],
      unrecorded: new Set(),
      unsaid: [],
      suspects: new Map(),
    };
  },
  receive: (state, message, context) => new ExecutorTurn(deps, limits, state, context).run(message),
  summary: (state) => ({
    reconciled: state.reconciled,
    live: [...state.orders.values()]
      .filter((order) => !isFinal(order))
      .map((order) => ({
        intentId: order.intent.intentId,
        symbol: order.intent.symbol,
        action: order.intent.type,
        state: stateOf(order),
        isUnderWay: isUnderWay(order),
        request: order.chart.value.request,
        attempt: order.chart.context.attempt,
      })),
    finished: state.finished,
  }),
});
