import type {
  AnyMachineSnapshot,
  AnyStateMachine,
  EventFromLogic,
  InputFrom,
  SnapshotFrom,
} from 'xstate';
import type { Clock } from '../domain/ports.ts';
import { announceMove } from './kernel/chart-states.ts';
import { type ChartEffect, startChart, stepChart } from './kernel/chart-step.ts';
import type { ActorContext, Message } from './kernel/types.ts';

/** A delayed event of a chart (`after`), ready to be sent back to the chart's owner. */
export interface ChartDelay {
  readonly id: string;
  readonly event: Message;
}

/**
 * Moves a chart that an actor keeps as part of its state, and carries out what it asked for:
 * named actions by the owner, delays by the kernel's timers. A throw leaves the old snapshot.
 */
export const driveChart = <Machine extends AnyStateMachine, Msg extends Message>(input: {
  readonly machine: Machine;
  readonly snapshot: SnapshotFrom<Machine>;
  readonly event: EventFromLogic<Machine>;
  readonly context: ActorContext<Msg>;
  /** Clock of the chart's delays. */
  readonly clock: Clock;
  readonly delayed: (delay: ChartDelay) => Msg;
  readonly perform: (action: string) => void;
}): SnapshotFrom<Machine> => {
  const { snapshot, effects } = stepChart(input.machine, input.snapshot, input.event);
  announceMove(input.context, {
    machine: input.machine,
    before: input.snapshot as AnyMachineSnapshot,
    after: snapshot as AnyMachineSnapshot,
    event: input.event as Message,
  });
  for (const effect of effects) interpret(effect, input);
  return snapshot;
};

const interpret = <Msg extends Message>(
  effect: ChartEffect,
  input: {
    readonly context: ActorContext<Msg>;
    readonly clock: Clock;
    readonly delayed: (delay: ChartDelay) => Msg;
    readonly perform: (action: string) => void;
  },
): void => {
  switch (effect.type) {
    case 'action':
      input.perform(effect.name);
      return;
    case 'schedule': {
      const { id, event, delayMs } = effect;
      input.context.after(delayMs, input.delayed({ id, event }), { key: id, clock: input.clock });
      return;
    }
    case 'cancel':
      input.context.cancel(effect.id);
      return;
    case 'emit':
    case 'log':
      return;
  }
};

/** The chart's first snapshot. The charts of a desk do nothing on entering their initial state. */
export const openChart = <Machine extends AnyStateMachine>(
  machine: Machine,
  input: InputFrom<Machine>,
): SnapshotFrom<Machine> => startChart(machine, input).snapshot;
