import type { AnyMachineSnapshot, AnyStateMachine, StateValue } from 'xstate';
import type { ActorContext, ChartMove, Message } from './types.ts';

/** The active states as dotted paths, parents before children: `live`, `live.beating`. */
export const statesOf = ({ value }: AnyMachineSnapshot): readonly string[] => statesIn(value, '');

const statesIn = (value: StateValue | undefined, prefix: string): readonly string[] => {
  if (value === undefined) return [];
  if (typeof value === 'string') return [prefix + value];
  return Object.entries(value).flatMap(([name, below]) => [
    prefix + name,
    ...statesIn(below, `${prefix}${name}.`),
  ]);
};

/** Tells who listens that the chart went to other states; a step inside the same ones is no news. */
export const announceMove = (
  context: Pick<ActorContext<never>, 'announce'>,
  step: {
    readonly machine: AnyStateMachine;
    readonly before: AnyMachineSnapshot;
    readonly after: AnyMachineSnapshot;
    readonly event: Message;
  },
): void => {
  const from = statesOf(step.before);
  const to = statesOf(step.after);
  if (from.join() === to.join()) return;
  const move: ChartMove = { chart: step.machine.id, from, to, by: step.event.type };
  context.announce(move);
};
