import type { Clock } from '../../domain/ports.ts';
import type { EpochMs } from '../../domain/units.ts';
import { Cell } from './cell.ts';
import { Deque } from './deque.ts';
import { SHUTDOWN } from './exit-reasons.ts';
import { KERNEL_LIMITS } from './kernel-limits.ts';
import type { KernelNode } from './kernel-node.ts';
import { SupervisorNode } from './supervisor.ts';
import type {
  ActorInfo,
  ExitReason,
  Message,
  SysLogEntry,
  SysReply,
  SysStatistics,
  SysVerbs,
} from './types.ts';

/** What is kept of one worker while somebody looks closely: a ring of messages, and listeners. */
class Probe {
  private readonly clock: Clock;
  private readonly ring = new Deque<SysLogEntry>();
  private readonly listeners = new Set<(entry: SysLogEntry) => void>();
  private size = 0;
  readonly sinceMs: EpochMs;

  constructor(clock: Clock) {
    this.clock = clock;
    this.sinceMs = clock.now();
  }

  /** Costs nothing while nobody looks: the cell then has no tap at all. */
  get tap(): ((message: Message) => void) | undefined {
    return this.size > 0 || this.listeners.size > 0 ? this.see : undefined;
  }

  private readonly see = (message: Message): void => {
    const entry: SysLogEntry = { at: this.clock.now(), message };
    if (this.size > 0) this.ring.push(entry);
    while (this.ring.length > this.size) this.ring.shift();
    for (const listener of [...this.listeners]) {
      try {
        listener(entry);
      } catch {
        // A tracer that throws must not crash the actor it looks at.
        this.listeners.delete(listener);
      }
    }
  };

  keep(size: number): void {
    this.size = size;
    while (this.ring.length > size) this.ring.shift();
  }

  entries(): readonly SysLogEntry[] {
    return Array.from({ length: this.ring.length }, (_, i) => this.ring.at(i)).flatMap(
      (entry) => entry ?? [],
    );
  }

  listen(listener: (entry: SysLogEntry) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}

type Target = Cell | SupervisorNode;

/** OTP's `sys` for every path of a system. */
export class SysDesk {
  private readonly clock: Clock;
  private readonly defer: (turn: () => void) => void;
  private readonly probes = new WeakMap<Cell, Probe>();

  constructor(clock: Clock, defer: (turn: () => void) => void) {
    this.clock = clock;
    this.defer = defer;
  }

  verbs(node: KernelNode | undefined): SysVerbs | undefined {
    if (!(node instanceof Cell || node instanceof SupervisorNode)) return undefined;
    const suspend = (value: boolean) => (timeoutMs: number) =>
      this.call(node, timeoutMs, () => setSuspended(node, value));
    return {
      ping: (timeoutMs) => this.call(node, timeoutMs, () => 'pong' as const),
      getState: (timeoutMs) => this.call(node, timeoutMs, () => stateOf(node)),
      getStatus: (timeoutMs) =>
        this.call(node, timeoutMs, () => ({ ...node.info(), suspended: node.suspended })),
      suspend: suspend(true),
      resume: suspend(false),
      statistics: (timeoutMs) => this.call(node, timeoutMs, () => this.statistics(node)),
      log: (timeoutMs, size = KERNEL_LIMITS.sysLogEvents) =>
        this.call(node, timeoutMs, () => this.probed(node, (probe) => probe.keep(size))),
      getLog: (timeoutMs) =>
        this.call(node, timeoutMs, () => this.probed(node, (probe) => probe.entries()) ?? []),
      trace: (listener) => this.trace(node, listener),
      terminate: (timeoutMs, reason = SHUTDOWN) =>
        this.call(node, timeoutMs, () => terminate(node, reason)),
    };
  }

  /**
   * Runs `read` in the actor's own turn: an answer proves that it still takes turns. After a
   * blocked event loop the timer comes before the turns that were held up, so a time-out counts
   * only when those have run and the answer is still missing.
   */
  private call<T>(node: Target, timeoutMs: number, read: () => T): Promise<SysReply<T>> {
    if (!node.alive) return Promise.resolve({ ok: false, error: 'dead' });
    return new Promise((resolve) => {
      const late = (): void => resolve({ ok: false, error: 'timeout' });
      const timer = this.clock.schedule(timeoutMs, () => this.defer(() => this.defer(late)));
      node.callSystem(() => {
        timer.cancel();
        resolve(node.alive ? { ok: true, value: read() } : { ok: false, error: 'dead' });
      });
    });
  }

  private probed<T>(node: Target, act: (probe: Probe) => T): T | undefined {
    if (!(node instanceof Cell)) return undefined;
    const probe = this.probes.get(node) ?? new Probe(this.clock);
    this.probes.set(node, probe);
    const result = act(probe);
    node.tap = probe.tap;
    return result;
  }

  private trace(node: Target, listener: (entry: SysLogEntry) => void): () => void {
    const stop = this.probed(node, (probe) => probe.listen(listener));
    return () => {
      stop?.();
      this.probed(node, () => undefined);
    };
  }

  private statistics(node: Target): SysStatistics {
    const { incarnation, restarts, mailboxDepth }: ActorInfo = node.info();
    return { handled: node.handled, incarnation, restarts, mailboxDepth };
  }
}

const stateOf = (node: Target): unknown =>
  node instanceof Cell ? node.describe(true) : node.state.children.list;

const setSuspended = (node: Target, suspended: boolean): void => {
  node.suspended = suspended;
};

const terminate = (node: Target, reason: ExitReason): void => node.exit(reason);
