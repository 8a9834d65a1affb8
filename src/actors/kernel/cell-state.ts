import type { Behaviour, Message } from './types.ts';

export type AnyBehaviour = Behaviour<Message, unknown>;

/** What people see of an actor's state. A summary that throws is itself worth seeing.
 * @param raw gives the state itself where the behaviour has no summary. */
export const describeState = (behaviour: AnyBehaviour, state: unknown, raw: boolean): unknown => {
  if (behaviour.summary === undefined) return raw ? state : undefined;
  if (state === undefined) return undefined;
  try {
    return behaviour.summary(state);
  } catch (error) {
    return `summary threw: ${String(error)}`;
  }
};
