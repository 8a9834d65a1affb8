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
  readonly limits: LinkLimits;
}
export interface LinkLimits {
  readonly handshakeMs: number;
  readonly suspectMs: number;
  readonly downMs: number;
  readonly backoffInitialMs: number;
  readonly backoffMaxMs: number;
  readonly authBackoffMs: number;
}
export interface LinkInput {
  readonly jitterSeed: number;
  readonly limits: LinkLimits;
}
export type LinkEvent =
  | { readonly type: 'hello.received'; readonly identity: string }
  /** Wrong login, server, token or version: another terminal, or a misconfigured one. */
  | { readonly type: 'hello.refused' }
  | { readonly type: 'claim.granted'; readonly epoch: number }
  | { readonly type: 'claim.refused' }
  | { readonly type: 'heartbeat.received' }
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
    authBackoff: ({ context }) => context.limits.authBackoffMs,
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
    limits: input.limits,
  }),
  states: {
    listening: {
      description: 'The port is open; no terminal has introduced itself.',
      on: {
        'hello.received': { target: 'claiming', actions: 'rememberPeer' },
        'hello.refused': 'refusing',
      },
    },
    claiming: {
      description: 'Login and server are right; asking the terminal for the lease.',
      tags: 'connected',
      entry: 'welcomePeer',
      after: { handshakeTimeout: 'backingOff' },
      on: {
        'hello.received': { target: 'claiming', reenter: true, actions: 'rememberPeer' },
        'claim.granted': { target: 'reconciling', actions: 'rememberEpoch' },
        'claim.refused': 'refusing',
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
        'peer.disconnected': { target: 'backingOff', actions: 'announceLost' },
      },
      states: {
        beating: {
          description: 'Heartbeats arrive while both sides are compared.',
          after: { handshakeTimeout: { target: '#link.backingOff', actions: 'announceLost' } },
          on: { 'heartbeat.received': { target: 'beating', reenter: true } },
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
        'peer.disconnected': { target: 'backingOff', actions: 'announceLost' },
      },
      states: {
        beating: {
          description: 'Heartbeats arrive in time.',
          after: { suspectTimeout: 'suspect' },
          on: { 'heartbeat.received': { target: 'beating', reenter: true } },
        },
        suspect: {
          description: 'Three heartbeats are missing; two more and the link is down.',
          after: { downTimeout: { target: '#link.backingOff', actions: 'announceLost' } },
          on: { 'heartbeat.received': 'beating' },
        },
      },
    },
    backingOff: {
      description: 'The session is gone; the next handshake waits a jittered moment.',
      entry: ['forgetPeer', 'planBackoff'],
      after: { backoff: 'listening' },
    },
    refusing: {
      description:
        'A terminal that may not have the account knocked; long pause, then listen again.',
      entry: 'forgetPeer',
      after: { authBackoff: 'listening' },
    },
  },
});
