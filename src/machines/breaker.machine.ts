import { assign, setup } from 'xstate';

/**
 * The circuit breaker of one account's link. It counts how requests fare on a live session, and is
 * no part of reconnecting: a link can be up and useless. While it is open nothing new is opened;
 * closes, cancels and a flatten go out all the same, and what becomes of them is counted too.
 */
export interface BreakerContext {
  /** How the latest requests fared, oldest first; true is a success. */
  readonly outcomes: readonly boolean[];
  /** How long the next opening lasts; doubles with every failed probe. */
  readonly openMs: number;
  /** Probes let through, and those that came back well, since it is half open. */
  readonly admitted: number;
  readonly succeeded: number;
  /** Times it has opened since the last success of a whole trial. */
  readonly trips: number;
  readonly limits: BreakerLimits;
}
export interface BreakerLimits {
  /** So many failures in a row open it. */
  readonly failures: number;
  /** So does this part of the last `windowRequests` (in ppm), once half of them are known. */
  readonly failurePpm: number;
  readonly windowRequests: number;
  readonly openMs: number;
  readonly openMaxMs: number;
  /** Requests let through while half open; all must succeed. */
  readonly probes: number;
}
export type BreakerEvent =
  | { readonly type: 'request.succeeded' }
  | { readonly type: 'request.failed' }
  /** A half-open breaker let an opening order through. */
  | { readonly type: 'probe.admitted' }
  /** A new session was compared with the terminal: what the old one went through says nothing. */
  | { readonly type: 'session.reconciled' }
  | { readonly type: 'operator.reset' };

const remembered = (context: BreakerContext, ok: boolean): readonly boolean[] =>
  [...context.outcomes, ok].slice(-context.limits.windowRequests);

export const breakerMachine = setup({
  types: {
    context: {} as BreakerContext,
    events: {} as BreakerEvent,
    input: {} as BreakerLimits,
    tags: {} as 'mayOpen' | 'probing',
  },
  delays: { openTimeout: ({ context }) => context.openMs },
  guards: {
    /** Would this failure be one too many? */
    failuresAreTooMany: ({ context }) => {
      const { limits } = context;
      const outcomes = remembered(context, false);
      const row = outcomes.slice(-limits.failures);
      if (row.length === limits.failures && row.every((ok) => !ok)) return true;
      const failed = outcomes.filter((ok) => !ok).length;
      const known = outcomes.length * 2 >= limits.windowRequests;
      return known && failed * 1_000_000 >= limits.failurePpm * outcomes.length;
    },
    probesSucceeded: ({ context }) => context.succeeded + 1 >= context.limits.probes,
  },
  actions: {
    rememberSuccess: assign({ outcomes: ({ context }) => remembered(context, true) }),
    rememberFailure: assign({ outcomes: ({ context }) => remembered(context, false) }),
    countProbe: assign({ admitted: ({ context }) => context.admitted + 1 }),
    countSuccess: assign({ succeeded: ({ context }) => context.succeeded + 1 }),
    beginProbing: assign({ admitted: 0, succeeded: 0 }),
    countTrip: assign({ trips: ({ context }) => context.trips + 1, outcomes: [] }),
    lengthenOpening: assign({
      openMs: ({ context }) => Math.min(context.limits.openMaxMs, context.openMs * 2),
    }),
    startOver: assign(({ context }) => ({
      outcomes: [],
      openMs: context.limits.openMs,
      admitted: 0,
      succeeded: 0,
      trips: 0,
    })),
    /** Effects, carried out by the connection. */
    announceOpen: () => {},
    announceProbing: () => {},
    announceClosed: () => {},
  },
}).createMachine({
  id: 'breaker',
  initial: 'closed',
  context: ({ input }) => ({
    outcomes: [],
    openMs: input.openMs,
    admitted: 0,
    succeeded: 0,
    trips: 0,
    limits: input,
  }),
  states: {
    closed: {
      description: 'Requests fare well enough.',
      tags: 'mayOpen',
      on: {
        'request.succeeded': { actions: 'rememberSuccess' },
        'request.failed': [
          { guard: 'failuresAreTooMany', target: 'open' },
          { actions: 'rememberFailure' },
        ],
        'session.reconciled': { actions: 'startOver' },
        'operator.reset': { actions: 'startOver' },
      },
    },
    open: {
      description: 'Requests fail: nothing new is opened until the pause is over.',
      entry: ['countTrip', 'announceOpen'],
      after: { openTimeout: 'halfOpen' },
      on: {
        'session.reconciled': { target: 'closed', actions: ['startOver', 'announceClosed'] },
        'operator.reset': { target: 'closed', actions: ['startOver', 'announceClosed'] },
      },
    },
    halfOpen: {
      description: 'A few requests are let through to see how they fare.',
      tags: 'probing',
      entry: ['beginProbing', 'announceProbing'],
      on: {
        'probe.admitted': { actions: 'countProbe' },
        'request.succeeded': [
          {
            guard: 'probesSucceeded',
            target: 'closed',
            actions: ['startOver', 'announceClosed'],
          },
          { actions: 'countSuccess' },
        ],
        'request.failed': { target: 'open', actions: 'lengthenOpening' },
        'session.reconciled': { target: 'closed', actions: ['startOver', 'announceClosed'] },
        'operator.reset': { target: 'closed', actions: ['startOver', 'announceClosed'] },
      },
    },
  },
});
