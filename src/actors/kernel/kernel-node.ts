import type { Clock } from '../../domain/ports.ts';
import type { Entry } from './envelope.ts';
import { NO_PROCESS } from './exit-reasons.ts';
import type { RunQueue } from './run-queue.ts';
import type { CoreEvent } from './supervisor-state.ts';
import type { ActorInfo, ActorStatus, ExitReason, KernelEvent } from './types.ts';

export type DeadLetterReason = 'down' | 'overflow' | 'stale' | 'poison';

/** What cells and supervisors need of the system around them. */
export interface Kernel {
  readonly clock: Clock;
  readonly random: () => number;
  readonly queue: RunQueue;
  readonly nodes: Map<string, KernelNode>;
  readonly publish: (event: KernelEvent) => void;
  readonly deadLetter: (path: string, entry: Entry, why: DeadLetterReason, stack?: string) => void;
}

/** What a child tells its supervisor: the answers to `start`, and its end. */
export type ChildNotice = Extract<CoreEvent, { type: 'started' | 'ignored' | 'failed' | 'exited' }>;

export interface Parent {
  readonly path: string;
  readonly notify: (notice: ChildNotice) => void;
  readonly restartsLeft: () => number;
}

/** One path of the tree. It outlives the incarnations that live in it, one after the other. */
export interface KernelNode {
  readonly path: string;
  readonly type: 'worker' | 'supervisor';
  readonly counted: boolean;
  readonly status: ActorStatus;
  readonly watchers: Watchers;
  /** True once its spec is gone: references must look the path up again. */
  readonly detached: boolean;
  readonly alive: boolean;
  readonly deliver: (entry: Entry, owed?: boolean) => void;
  readonly start: (pid: number) => void;
  /** Asks it to end; the answer is `exited`, at once when nothing lives here. */
  readonly stop: (pid: number, reason: ExitReason) => void;
  /** Ends it now. Nothing it started can act any more. `expected`: by its own spec, no news. */
  readonly kill: (expected?: boolean) => void;
  /** No incarnation will follow soon: whatever waits for one is a dead letter. */
  readonly settle: (status: ActorStatus) => void;
  readonly detach: () => void;
  readonly info: () => ActorInfo;
  /** In start order. */
  readonly children: () => readonly KernelNode[];
}

export type DownListener = (reason: ExitReason) => void;

/** Who wants to hear of the end of the incarnation that lives at a path. */
export class Watchers {
  private readonly listeners = new Set<DownListener>();
  private lastReason: ExitReason = NO_PROCESS;

  /** A dead target answers at once, with the reason it died of. */
  add(listener: DownListener, alive: boolean): void {
    if (alive) this.listeners.add(listener);
    else listener(this.lastReason);
  }

  remove(listener: DownListener): void {
    this.listeners.delete(listener);
  }

  /** Each listener hears it once: a new incarnation has to be watched anew. */
  tell(reason: ExitReason): void {
    this.lastReason = reason;
    const listeners = [...this.listeners];
    this.listeners.clear();
    for (const listener of listeners) listener(reason);
  }
}

export const childPath = (parent: string, id: string): string =>
  parent === '' ? id : `${parent}.${id}`;

/** Resolves `./child` and `../sibling` against a path; anything else is absolute. */
export const resolvePath = (from: string, path: string): string => {
  if (!path.startsWith('./') && !path.startsWith('../')) return path;
  const segments = from === '' ? [] : from.split('.');
  let rest = path;
  while (rest.startsWith('../')) {
    segments.pop();
    rest = rest.slice(3);
  }
  return [...segments, rest.startsWith('./') ? rest.slice(2) : rest].join('.');
};
