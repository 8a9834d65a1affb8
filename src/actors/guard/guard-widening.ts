import type { Intent, ModifyOrderIntent, ModifyPositionIntent } from '../../domain/intent.ts';
import { increasesRisk } from '../../domain/intent.ts';
import type { EpochMs } from '../../domain/units.ts';
import { assessChange, type ChangeVerdict } from '../../risk/change-verdict.ts';
import { followsEquity } from '../../risk/headroom.ts';
import type { LevelChange } from '../../risk/level-changes.ts';
import { refuse } from '../../risk/refuse.ts';
import type { Settlement } from '../messages.ts';
import { assessable } from './guard-intents.ts';
import type { GuardOptions, GuardState, Widening } from './guard-state.ts';

/**
 * Changes that could lose more than before. Each is judged as a new request, and what it adds stays
 * reserved from the verdict until it is refused, absent, or shown by the terminal.
 */
export type LevelIntent = ModifyOrderIntent | ModifyPositionIntent;

const changeOf = (intent: LevelIntent): LevelChange =>
  intent.type === 'modifyPosition'
    ? {
        what: 'position',
        ticket: intent.positionTicket,
        stopLoss: intent.stopLoss,
        takeProfit: intent.takeProfit,
      }
    : {
        what: 'order',
        ticket: intent.orderTicket,
        entry: intent.stopLimitPrice ?? intent.price,
        stopLoss: intent.stopLoss,
        takeProfit: intent.takeProfit,
      };

export const wideningOf = (intent: Intent): Widening | undefined =>
  (intent.type === 'modifyPosition' || intent.type === 'modifyOrder') && increasesRisk(intent)
    ? { ...changeOf(intent), settled: false }
    : undefined;

/** Do targets bound what a floor can rise to? */
export const targetsCount = ({ ledger }: GuardState): boolean => {
  if (ledger === null) return true;
  const { daily, total } = ledger.rules.phase;
  return [daily, total].some((rule) => rule !== null && followsEquity(rule));
};

/** The verdict on one change, against everything that is or may become open. */
export const judgeChange = (
  state: GuardState,
  options: GuardOptions,
  at: EpochMs,
  intent: LevelIntent,
): ChangeVerdict => {
  const input = assessable(state, options, at, intent.symbol);
  if (input === undefined) return { ok: false, ...refuse('GATE_CLOSED', ''), widestStop: null };
  if (state.breakerOpen) {
    return { ok: false, ...refuse('BREAKER_OPEN', ''), widestStop: null };
  }
  return assessChange({ ...input, change: changeOf(intent) });
};

export const reserveChange = (state: GuardState, intent: LevelIntent): GuardState => {
  const widening = wideningOf(intent);
  if (widening === undefined) return state;
  return { ...state, widening: new Map(state.widening).set(intent.intentId, widening) };
};

/** A change that was made counts until the terminal shows it; any other end frees it at once. */
export const settleWidening = (state: GuardState, settlement: Settlement): GuardState => {
  const found = state.widening.get(settlement.intentId);
  if (found === undefined) return state;
  const widening = new Map(state.widening);
  if (settlement.state === 'done' && !isShown(state, found)) {
    widening.set(settlement.intentId, { ...found, settled: true });
  } else {
    widening.delete(settlement.intentId);
  }
  return { ...state, widening };
};

const isShown = ({ positions, orders }: GuardState, change: Widening): boolean => {
  if (change.what === 'position') {
    const position = positions.get(change.ticket);
    return position === undefined || position.stopLoss === change.stopLoss;
  }
  const order = orders.get(change.ticket);
  if (order === undefined) return true;
  return (
    order.stopLoss === change.stopLoss && (order.stopLimitPrice ?? order.price) === change.entry
  );
};

/** After the terminal has told of the account: what was made is in it, and what is gone is gone. */
export const forgetWidenings = (state: GuardState): GuardState => {
  if (state.widening.size === 0) return state;
  const { positions, orders } = state;
  const left = [...state.widening].filter(
    ([, { what, ticket, settled }]) =>
      !settled && (what === 'position' ? positions : orders).has(ticket),
  );
  return { ...state, widening: new Map(left) };
};
