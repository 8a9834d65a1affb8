import type { Clock } from '../domain/ports.ts';
import type { Behaviour, ChildSpec, Message, SupervisorSpec, WorkerSpec } from './kernel/types.ts';

/** A behaviour whose messages and state are its own business: the tree only starts it. */
export type AnyBehaviour = Behaviour<never, never>;
export const anyBehaviour = <Msg extends Message, State>(
  behaviour: Behaviour<Msg, State>,
): AnyBehaviour => behaviour as unknown as AnyBehaviour;

/**
 * The whole supervision tree as data. Budgets multiply up the tree, so each is chosen: a strategy
 * that keeps crashing is parked alone, an account that keeps crashing is parked alone, and only a
 * journal that cannot be kept takes the process down.
 *
 *     journal
 *     observers (one_for_one)            auditor
 *       <observer> (parks)
 *     accounts (one_for_one)
 *       <login> (parks)
 *         desk (rest_for_one)            terminal-watchdog, connection, risk-guard, executor, recovery
 *           strategies (one_for_one)
 *             <strategy>:<symbol> (parks)
 */
export interface TreeParts {
  readonly journal: () => AnyBehaviour;
  readonly auditor: () => AnyBehaviour;
  /** Onlookers besides the auditor, each under a supervisor of its own that parks it alone. */
  readonly observers: readonly ObserverPart[];
  readonly accounts: readonly AccountParts[];
}
export interface ObserverPart {
  readonly id: string;
  readonly start: () => AnyBehaviour;
}
export interface AccountParts {
  readonly login: string;
  /** Session clock of this account's actors. */
  readonly clock: Clock;
  readonly watchdog: (() => AnyBehaviour) | null;
  readonly connection: () => AnyBehaviour;
  readonly guard: () => AnyBehaviour;
  readonly executor: () => AnyBehaviour;
  readonly recovery: () => AnyBehaviour;
  readonly strategies: readonly {
    readonly id: string;
    readonly host: () => AnyBehaviour;
  }[];
}

/** Restarts allowed inside a period, per supervisor; printed by the tree, tested both ways. */
export const BUDGETS = {
  root: { intensity: 3, periodMs: 60_000 },
  observers: { intensity: 20, periodMs: 60_000 },
  observer: { intensity: 5, periodMs: 60_000 },
  accounts: { intensity: 3, periodMs: 60_000 },
  account: { intensity: 2, periodMs: 120_000 },
  desk: { intensity: 5, periodMs: 60_000 },
  strategies: { intensity: 10, periodMs: 60_000 },
  strategy: { intensity: 3, periodMs: 60_000 },
} as const;

const BACKOFF = { initialMs: 100, maxMs: 5_000, healthyAfterMs: 30_000 } as const;

/** Paths of a desk's actors, as ids and as data for those who must find each other. */
export const deskPath = (login: string, name: string): string => `accounts.${login}.desk.${name}`;
export const strategyPath = (login: string, id: string): string =>
  `${deskPath(login, 'strategies')}.${id}.host`;

/** What permits and what forbids travel in one lane, so that they never change places. */
const CONTROL: ReadonlySet<string> = new Set([
  'operator.halt',
  'operator.resume',
  'operator.flatten',
  'operator.kill',
  'operator.rearm',
  'operator.startEvaluation',
  'operator.bindEvaluation',
  'mode.changed',
  'gate.granted',
  'gate.revoked',
  'link.claimed',
  'link.live',
  'link.lost',
  'terminalGuard.tripped',
]);

/** An actor of the order path: its mailbox never drops a fact, and a halt overtakes everything. */
const worker = (
  id: string,
  start: () => AnyBehaviour,
  extra: Partial<WorkerSpec<never, never>> = {},
): WorkerSpec<never, never> => ({
  type: 'worker',
  id,
  start,
  backoff: BACKOFF,
  mailbox: {
    capacity: 100_000,
    overflow: { type: 'reject' },
    lane: (message: Message) => (CONTROL.has(message.type) ? 'control' : 'user'),
  },
  ...extra,
});

/** What an operator stopped stays down, whoever restarts around it. */
const KEPT = { honourAdministrativelyDown: true } as const;

const strategies = (parts: AccountParts): SupervisorSpec => ({
  ...BUDGETS.strategies,
  ...KEPT,
  children: parts.strategies.map(({ id, host }) => ({
    type: 'supervisor',
    id,
    supervisor: {
      ...BUDGETS.strategy,
      ...KEPT,
      onExhausted: 'park',
      children: [worker('host', host, { clock: parts.clock })],
    },
  })),
});

const desk = (parts: AccountParts): SupervisorSpec => {
  const { clock } = parts;
  return {
    ...BUDGETS.desk,
    ...KEPT,
    strategy: 'rest_for_one',
    children: [
      ...(parts.watchdog === null
        ? []
        : [worker('terminal-watchdog', parts.watchdog, { shutdown: 15_000 })]),
      worker('connection', parts.connection, { clock }),
      worker('risk-guard', parts.guard, { clock }),
      worker('executor', parts.executor, { clock }),
      worker('recovery', parts.recovery, { clock }),
      { type: 'supervisor', id: 'strategies', supervisor: strategies(parts) },
    ],
  };
};

const observer = ({ id, start }: ObserverPart): ChildSpec => ({
  type: 'supervisor',
  id,
  supervisor: {
    ...BUDGETS.observer,
    ...KEPT,
    onExhausted: 'park',
    children: [worker('host', start, { background: true })],
  },
});

export const tree = (parts: TreeParts): SupervisorSpec => ({
  ...BUDGETS.root,
  ...KEPT,
  children: [
    worker('journal', parts.journal, { shutdown: 15_000 }),
    {
      type: 'supervisor',
      id: 'observers',
      supervisor: {
        ...BUDGETS.observers,
        ...KEPT,
        children: [
          worker('auditor', parts.auditor, { background: true, shutdown: 30_000 }),
          ...parts.observers.map(observer),
        ],
      },
    },
    {
      type: 'supervisor',
      id: 'accounts',
      supervisor: {
        ...BUDGETS.accounts,
        ...KEPT,
        children: parts.accounts.map((account) => ({
          type: 'supervisor',
          id: account.login,
          supervisor: {
            ...BUDGETS.account,
            ...KEPT,
            onExhausted: 'park',
            children: [{ type: 'supervisor', id: 'desk', supervisor: desk(account) }],
          },
        })),
      },
    },
  ],
});
