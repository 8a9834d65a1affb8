import { assign, setup } from 'xstate';

/**
 * Reconciliation of one session. It compares two snapshots before it believes either, lets the
 * executor and the guard draw their conclusions, and only then opens the gate.
 */
export interface RecoveryContext {
  readonly previousHash: string | null;
  readonly snapshots: number;
}
/** Wall milliseconds. */
export const RECOVERY_PAUSES = {
  /** A snapshot that does not come is asked for again. */
  snapshotTimeoutMs: 10_000,
  /** After a snapshot that proves nothing, e.g. because history is not loaded yet. */
  retryPauseMs: 1_000,
  /** Before a terminal that shows another account, or a wrong clock, is asked again. */
  barredPauseMs: 10_000,
  /** Before a reconciliation that could not be written down is made again. The guard wakes it sooner,
   * when the journal works. */
  unwrittenPauseMs: 10_000,
  /** Before books that differed are compared again: a late booking may explain them. */
  mismatchRetryMs: 60_000,
} as const;
export type RecoveryEvent =
  | { readonly type: 'link.claimed' }
  | { readonly type: 'link.lost' }
  | { readonly type: 'snapshot.assembled'; readonly hash: string }
  /** A part is missing, the hash is wrong, or history is not whole: absence of evidence. */
  | { readonly type: 'snapshot.failed' }
  /** Another account, or clocks that differ: nothing may be concluded from it. */
  | { readonly type: 'snapshot.barred' }
  | { readonly type: 'executor.reconciled' }
  /** What the executor found cannot be written down: there is no journal. */
  | { readonly type: 'reconciliation.notDurable' }
  /** A position is gone and no deal says why. */
  | { readonly type: 'positions.unexplained' }
  | { readonly type: 'guard.reconciled' }
  /** Balances differ, or an intent was executed twice: halt and tell a person. */
  | { readonly type: 'guard.mismatch' }
  /** A check while trading goes on found what was never told. */
  | { readonly type: 'check.differed' };

export const recoveryMachine = setup({
  types: {
    context: {} as RecoveryContext,
    events: {} as RecoveryEvent,
    tags: {} as 'gateOpen',
  },
  guards: {
    isStable: ({ context, event }) =>
      event.type === 'snapshot.assembled' && event.hash === context.previousHash,
  },
  delays: {
    snapshotTimeout: RECOVERY_PAUSES.snapshotTimeoutMs,
    retryPause: RECOVERY_PAUSES.retryPauseMs,
    barredPause: RECOVERY_PAUSES.barredPauseMs,
    unwrittenPause: RECOVERY_PAUSES.unwrittenPauseMs,
    mismatchRetry: RECOVERY_PAUSES.mismatchRetryMs,
  },
  actions: {
    rememberHash: assign(({ context, event }) =>
      event.type === 'snapshot.assembled'
        ? { previousHash: event.hash, snapshots: context.snapshots + 1 }
        : {},
    ),
    forget: assign({ previousHash: null, snapshots: 0 }),
    /** Effects, carried out by the recovery actor. */
    requestSnapshot: () => {},
    reconcileExecutor: () => {},
    reconcileGuard: () => {},
    grantGate: () => {},
    revokeGate: () => {},
    reportBarred: () => {},
    reportMismatch: () => {},
    startAgain: () => {},
  },
}).createMachine({
  id: 'recovery',
  initial: 'waiting',
  context: { previousHash: null, snapshots: 0 },
  on: {
    'link.lost': { target: '.waiting', actions: 'revokeGate' },
    'link.claimed': { target: '.comparing', reenter: true, actions: 'revokeGate' },
  },
  states: {
    waiting: {
      description: 'No session holds the lease; the gate is shut.',
      entry: 'forget',
    },
    comparing: {
      description: 'Taking snapshots until two in a row are alike.',
      entry: ['forget', 'requestSnapshot'],
      after: { snapshotTimeout: { target: 'comparing', reenter: true } },
      on: {
        'snapshot.assembled': [
          { guard: 'isStable', target: 'matching', actions: 'rememberHash' },
          { actions: ['rememberHash', 'requestSnapshot'] },
        ],
        'snapshot.failed': 'pausing',
        'snapshot.barred': 'barred',
      },
    },
    pausing: {
      description: 'The terminal could not prove what it holds; it is asked again in a moment.',
      after: { retryPause: 'comparing' },
    },
    barred: {
      description:
        'Another account, or clocks that differ: nothing is concluded from what it shows.',
      entry: 'reportBarred',
      after: { barredPause: 'comparing' },
    },
    matching: {
      description: 'The executor matches deals and orders to its intents.',
      entry: 'reconcileExecutor',
      on: {
        'executor.reconciled': 'balancing',
        'reconciliation.notDurable': 'unwritten',
        'positions.unexplained': 'mismatched',
      },
    },
    unwritten: {
      description: 'There is no journal to write down what was found. It is kept, and found again.',
      after: { unwrittenPause: 'comparing' },
    },
    balancing: {
      description: 'The guard adopts positions and compares the balance to the cent.',
      entry: 'reconcileGuard',
      on: { 'guard.reconciled': 'granted', 'guard.mismatch': 'mismatched' },
    },
    granted: {
      description: 'Both sides agree; the gate is open for as long as this actor lives.',
      tags: 'gateOpen',
      entry: 'grantGate',
      on: { 'check.differed': { actions: 'startAgain' } },
    },
    mismatched: {
      description: 'The books differ. Nothing is flattened; nothing opens; a person looks.',
      entry: 'reportMismatch',
      after: { mismatchRetry: 'comparing' },
    },
  },
});
