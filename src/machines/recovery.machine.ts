import { assign, setup } from 'xstate';

/**
 * Reconciliation of one session. It compares two snapshots before it believes either, lets the
 * executor and the guard draw their conclusions, and only then opens the gate.
 */
export interface RecoveryContext {
  readonly previousHash: string | null;
  readonly snapshots: number;
}
export type RecoveryEvent =
  | { readonly type: 'link.claimed' }
  | { readonly type: 'link.lost' }
  | { readonly type: 'snapshot.assembled'; readonly hash: string }
  /** A part is missing or the hash is wrong: absence of evidence, ask again. */
  | { readonly type: 'snapshot.failed' }
  | { readonly type: 'executor.reconciled' }
  | { readonly type: 'guard.reconciled' }
  /** Balances differ, or a position cannot be explained: halt and tell a person. */
  | { readonly type: 'guard.mismatch' };

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
  delays: { snapshotTimeout: 10_000 },
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
    reportMismatch: () => {},
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
        'snapshot.failed': { target: 'comparing', reenter: true },
      },
    },
    matching: {
      description: 'The executor matches deals and orders to its intents.',
      entry: 'reconcileExecutor',
      on: { 'executor.reconciled': 'balancing' },
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
    },
    mismatched: {
      description: 'The books differ. Nothing is flattened; nothing opens; a person looks.',
      entry: 'reportMismatch',
    },
  },
});
