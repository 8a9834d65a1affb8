import { assign, setup } from 'xstate';

/**
 * The link to one terminal. The terminal dials in; this chart says how far we believe it.
 * Trading is possible only in `live`, and only a reconciliation leads there.
 */
export interface LinkContext {
  readonly identity: string | null;
  readonly epoch: number;
  /** Handshakes or sessions lost in a row; drives the back-off. */
  readonly failures: number;
  readonly backoffMs: number;
  /** 32-bit state of the jitter generator; seeded by the host, so that the chart stays pure. */
  readonly jitterState: number;
  /** Bound of the call that the terminal announced before it fell silent. */
  readonly busyMs: number;
  readonly limits: LinkLimits;
}
export interface LinkLimits {
  readonly handshakeMs: number;
  readonly suspectMs: number;
  readonly downMs: number;
  readonly backoffInitialMs: number;
  readonly backoffMaxMs: number;
  /** Longest silence that a terminal may announce. */
  readonly busyMaxMs: number;
}
export interface LinkInput {
  readonly jitterSeed: number;
  readonly limits: LinkLimits;
}
export type LinkEvent =
  | { readonly type: 'hello.received'; readonly identity: string }
  | { readonly type: 'claim.granted'; readonly epoch: number }
  | { readonly type: 'claim.refused' }
  /** The terminal granted a later epoch to another controller. */
  | { readonly type: 'claim.overtaken' }
  | { readonly type: 'heartbeat.received' }
  /** The terminal is about to block in a call, for at most so long; and that call is over. */
  | { readonly type: 'terminal.busy'; readonly maxMs: number }
  | { readonly type: 'terminal.ready' }
  | { readonly type: 'recovery.completed' }
  /** Recovery wants the account reconciled again: a gap, or its own restart. */
  | { readonly type: 'recovery.restarted' }
  | { readonly type: 'peer.disconnected' };

const stepJitter = (state: number): number => (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;

export const linkMachine = setup({
  types: {
    context: {} as LinkContext,
    events: {} as LinkEvent,
    input: {} as LinkInput,
    tags: {} as 'connected' | 'claimed' | 'mayTrade',
  },
  delays: {
    handshakeTimeout: ({ context }) => context.limits.handshakeMs,
    suspectTimeout: ({ context }) => context.limits.suspectMs,
    downTimeout: ({ context }) => context.limits.downMs - context.limits.suspectMs,
    backoff: ({ context }) => context.backoffMs,
    busyTimeout: ({ context }) => context.busyMs,
  },
  actions: {
    rememberPeer: assign({
      identity: ({ context, event }) =>
        event.type === 'hello.received' ? event.identity : context.identity,
    }),
    rememberEpoch: assign({
      epoch: ({ context, event }) => (event.type === 'claim.granted' ? event.epoch : context.epoch),
    }),
    forgetPeer: assign({ identity: null }),
    rememberBusy: assign({
      busyMs: ({ context, event }) =>
        event.type === 'terminal.busy'
          ? Math.min(event.maxMs, context.limits.busyMaxMs)
          : context.busyMs,
    }),
    /** Full jitter: uniform in [0, min(max, initial · 2^failures)). */
    planBackoff: assign(({ context }) => {
      const { backoffInitialMs, backoffMaxMs } = context.limits;
      const ceiling = Math.min(
        backoffMaxMs,
        backoffInitialMs * 2 ** Math.min(context.failures, 16),
      );
      const jitterState = stepJitter(context.jitterState);
      return {
        failures: context.failures + 1,
        jitterState,
        backoffMs: Math.floor((jitterState / 2 ** 32) * ceiling),
      };
    }),
    resetBackoff: assign({ failures: 0, backoffMs: 0 }),
    /** Effects, carried out by the connection actor. */
    welcomePeer: () => {},
    startReconciliation: () => {},
    announceLive: () => {},
    announceLost: () => {},
    /** The session is over: whoever still speaks in it is told to introduce itself again. */
    closeSession: () => {},
  },
}).createMachine({
  id: 'link',
  initial: 'listening',
  context: ({ input }) => ({
    identity: null,
    epoch: 0,
    failures: 0,
    backoffMs: 0,
    jitterState: input.jitterSeed >>> 0,
    busyMs: 0,
    limits: input.limits,
  }),
  states: {
    listening: {
      description: 'The port is open; no terminal has introduced itself.',
      on: { 'hello.received': { target: 'claiming', actions: 'rememberPeer' } },
    },
    claiming: {
      description: 'Login and server are right; asking the terminal for the lease.',
      tags: 'connected',
      entry: 'welcomePeer',
      after: { handshakeTimeout: 'backingOff' },
      on: {
        'hello.received': { target: 'claiming', reenter: true, actions: 'rememberPeer' },
        'claim.granted': { target: 'reconciling', actions: 'rememberEpoch' },
        'claim.refused': 'backingOff',
        'peer.disconnected': 'backingOff',
      },
    },
    reconciling: {
      description: 'The lease is ours; recovery compares both sides. The market stands still.',
      tags: ['connected', 'claimed'],
      entry: 'startReconciliation',
      initial: 'beating',
      on: {
        'recovery.completed': 'live',
        'recovery.restarted': { target: 'reconciling', reenter: true },
        'hello.received': { target: 'claiming', actions: ['announceLost', 'rememberPeer'] },
        'claim.overtaken': { target: 'backingOff', actions: 'announceLost' },
        'peer.disconnected': { target: 'backingOff', actions: 'announceLost' },
      },
      states: {
        beating: {
          description: 'Heartbeats arrive while both sides are compared.',
          after: { handshakeTimeout: { target: '#link.backingOff', actions: 'announceLost' } },
          on: {
            'heartbeat.received': { target: 'beating', reenter: true },
            'terminal.busy': { target: 'busy', actions: 'rememberBusy' },
          },
        },
        busy: {
          description: 'The terminal blocks in a call that it announced: silence means nothing.',
          after: { busyTimeout: 'beating' },
          on: {
            'heartbeat.received': 'beating',
            'terminal.ready': 'beating',
            'terminal.busy': { target: 'busy', reenter: true, actions: 'rememberBusy' },
          },
        },
      },
    },
    live: {
      description: 'Reconciled and beating: orders may leave.',
      tags: ['connected', 'claimed', 'mayTrade'],
      entry: ['resetBackoff', 'announceLive'],
      initial: 'beating',
      on: {
        'recovery.restarted': 'reconciling',
        'hello.received': { target: 'claiming', actions: ['announceLost', 'rememberPeer'] },
        'claim.overtaken': { target: 'backingOff', actions: 'announceLost' },
        'peer.disconnected': { target: 'backingOff', actions: 'announceLost' },
      },
      states: {
        beating: {
          description: 'Heartbeats arrive in time.',
          after: { suspectTimeout: 'suspect' },
          on: {
            'heartbeat.received': { target: 'beating', reenter: true },
            'terminal.busy': { target: 'busy', actions: 'rememberBusy' },
          },
        },
        busy: {
          description: 'The terminal blocks in a call that it announced: silence means nothing.',
          after: { busyTimeout: 'beating' },
          on: {
            'heartbeat.received': 'beating',
            'terminal.ready': 'beating',
            'terminal.busy': { target: 'busy', reenter: true, actions: 'rememberBusy' },
          },
        },
        suspect: {
          description: 'Three heartbeats are missing; two more and the link is down.',
          after: { downTimeout: { target: '#link.backingOff', actions: 'announceLost' } },
          on: {
            'heartbeat.received': 'beating',
            'terminal.busy': { target: 'busy', actions: 'rememberBusy' },
          },
        },
      },
    },
    backingOff: {
      description: 'The session is gone; the next handshake waits a jittered moment.',
      entry: ['forgetPeer', 'planBackoff', 'closeSession'],
      after: { backoff: 'listening' },
    },
  },
});
