import type { Clock } from '../../domain/ports.ts';
import { CellContext } from './cell-context.ts';
import { CellInbox, type SystemItem } from './cell-inbox.ts';
import { type AnyBehaviour, describeState } from './cell-state.ts';
import { closeWithin } from './closing.ts';
import { type Entry, Envelope, messageOf } from './envelope.ts';
import { crashOf, isAbnormal, KILLED, NORMAL } from './exit-reasons.ts';
import { Incarnation } from './incarnation.ts';
import { KERNEL_LIMITS } from './kernel-limits.ts';
import { type Kernel, type KernelNode, type Parent, Watchers } from './kernel-node.ts';
import type { Runnable } from './run-queue.ts';
import {
  type ActorInfo,
  type ActorStatus,
  type CrashReport,
  type ExitReason,
  IGNORE,
  type Message,
  type WorkerSpec,
} from './types.ts';

/** One worker path: a mailbox that stays, and the incarnations that serve it one by one. */
export class Cell implements KernelNode, Runnable {
  readonly path: string;
  readonly id: string;
  readonly type = 'worker';
  readonly counted: boolean;
  readonly clock: Clock;
  readonly kernel: Kernel;
  readonly watchers = new Watchers();
  scheduled = false;
  status: ActorStatus = 'stopped';
  detached = false;
  suspended = false;
  handled = 0;
  /** Sees every message just before it is handled; set by the sys verbs only. */
  tap: ((message: Message) => void) | undefined;
  private readonly spec: WorkerSpec<Message, unknown>;
  private readonly parent: Parent;
  private readonly inbox: CellInbox;
  private life: Incarnation | undefined;
  private lives = 0;
  private behaviour: AnyBehaviour | undefined;
  private context: CellContext | undefined;
  private state: unknown;
  private current: Entry | undefined;
  private stopWish: ExitReason | undefined;

  constructor(kernel: Kernel, parent: Parent, path: string, spec: WorkerSpec<Message, unknown>) {
    this.kernel = kernel;
    this.parent = parent;
    this.path = path;
    this.id = path.slice(path.lastIndexOf('.') + 1);
    this.spec = spec;
    this.counted = spec.background !== true;
    this.clock = spec.clock ?? kernel.clock;
    this.inbox = new CellInbox(kernel, path, spec.mailbox);
  }

  get incarnation(): number {
    return this.lives;
  }

  get alive(): boolean {
    return this.life?.alive === true;
  }

  deliver(entry: Entry, owed = false): void {
    if (!this.accepts()) {
      this.kernel.deadLetter(this.path, entry, 'down');
      return;
    }
    this.inbox.push(entry, owed);
    if (this.status === 'running' && !this.suspended) this.kernel.queue.enqueue(this);
  }

  deliverSystem(item: SystemItem): void {
    this.inbox.pushSystem(item);
    this.kernel.queue.enqueue(this);
  }

  /** Runs in the actor's own turn, ahead of its messages. */
  callSystem(run: () => void): void {
    this.deliverSystem({ type: 'call', run });
  }

  exit(reason: ExitReason): void {
    this.deliverSystem({ type: 'stop', reason });
  }

  private accepts(): boolean {
    if (this.status === 'running' || this.status === 'starting') return true;
    const between = this.status === 'stopping' || this.status === 'restarting';
    return between && this.inbox.keepsWhileDown;
  }

  hasWork(): boolean {
    if (this.inbox.urgent) return true;
    return this.status === 'running' && !this.suspended && this.inbox.waiting;
  }

  run(budget: number): number {
    let done = 0;
    while (done < budget) {
      const item = this.inbox.nextSystem();
      if (item !== undefined) {
        this.handleSystem(item);
      } else {
        if (this.status !== 'running' || this.suspended) break;
        const entry = this.inbox.next();
        if (entry === undefined) break;
        this.handle(entry);
      }
      done += 1;
    }
    return done;
  }

  private handleSystem(item: SystemItem): void {
    switch (item.type) {
      case 'stop':
        this.end(item.reason);
        return;
      case 'call':
        item.run();
        return;
      case 'exit':
        if (item.owner !== this.life) return;
        if (this.status === 'starting') this.startFailed(item.owner, item.reason);
        else this.crash(item.reason, undefined);
        return;
      case 'message':
        this.handleMade(item.owner, item.make);
        return;
    }
  }

  private handleMade(owner: Incarnation, make: () => Message | undefined): void {
    // While it starts or is suspended, the notice waits in the ordinary lanes.
    if (!owner.alive || owner !== this.life) return;
    try {
      const message = make();
      if (message === undefined) return;
      const entry = new Envelope(message, owner);
      if (this.status === 'running' && !this.suspended) this.handle(entry);
      else this.deliver(entry, true);
    } catch (error) {
      this.crash(crashOf(error), undefined);
    }
  }

  private handle(entry: Entry): void {
    const { behaviour, context } = this;
    if (behaviour === undefined || context === undefined) return;
    if (entry instanceof Envelope && !this.open(entry)) return;
    const message = messageOf(entry);
    this.current = entry;
    this.tap?.(message);
    try {
      this.state = behaviour.receive(this.state, message, context);
    } catch (error) {
      this.current = undefined;
      this.crash(crashOf(error), entry);
      return;
    }
    this.current = undefined;
    if (context.closed) return;
    this.handled += 1;
    this.inbox.handled(message);
    context.launchTasks();
    if (this.stopWish !== undefined) this.end(this.stopWish);
  }

  /** False when the entry is not to be handled: cancelled, or meant for an earlier life. */
  private open(entry: Envelope): boolean {
    if (entry.cancelled) return false;
    if (entry.owner !== undefined && entry.owner !== this.life) {
      this.kernel.deadLetter(this.path, entry, 'stale');
      return false;
    }
    entry.owner?.handled(entry);
    if (entry.ask !== undefined) this.life?.take(entry.ask);
    return true;
  }

  /** True while an init or a receive is under way. */
  get inTurn(): boolean {
    return this.current !== undefined || this.status === 'starting';
  }

  stash(message: Message): void {
    this.inbox.stash(message, this.current);
  }

  unstashAll(): void {
    this.inbox.unstashAll();
    if (this.hasWork()) this.kernel.queue.enqueue(this);
  }

  wishStop(reason: ExitReason): void {
    if (this.current === undefined && this.status === 'running') {
      // Asked for outside a turn (a late callback): there is no message to finish first.
      this.deliverSystem({ type: 'stop', reason });
      return;
    }
    this.stopWish ??= reason;
  }

  start(pid: number): void {
    this.lives += 1;
    const life = new Incarnation(this.lives, pid);
    this.life = life;
    this.status = 'starting';
    this.stopWish = undefined;
    this.suspended = false;
    const context = new CellContext(this, life);
    this.context = context;
    try {
      this.behaviour = this.spec.start();
      const first = this.behaviour.init(context);
      if (first instanceof Promise) {
        first.then(
          (state) => this.started(life, state),
          (error) => this.startFailed(life, crashOf(error)),
        );
      } else {
        this.started(life, first);
      }
    } catch (error) {
      this.startFailed(life, crashOf(error));
    }
  }

  private started(life: Incarnation, state: unknown): void {
    // Killed while its init was still under way: nobody waits for this answer any more.
    if (!life.alive) return;
    if (state === IGNORE) {
      this.bury(life);
      this.watchers.tell(NORMAL);
      this.parent.notify({ type: 'ignored', id: this.id, pid: life.pid });
      return;
    }
    this.state = state;
    this.status = 'running';
    const { number: incarnation } = life;
    const at = this.kernel.clock.now();
    this.kernel.publish({ type: 'actor.started', path: this.path, incarnation, at });
    this.parent.notify({ type: 'started', id: this.id, pid: life.pid });
    this.context?.launchTasks();
    if (this.stopWish !== undefined) this.deliverSystem({ type: 'stop', reason: this.stopWish });
    else if (this.hasWork()) this.kernel.queue.enqueue(this);
  }

  private startFailed(life: Incarnation, reason: ExitReason): void {
    if (!life.alive) return;
    this.report(life, reason, undefined);
    this.startAborted(life, reason);
  }

  private startAborted(life: Incarnation, reason: ExitReason = KILLED): void {
    this.bury(life);
    this.publishExit(life, reason);
    this.watchers.tell(reason);
    this.parent.notify({ type: 'failed', id: this.id, pid: life.pid, reason });
  }

  stop(pid: number, reason: ExitReason): void {
    if (!this.alive || this.life?.pid !== pid) {
      this.parent.notify({ type: 'exited', id: this.id, pid, reason });
    } else if (this.status === 'starting') {
      // The init goes on; its end, or the kill after the budget, answers.
      this.stopWish = reason;
    } else if (this.status === 'running') {
      this.deliverSystem({ type: 'stop', reason });
    }
  }

  kill(expected = false): void {
    const { life } = this;
    if (life?.alive !== true) return;
    if (!expected) this.report(life, KILLED, this.current && messageOf(this.current));
    if (this.status === 'starting') this.startAborted(life);
    else this.finish(life, KILLED);
  }

  private crash(reason: ExitReason, entry: Entry | undefined): void {
    const { life } = this;
    if (life === undefined || !life.alive || this.status === 'stopping') return;
    const message = entry && messageOf(entry);
    if (entry !== undefined) this.inbox.crashed(entry, reason);
    this.report(life, reason, message);
    this.end(reason);
  }

  /** Lets the actor clean up, within its budget. */
  private end(reason: ExitReason): void {
    const { life, behaviour, context } = this;
    if (life === undefined || !life.alive || this.status === 'stopping') return;
    if (behaviour === undefined || context === undefined) return;
    this.status = 'stopping';
    context.close();
    life.cancelTimers();
    closeWithin({
      clock: this.kernel.clock,
      budget: this.spec.shutdown ?? KERNEL_LIMITS.workerShutdownMs,
      life,
      close: () => behaviour.terminate?.(this.state, reason, context),
      done: () => this.finish(life, reason),
      threw: (error) => this.finish(life, this.worse(life, reason, error)),
      late: () => this.kill(),
    });
  }

  /** A throw in `terminate` is news unless the actor was crashing anyway. */
  private worse(life: Incarnation, reason: ExitReason, error: unknown): ExitReason {
    if (!life.alive || isAbnormal(reason)) return reason;
    const crash = crashOf(error);
    this.report(life, crash, undefined);
    return crash;
  }

  private finish(life: Incarnation, reason: ExitReason): void {
    if (!life.alive) return;
    this.bury(life);
    this.publishExit(life, reason);
    this.watchers.tell(reason);
    this.parent.notify({ type: 'exited', id: this.id, pid: life.pid, reason });
  }

  private publishExit(life: Incarnation, reason: ExitReason): void {
    const { number: incarnation } = life;
    const at = this.kernel.clock.now();
    this.kernel.publish({ type: 'actor.exited', path: this.path, incarnation, reason, at });
  }

  /** Messages stay for the next incarnation until the supervisor says that there is none. */
  private bury(life: Incarnation): void {
    this.status = 'restarting';
    life.revoke();
    this.context?.close();
    this.context = undefined;
    this.behaviour = undefined;
    this.state = undefined;
    this.stopWish = undefined;
    this.inbox.endLife();
  }

  settle(status: ActorStatus): void {
    if (this.alive) return;
    this.status = status;
    if (status !== 'restarting') this.inbox.flush();
  }

  detach(): void {
    this.settle('stopped');
    this.detached = true;
  }

  private report(life: Incarnation, reason: ExitReason, message: Message | undefined): void {
    const report: CrashReport = {
      path: this.path,
      incarnation: life.number,
      reason,
      state: this.describe(true),
      message,
      mailboxDepth: this.inbox.depth,
      restartsLeft: this.parent.restartsLeft(),
    };
    this.kernel.publish({ type: 'actor.crashed', report, at: this.kernel.clock.now() });
  }

  /** The state as people may see it; the raw one only where asked for (crash report, getState). */
  describe(raw: boolean): unknown {
    const { behaviour, state } = this;
    return behaviour && describeState(behaviour, state, raw);
  }

  info(): ActorInfo {
    return {
      path: this.path,
      type: 'worker',
      status: this.status,
      incarnation: this.lives,
      restarts: Math.max(0, this.lives - 1),
      mailboxDepth: this.inbox.depth,
      summary: this.describe(false),
    };
  }

  children(): readonly KernelNode[] {
    return [];
  }
}
