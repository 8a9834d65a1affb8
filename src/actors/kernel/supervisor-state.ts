import { ChildTable } from './child-table.ts';
import type { ChildRule, Flags } from './supervisor-spec.ts';
import type { ActorStatus, AdminReply, ExitReason, Shutdown } from './types.ts';

/**
 * The supervisor as data. `pid` names one incarnation of one child; the core hands them out, so
 * that a notice about an incarnation long gone can be told from one about the living.
 */
export type ChildLife =
  | { readonly type: 'down' }
  /** `awaited`: the work under way waits for the end of its start, or for its end. */
  | {
      readonly type: 'up';
      readonly pid: number;
      readonly sinceMs: number;
      readonly awaited: boolean;
    }
  /** Waits for its retry. `counted`: that retry is in the restart window already. */
  | { readonly type: 'restarting'; readonly ticket: number; readonly counted: boolean };

export interface ChildState {
  readonly rule: ChildRule;
  readonly life: ChildLife;
  /** Stopped by an operator, and to stay so through group restarts. */
  readonly administrativelyDown: boolean;
  /** Back-offs given since the child last lived long enough. */
  readonly backoffs: number;
}

export type Step =
  | { readonly type: 'start'; readonly id: string }
  /** Several ids stop in parallel (simple_one_for_one); one id stops alone. */
  | { readonly type: 'stop'; readonly ids: readonly string[] };

/** Why the steps are taken: decides what a failure means and what follows the last one. */
export type Purpose =
  | { readonly type: 'boot' }
  | { readonly type: 'bootFailed'; readonly id: string; readonly reason: ExitReason }
  | { readonly type: 'restart' }
  | { readonly type: 'backoff'; readonly id: string; readonly delayMs: number }
  | { readonly type: 'exit'; readonly reason: ExitReason }
  | { readonly type: 'park' }
  | { readonly type: 'unpark'; readonly request: number }
  | { readonly type: 'startChild'; readonly request: number; readonly id: string }
  | { readonly type: 'restartChild'; readonly request: number; readonly id: string }
  | { readonly type: 'terminateChild'; readonly request: number; readonly id: string };

export interface Plan {
  readonly purpose: Purpose;
  readonly steps: readonly Step[];
  readonly at: number;
  /** How many children the current step waits for. */
  readonly waiting: number;
}

export interface CoreState {
  readonly flags: Flags;
  readonly children: ChildTable;
  /** Instants of the restarts inside the window, oldest first, ms of the kernel's clock. */
  readonly restarts: readonly number[];
  /** The work under way; everything but its own answers and `stop` waits meanwhile. */
  readonly plan: Plan | undefined;
  readonly parked: boolean;
  readonly ended: boolean;
  readonly nextPid: number;
  readonly nextTicket: number;
}

export type AdminVerb =
  | { readonly type: 'startChild'; readonly rule: ChildRule }
  | { readonly type: 'restartChild'; readonly id: string }
  | { readonly type: 'terminateChild'; readonly id: string }
  | { readonly type: 'deleteChild'; readonly id: string }
  | { readonly type: 'unpark' };

export type CoreEvent =
  | { readonly type: 'boot' }
  | { readonly type: 'started'; readonly id: string; readonly pid: number }
  | { readonly type: 'ignored'; readonly id: string; readonly pid: number }
  | {
      readonly type: 'failed';
      readonly id: string;
      readonly pid: number;
      readonly reason: ExitReason;
    }
  | {
      readonly type: 'exited';
      readonly id: string;
      readonly pid: number;
      readonly reason: ExitReason;
    }
  | { readonly type: 'retry'; readonly id: string; readonly ticket: number }
  | { readonly type: 'stop'; readonly reason: ExitReason }
  | { readonly type: 'admin'; readonly request: number; readonly verb: AdminVerb };

export type CoreCommand =
  | { readonly type: 'start'; readonly id: string; readonly pid: number }
  | {
      readonly type: 'stop';
      readonly id: string;
      readonly pid: number;
      readonly shutdown: Shutdown;
    }
  /** Hand back `retry` with this ticket after the delay; 0 means at the next turn. */
  | {
      readonly type: 'retry';
      readonly id: string;
      readonly ticket: number;
      readonly delayMs: number;
    }
  | { readonly type: 'reply'; readonly request: number; readonly reply: AdminReply<string> }
  /** The child is down for good, or until somebody asks for it. */
  | { readonly type: 'settle'; readonly id: string; readonly status: ActorStatus }
  /** The spec is gone too. */
  | { readonly type: 'forget'; readonly id: string }
  | { readonly type: 'ready' }
  | { readonly type: 'bootFailed'; readonly id: string; readonly reason: ExitReason }
  | { readonly type: 'exhausted'; readonly action: 'exit' | 'park' }
  | { readonly type: 'exit'; readonly reason: ExitReason };

export const newChild = (rule: ChildRule, administrativelyDown: boolean): ChildState => ({
  rule,
  life: { type: 'down' },
  administrativelyDown,
  backoffs: 0,
});

/** @param keptDown ids an operator had stopped before the supervisor itself was restarted. */
export const initialCore = (
  flags: Flags,
  rules: readonly ChildRule[],
  keptDown: ReadonlySet<string> = new Set(),
): CoreState => ({
  flags,
  children: ChildTable.of(
    rules.map((rule) => newChild(rule, flags.honourAdministrativelyDown && keptDown.has(rule.id))),
  ),
  restarts: [],
  plan: undefined,
  parked: false,
  ended: false,
  nextPid: 1,
  nextTicket: 1,
});

/** True while a start or stop is under way: other events have to wait in the mailbox. */
export const isBusy = (state: CoreState): boolean => state.plan !== undefined || state.ended;

/** True for the answers that the work under way waits for; they overtake the mailbox. */
export const isAwaited = (state: CoreState, id: string, pid: number): boolean => {
  const life = state.children.get(id)?.life;
  return state.plan !== undefined && life?.type === 'up' && life.pid === pid && life.awaited;
};

/** A child may die between its start and the moment its supervisor hears of that start. Such a
 * death is news for later; only a death that was ordered answers the work under way. */
export const isAwaitedEnd = (state: CoreState, id: string, pid: number): boolean =>
  state.plan?.steps[state.plan.at - 1]?.type === 'stop' && isAwaited(state, id, pid);

export const restartsLeft = (state: CoreState, nowMs: number): number => {
  const oldestMs = nowMs - state.flags.periodMs;
  const used = state.restarts.filter((atMs) => atMs >= oldestMs).length;
  return Math.max(0, state.flags.intensity - used);
};
