import type { AnyStateMachine, AnyStateNode } from 'xstate';

/** A statechart as a drawing needs it: boxes, and one arrow per pair of boxes. */
export interface ChartState {
  /** Dotted path of the state, `live.beating`: what `data-state` holds. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Named actions on entering. */
  readonly entry: readonly string[];
  readonly states: readonly ChartState[];
}
export interface ChartArrow {
  /** Path of the state that is left; '' for the chart itself: from any state. */
  readonly from: string;
  readonly to: string;
  /** `event [guard]`, one per transition. */
  readonly labels: readonly string[];
}
export interface ChartModel {
  readonly id: string;
  /** Path of the state in which the chart, or a state with states of its own, begins. */
  readonly initial: readonly string[];
  readonly states: readonly ChartState[];
  readonly arrows: readonly ChartArrow[];
}

const pathOf = (node: AnyStateNode): string => node.path.join('.');

/** Actions and guards are texts, or objects with a `type`. */
const nameOf = (named: unknown): string =>
  typeof named === 'object' && named !== null && 'type' in named
    ? String(named.type)
    : String(named);

const stateOf = (node: AnyStateNode): ChartState => {
  if (node.description === undefined) throw new Error(`${node.id} has no description`);
  return {
    path: pathOf(node),
    name: node.key,
    description: node.description,
    tags: node.tags,
    // XState makes an `after` into a function on entry; its arrow shows it already.
    entry: node.entry.filter((action) => typeof action !== 'function').map(nameOf),
    states: Object.values(node.states).map(stateOf),
  };
};

/** `xstate.after.suspectTimeout.link.live.beating` is "after suspectTimeout" to a reader. */
const eventLabel = (eventType: string, node: AnyStateNode): string => {
  const after = /^xstate\.after\.(.+)$/.exec(eventType)?.[1];
  if (after === undefined) return eventType;
  const suffix = `.${node.id}`;
  return `after ${after.endsWith(suffix) ? after.slice(0, -suffix.length) : after}`;
};

const guardLabel = (guard: unknown): string => (guard === undefined ? '' : ` [${nameOf(guard)}]`);

const arrowsOf = (node: AnyStateNode): readonly ChartArrow[] => {
  const grouped = new Map<string, string[]>();
  for (const transitions of node.transitions.values()) {
    for (const { target, eventType, guard } of transitions) {
      for (const to of target ?? []) {
        const label = `${eventLabel(eventType, node)}${guardLabel(guard)}`;
        grouped.set(pathOf(to), [...(grouped.get(pathOf(to)) ?? []), label]);
      }
    }
  }
  const own = [...grouped].map(([to, labels]) => ({ from: pathOf(node), to, labels }));
  return [...own, ...Object.values(node.states).flatMap(arrowsOf)];
};

const initialsOf = (node: AnyStateNode): readonly string[] => [
  ...(node.initial?.target ?? []).map(pathOf),
  ...Object.values(node.states).flatMap(initialsOf),
];

/** Throws when a state has no description: a drawing without words explains nothing. */
export const chartModel = (machine: AnyStateMachine): ChartModel => ({
  id: machine.id,
  initial: initialsOf(machine.root),
  states: Object.values(machine.root.states).map(stateOf),
  arrows: arrowsOf(machine.root),
});
