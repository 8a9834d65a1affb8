import type { Clock } from '../../domain/ports.ts';
import type { StoredEntry } from '../../journal/types.ts';
import { type TradingModeEvent, tradingModeMachine } from '../../machines/trading-mode.machine.ts';
import { driveChart, openChart } from '../drive-chart.ts';
import { stepChart } from '../kernel/chart-step.ts';
import type { ActorContext } from '../kernel/types.ts';
import type { GuardMessage } from '../messages.ts';
import type { GuardState } from './guard-state.ts';

/** Messages that only change whether risk may be opened. */
export type PermissionMessage = Extract<
  GuardMessage,
  {
    readonly type:
      | 'gate.granted'
      | 'gate.revoked'
      | 'link.live'
      | 'link.lost'
      | 'condition.raised'
      | 'condition.cleared'
      | 'terminalGuard.tripped'
      | 'venue.disabled';
  }
>;

export const permissionEvent = (message: PermissionMessage): TradingModeEvent => {
  switch (message.type) {
    case 'gate.granted':
      return { type: 'hold.cleared', hold: 'gate' };
    case 'gate.revoked':
      return { type: 'hold.raised', hold: 'gate' };
    case 'link.live':
      return { type: 'hold.cleared', hold: 'link' };
    case 'link.lost':
      return { type: 'hold.raised', hold: 'link' };
    case 'condition.raised':
      return { type: 'hold.raised', hold: message.condition };
    case 'condition.cleared':
      return { type: 'hold.cleared', hold: message.condition };
    case 'terminalGuard.tripped':
      return { type: 'floor.reached' };
    case 'venue.disabled':
      return { type: 'hold.raised', hold: operatorHold(`trading is off: ${message.detail}`) };
  }
};

/** Why a person halted or locked, as a hold or a reason of the mode. */
export const operatorHold = (reason: string): string => `operator: ${reason}`;
export const isOperators = (hold: string): boolean => hold.startsWith('operator');

/** The mode in which a guard starts. A kill and an operator's halt outlive every restart: only a
 * person lifts them. A soft limit outlives it too, until its reset. What locking once asked for is not asked again; recovery sees to the rest. */
export const bootMode = (
  last: StoredEntry | undefined,
  holds: readonly string[],
): GuardState['mode'] => {
  const changed = last?.kind === 'mode.changed' ? last : undefined;
  const kept = changed === undefined ? [] : operatorHolds(changed);
  const booted = openChart(tradingModeMachine, {
    holds: ['gate', 'link', ...kept, ...holds],
    limits: changed?.limits ?? [],
  });
  if (changed?.to !== 'locked') return booted;
  const { reason } = changed;
  return stepChart(tradingModeMachine, booted, { type: 'operator.kill', reason }).snapshot;
};

/** An older journal knows only the reason of a halt. */
const operatorHolds = (
  changed: Extract<StoredEntry, { kind: 'mode.changed' }>,
): readonly string[] => {
  const { to, reason, holds } = changed;
  if (holds !== undefined) return holds.filter(isOperators);
  return to === 'halted' && isOperators(reason) ? [reason] : [];
};

/** True when the journal must know of this move: the mode changed, or a person or a soft limit
 * halted or released what stays as it is for other reasons, which has to be known after a restart. */
export const isNews = (moved: { from: string; to: string }, event: TradingModeEvent): boolean =>
  moved.from !== moved.to ||
  event.type === 'limit.reached' ||
  event.type === 'limit.lifted' ||
  ('hold' in event && isOperators(event.hold));

export const moveMode = (
  mode: GuardState['mode'],
  event: TradingModeEvent,
  context: ActorContext<GuardMessage>,
  clock: Clock,
): {
  readonly mode: GuardState['mode'];
  readonly from: string;
  readonly to: string;
  readonly flatten: boolean;
} => {
  const actions: string[] = [];
  const next = driveChart({
    machine: tradingModeMachine,
    snapshot: mode,
    event,
    context,
    clock,
    // The chart has no delays; the type asks for their message all the same.
    delayed: (): GuardMessage => ({ type: 'journal.written' }),
    perform: (action) => actions.push(action),
  });
  return {
    mode: next,
    from: String(mode.value),
    to: String(next.value),
    flatten: actions.includes('flattenAll'),
  };
};
