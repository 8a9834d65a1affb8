import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EventFromLogic,
  type InputFrom,
  type Snapshot,
  type SnapshotFrom,
} from 'xstate';
import type { Clock } from '../../domain/ports.ts';
import type { ChartChannel } from './chart-channel.ts';
import { announceMove, statesOf } from './chart-states.ts';
import {
  type ChartEffect,
  ChartNotHostableError,
  type ChartStep,
  startChart,
  stepChart,
} from './chart-step.ts';
import { type ActorContext, type Behaviour, IGNORE, type Message } from './types.ts';

/** A delayed event of the chart coming due. Only the host sends it, to itself. */
export interface ChartDelayed {
  readonly type: 'chart.delayed';
  readonly id: string;
  readonly event: Message;
}

export type ChartMessage<Machine extends AnyStateMachine> = EventFromLogic<Machine> | ChartDelayed;

/** A delayed event that waits; `dueAtMs` in epoch ms of the chart's clock. */
export interface ChartTimer {
  readonly id: string;
  readonly event: Message;
  readonly dueAtMs: number;
}

/** Everything a chart needs to go on in another process. Plain JSON. */
export interface PersistedChart {
  readonly snapshot: unknown;
  readonly timers: readonly ChartTimer[];
}

export interface ChartState<Machine extends AnyStateMachine> {
  readonly snapshot: SnapshotFrom<Machine>;
  readonly timers: ReadonlyMap<string, ChartTimer>;
}

export interface ChartActionCall<Machine extends AnyStateMachine> {
  readonly params: unknown;
  readonly snapshot: SnapshotFrom<Machine>;
  /** What moved the chart; undefined while it enters its initial state. */
  readonly event: EventFromLogic<Machine> | undefined;
  readonly context: ActorContext<ChartMessage<Machine>>;
}

export interface ChartOptions<Machine extends AnyStateMachine> {
  readonly machine: Machine;
  readonly input: InputFrom<Machine>;
  /** Who carries out each named action of the chart. A name without one is a defect: the actor
   * crashes when the chart asks for it. */
  readonly actions: Readonly<Record<string, (call: ChartActionCall<Machine>) => void>>;
  /** Taken up again instead of starting anew: timers with what is left of them, and no effect of
   * the past runs a second time. A chart that was done is not needed any more (IGNORE). */
  readonly restored?: PersistedChart | undefined;
  /** Called after each move and before its effects, so that an effect is never ahead of what is
   * known of it. A throw here crashes the actor with nothing done. */
  readonly persist?: (chart: PersistedChart) => void;
  /** Clock of the chart's delays; the actor's own by default. */
  readonly clock?: Clock;
  readonly channel?: ChartChannel<Machine>;
}

interface Node {
  readonly invoke: readonly unknown[];
  readonly config: { readonly on?: unknown };
  readonly states: Readonly<Record<string, Node>>;
}

/** Refuses what the kernel cannot account for, before the chart ever runs. */
export const assertHostable = (machine: AnyStateMachine): void => {
  const check = (node: Node): void => {
    if (node.invoke.length > 0) throw new ChartNotHostableError(machine.id, 'invoke');
    // A wildcard would swallow what no author thought of, crashes of children among it.
    const { on } = node.config;
    if (typeof on === 'object' && on !== null && '*' in on) {
      throw new ChartNotHostableError(machine.id, "on: {'*'}");
    }
    for (const child of Object.values(node.states)) check(child);
  };
  check(machine.root as unknown as Node);
};

/** Reads a snapshot back. Nothing is started: an unstarted actor only resolves the state. */
export const restoreSnapshot = <Machine extends AnyStateMachine>(
  machine: Machine,
  snapshot: unknown,
): SnapshotFrom<Machine> => {
  const options = { snapshot: snapshot as Snapshot<unknown> };
  return createActor(machine as AnyStateMachine, options).getSnapshot() as SnapshotFrom<Machine>;
};

export const persistChart = <Machine extends AnyStateMachine>(
  machine: Machine,
  state: ChartState<Machine>,
): PersistedChart => ({
  snapshot: machine.getPersistedSnapshot(state.snapshot as never),
  timers: [...state.timers.values()],
});

/** The delayed events that wait after these effects. */
const timersAfter = (
  timers: ReadonlyMap<string, ChartTimer>,
  effects: readonly ChartEffect[],
  nowMs: number,
): ReadonlyMap<string, ChartTimer> => {
  const next = new Map(timers);
  for (const effect of effects) {
    if (effect.type === 'cancel') next.delete(effect.id);
    if (effect.type !== 'schedule') continue;
    const { id, event, delayMs } = effect;
    next.set(id, { id, event, dueAtMs: nowMs + delayMs });
  }
  return next;
};

class ChartHost<Machine extends AnyStateMachine>
  implements Behaviour<ChartMessage<Machine>, ChartState<Machine>>
{
  private readonly options: ChartOptions<Machine>;

  constructor(options: ChartOptions<Machine>) {
    this.options = options;
  }

  init(context: ActorContext<ChartMessage<Machine>>): ChartState<Machine> | typeof IGNORE {
    const { machine, restored, channel, input } = this.options;
    if (restored === undefined) {
      const step = startChart(machine, input);
      channel?.tell({ type: 'started', snapshot: step.snapshot });
      return this.settle(step, new Map(), undefined, context);
    }
    const snapshot = restoreSnapshot(machine, restored.snapshot);
    if (statusOf(snapshot) === 'done') return IGNORE;
    for (const timer of restored.timers) this.arm(timer, context);
    channel?.tell({ type: 'started', snapshot });
    return { snapshot, timers: new Map(restored.timers.map((timer) => [timer.id, timer])) };
  }

  receive(
    state: ChartState<Machine>,
    message: ChartMessage<Machine>,
    context: ActorContext<ChartMessage<Machine>>,
  ): ChartState<Machine> {
    const delayed = isDelayed(message) ? message : undefined;
    const timers = new Map(state.timers);
    if (delayed !== undefined) timers.delete(delayed.id);
    const event = (delayed?.event ?? message) as EventFromLogic<Machine>;
    const { channel, machine } = this.options;
    channel?.tell({ type: 'received', event });
    const step = stepChart(machine, state.snapshot, event);
    announceMove(context, {
      machine,
      before: state.snapshot as AnyMachineSnapshot,
      after: step.snapshot as AnyMachineSnapshot,
      event: event as Message,
    });
    const next = this.settle(step, timers, event, context);
    channel?.tell({ type: 'moved', event, snapshot: step.snapshot });
    return next;
  }

  summary(state: ChartState<Machine>): unknown {
    const snapshot = state.snapshot as AnyMachineSnapshot;
    const { value, context, status } = snapshot;
    return { value, context, status, charts: { [this.options.machine.id]: statesOf(snapshot) } };
  }

  /** Persists the move, then carries out its effects in the chart's order. */
  private settle(
    step: ChartStep<Machine>,
    timers: ReadonlyMap<string, ChartTimer>,
    event: EventFromLogic<Machine> | undefined,
    context: ActorContext<ChartMessage<Machine>>,
  ): ChartState<Machine> {
    const { machine, persist } = this.options;
    const { snapshot, effects } = step;
    const next = { snapshot, timers: timersAfter(timers, effects, this.nowMs(context)) };
    persist?.(persistChart(machine, next));
    for (const effect of effects) this.carryOut(effect, { snapshot, event, context });
    if (statusOf(snapshot) === 'done') context.stop();
    return next;
  }

  private carryOut(effect: ChartEffect, call: Omit<ChartActionCall<Machine>, 'params'>): void {
    const { actions, channel, machine } = this.options;
    switch (effect.type) {
      case 'action': {
        const action = Object.hasOwn(actions, effect.name) ? actions[effect.name] : undefined;
        if (action === undefined) {
          throw new ChartNotHostableError(machine.id, `action '${effect.name}'`);
        }
        channel?.tell({ type: 'acted', effect });
        action({ ...call, params: effect.params });
        return;
      }
      case 'schedule': {
        const dueAtMs = this.nowMs(call.context) + effect.delayMs;
        this.arm({ id: effect.id, event: effect.event, dueAtMs }, call.context);
        return;
      }
      case 'cancel':
        call.context.cancel(effect.id);
        return;
      case 'emit':
        channel?.emit(effect.event);
        return;
      case 'log':
        return;
    }
  }

  private arm(timer: ChartTimer, context: ActorContext<ChartMessage<Machine>>): void {
    const { id, event, dueAtMs } = timer;
    const leftMs = Math.max(0, dueAtMs - this.nowMs(context));
    const { clock } = this.options;
    const delayed: ChartDelayed = { type: 'chart.delayed', id, event };
    context.after(leftMs, delayed, { key: id, ...(clock && { clock }) });
  }

  private nowMs(context: ActorContext<ChartMessage<Machine>>): number {
    return this.options.clock?.now() ?? context.now();
  }
}

const statusOf = (snapshot: unknown): string => (snapshot as AnyMachineSnapshot).status;

const isDelayed = (message: Message): message is ChartDelayed => message.type === 'chart.delayed';

/**
 * Hosts one chart as an actor's behaviour. The actor ends normally when the chart is done; a
 * chart that throws crashes the actor, with the snapshot from before in the crash report.
 * Throws ChartNotHostableError for a chart with invocations or wildcards.
 */
export const chartBehaviour = <Machine extends AnyStateMachine>(
  options: ChartOptions<Machine>,
): Behaviour<ChartMessage<Machine>, ChartState<Machine>> => {
  assertHostable(options.machine);
  return new ChartHost(options);
};
