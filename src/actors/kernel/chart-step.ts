import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventFromLogic,
  type ExecutableActionsFrom,
  type InputFrom,
  initialTransition,
  type SnapshotFrom,
  transition,
} from 'xstate';
import type { Message } from './types.ts';

/**
 * One event through a chart, as data in and data out: nothing runs, nothing is scheduled. What
 * the chart asks for comes back as effects, to be journalled, replayed or carried out by the host.
 */
export type ChartEffect =
  /** A named action of the chart; `params` as the chart gives them. */
  | { readonly type: 'action'; readonly name: string; readonly params: unknown }
  /** Send `event` back to the chart after `delayMs`, unless `id` is cancelled or replaced before. */
  | {
      readonly type: 'schedule';
      readonly id: string;
      readonly event: Message;
      readonly delayMs: number;
    }
  | { readonly type: 'cancel'; readonly id: string }
  /** For subscribers of the chart's emitted events. */
  | { readonly type: 'emit'; readonly event: Message }
  | { readonly type: 'log'; readonly label: string | undefined; readonly value: unknown };

export interface ChartStep<Machine extends AnyStateMachine> {
  readonly snapshot: SnapshotFrom<Machine>;
  readonly effects: readonly ChartEffect[];
}

/** The chart asks for something that belongs to the kernel (children, promises, other actors), or
 * for an inline function, which has no name to be carried out, journalled or replayed by. Such a chart is a defect of its author; the actor that hosts it crashes on its first try. */
export class ChartNotHostableError extends Error {
  readonly code = 'chart_not_hostable';
  readonly action: string;

  constructor(chart: string, action: string) {
    super(`chart '${chart}' uses ${action}, which no host can carry out`);
    this.name = 'ChartNotHostableError';
    this.action = action;
  }
}

interface RawAction {
  readonly type: string;
  readonly params: unknown;
  readonly exec?: unknown;
}

interface RawParams {
  readonly event: Message;
  readonly id?: string;
  readonly sendId?: string;
  readonly delay?: number;
  readonly label?: string;
  readonly value?: unknown;
}

/** A raise without a delay was consumed inside the very step that reports it. */
const isLeftToDo = (action: RawAction): boolean =>
  action.type !== 'xstate.raise' || (action.params as RawParams).delay !== undefined;

/** An inline function is named by the variable it happens to be assigned to, or not at all. */
const isInline = (machine: AnyStateMachine, action: RawAction): boolean =>
  typeof action.exec === 'function' && !Object.hasOwn(machine.implementations.actions, action.type);

const effectOf = (machine: AnyStateMachine, action: RawAction): ChartEffect => {
  const params = action.params as RawParams;
  switch (action.type) {
    case 'xstate.raise':
      return {
        type: 'schedule',
        // Without an id of its own a delayed raise cannot be cancelled, but needs a timer's name.
        id: params.id ?? `raise:${params.event.type}`,
        event: params.event,
        delayMs: params.delay ?? 0,
      };
    case 'xstate.cancel':
      return { type: 'cancel', id: params.sendId ?? '' };
    case 'xstate.emit':
      return { type: 'emit', event: params.event };
    case 'xstate.log':
      return { type: 'log', label: params.label, value: params.value };
    default:
      if (action.type.startsWith('xstate.') || isInline(machine, action)) {
        throw new ChartNotHostableError(machine.id, action.type);
      }
      return { type: 'action', name: action.type, params: action.params };
  }
};

const stepOf = <Machine extends AnyStateMachine>(
  machine: Machine,
  [snapshot, actions]: readonly [SnapshotFrom<Machine>, readonly ExecutableActionsFrom<Machine>[]],
): ChartStep<Machine> => {
  const { status, error } = snapshot as AnyMachineSnapshot;
  if (status === 'error') throw error;
  const raw = (actions as readonly RawAction[]).filter(isLeftToDo);
  return { snapshot, effects: raw.map((action) => effectOf(machine, action)) };
};

const steppable = new WeakMap<AnyStateMachine, AnyStateMachine>();
/**
 * The chart as `transition` is given it. For every step XState makes an actor, for a scope, and has
 * it enter the chart anew without an input; what becomes of that nobody looks at. A chart that needs
 * its input throws there, which costs more than the step: so this one enters nothing.
 */
const withoutEntering = <Machine extends AnyStateMachine>(machine: Machine): Machine => {
  const known = steppable.get(machine);
  if (known !== undefined) return known as Machine;
  const made: Machine = Object.create(machine, { getInitialSnapshot: { value: () => undefined } });
  steppable.set(machine, made);
  return made;
};

/** The chart's first snapshot and what entering it asks for. Throws what an entry action throws. */
export const startChart = <Machine extends AnyStateMachine>(
  machine: Machine,
  input: InputFrom<Machine>,
): ChartStep<Machine> => stepOf(machine, initialTransition(machine, input));

/** The next snapshot, and what the way there asks for, in the chart's order. A guard, assigner or
 * delay that throws is thrown on, and the snapshot passed in is as good as before. */
export const stepChart = <Machine extends AnyStateMachine>(
  machine: Machine,
  snapshot: SnapshotFrom<Machine>,
  event: EventFromLogic<Machine>,
): ChartStep<Machine> => stepOf(machine, transition(withoutEntering(machine), snapshot, event));
