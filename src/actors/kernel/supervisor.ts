import { AdminRequests } from './admin-requests.ts';
import { Cell } from './cell.ts';
import { Deque } from './deque.ts';
import type { Entry } from './envelope.ts';
import { failedStart, KILLED, SHUTDOWN } from './exit-reasons.ts';
import {
  type ChildNotice,
  childPath,
  type Kernel,
  type KernelNode,
  type Parent,
  Watchers,
} from './kernel-node.ts';
import type { Runnable } from './run-queue.ts';
import { SupervisorChildren } from './supervisor-children.ts';
import { step } from './supervisor-core.ts';
import { flagsOf, isCounted, ruleOf } from './supervisor-spec.ts';
import {
  type AdminVerb,
  type CoreCommand,
  type CoreEvent,
  type CoreState,
  initialCore,
  isAwaitedEnd,
  isBusy,
  restartsLeft,
} from './supervisor-state.ts';
import { SupervisorTimers } from './supervisor-timers.ts';
import type {
  ActorInfo,
  ActorStatus,
  AdminReply,
  ChildSpec,
  ExitReason,
  Message,
  SupervisorSpec,
  WorkerSpec,
} from './types.ts';

type Query = { readonly type: 'query'; readonly run: () => void };
type InboxItem = CoreEvent | Query;

/**
 * The thin shell around the supervisor's core: it keeps the mailbox, carries out the commands and
 * hands back what came of them. It decides nothing.
 */
export class SupervisorNode implements KernelNode, Runnable, Parent {
  readonly path: string;
  readonly id: string;
  readonly type = 'supervisor';
  readonly counted: boolean;
  readonly watchers = new Watchers();
  readonly spec: SupervisorSpec;
  scheduled = false;
  status: ActorStatus = 'stopped';
  detached = false;
  /** Set by the sys verbs: its mailbox waits; orders and answers do not. */
  suspended = false;
  handled = 0;
  private readonly kernel: Kernel;
  private readonly parent: Parent;
  private readonly kids: SupervisorChildren;
  private readonly inbox = new Deque<InboxItem>();
  /** Answers to the work under way, and the order to stop: they overtake the inbox. */
  private readonly urgent = new Deque<InboxItem>();
  private readonly timers: SupervisorTimers;
  private readonly requests = new AdminRequests();
  private core: CoreState;
  private lives = 0;
  private pid = 0;
  private holding = false;

  constructor(kernel: Kernel, parent: Parent, path: string, spec: SupervisorSpec) {
    this.kernel = kernel;
    this.parent = parent;
    this.path = path;
    this.id = path.slice(path.lastIndexOf('.') + 1);
    this.spec = spec;
    this.timers = new SupervisorTimers(kernel.clock);
    this.counted = isCounted(spec);
    this.kids = new SupervisorChildren(kernel, path, spec, (at, child) => this.make(at, child));
    this.core = { ...initialCore(flagsOf(spec), []), ended: true };
  }

  get alive(): boolean {
    return this.status !== 'stopped' && this.status !== 'restarting' && !this.core.ended;
  }

  get incarnation(): number {
    return this.lives;
  }

  get state(): CoreState {
    return this.core;
  }

  readonly restartsLeft = (): number => restartsLeft(this.core, this.kernel.clock.now());

  /** A supervisor understands verbs, not messages. */
  deliver(entry: Entry): void {
    this.kernel.deadLetter(this.path, entry, 'down');
  }

  start(pid: number): void {
    this.lives += 1;
    this.pid = pid;
    this.suspended = false;
    this.status = 'starting';
    const simple = this.spec.strategy === 'simple_one_for_one';
    const rules = simple ? [] : this.spec.children.map(ruleOf);
    this.core = initialCore(flagsOf(this.spec), rules, this.kids.keptDown);
    this.kids.forgetDynamic();
    this.urgent.push({ type: 'boot' });
    this.kernel.queue.enqueue(this);
  }

  stop(pid: number, reason: ExitReason): void {
    if (!this.alive || pid !== this.pid) {
      this.parent.notify({ type: 'exited', id: this.id, pid, reason });
      return;
    }
    if (this.status !== 'starting') this.status = 'stopping';
    this.urgent.push({ type: 'stop', reason });
    this.kernel.queue.enqueue(this);
  }

  /** Ends by itself, as an actor that was told to. */
  exit(reason: ExitReason): void {
    this.stop(this.pid, reason);
  }

  kill(): void {
    if (!this.alive) return;
    this.core = { ...this.core, plan: undefined, ended: true };
    for (const node of this.kids.nodes.toReversed()) node.kill();
    this.end(KILLED);
  }

  readonly notify = (notice: ChildNotice): void => {
    if (this.core.ended) return;
    const { id, pid, type } = notice;
    if (type !== 'started') this.timers.dropGuard(pid);
    if (type !== 'exited' || isAwaitedEnd(this.core, id, pid)) this.urgent.push(notice);
    else this.inbox.push(notice);
    this.kernel.queue.enqueue(this);
  };

  // --- turns: answers first, then the mailbox unless work is under way ---

  hasWork(): boolean {
    return this.urgent.length > 0 || (this.inbox.length > 0 && !this.busy);
  }

  private get busy(): boolean {
    return this.suspended || isBusy(this.core);
  }

  run(budget: number): number {
    let done = 0;
    while (done < budget) {
      const urgent = this.urgent.shift();
      const item = urgent ?? (this.busy ? undefined : this.inbox.shift());
      if (item === undefined) break;
      if (item.type === 'query') item.run();
      else this.feed(item);
      done += 1;
      this.handled += 1;
    }
    this.holdWhileStarting();
    return done;
  }

  private feed(event: CoreEvent): void {
    const { state, commands } = step(this.core, event, this.kernel.clock.now());
    this.core = state;
    if (this.status === 'running' && state.parked) this.status = 'parked';
    else if (this.status === 'parked' && !state.parked) this.status = 'running';
    for (const command of commands) this.carryOut(command);
  }

  /** An init that takes its time keeps the system from being quiescent. A stop does not, because
   * what ends a stop that hangs is a timer; nor does a supervisor's start, which may have to
   * wait for such a stop and holds for its own workers. */
  private holdWhileStarting(): void {
    const { plan } = this.core;
    const current = plan?.steps[plan.at - 1];
    const starting = plan !== undefined && plan.waiting > 0 && current?.type === 'start';
    const node = starting ? this.kids.node(current.id) : undefined;
    const hold = node?.type === 'worker' && node.counted;
    if (hold === this.holding) return;
    this.holding = hold;
    if (hold) this.kernel.queue.hold();
    else this.kernel.queue.release();
  }

  private carryOut(command: CoreCommand): void {
    switch (command.type) {
      case 'start':
        this.startChild(command.id, command.pid);
        return;
      case 'stop':
        this.stopChild(command);
        return;
      case 'retry':
        this.scheduleRetry(command);
        return;
      case 'reply':
        this.requests.answer(command.request, command.reply);
        return;
      case 'settle':
        this.kids.settle(command.id, command.status);
        return;
      case 'forget':
        this.kids.forget(command.id);
        return;
      case 'ready':
        this.ready();
        return;
      case 'exhausted':
        this.publishExhausted(command.action);
        return;
      case 'bootFailed':
        this.end(command.reason, command.id);
        return;
      case 'exit':
        this.end(command.reason);
        return;
    }
  }

  private make(path: string, spec: ChildSpec): KernelNode {
    return spec.type === 'supervisor'
      ? new SupervisorNode(this.kernel, this, path, spec.supervisor)
      : new Cell(this.kernel, this, path, spec as unknown as WorkerSpec<Message, unknown>);
  }

  private startChild(id: string, pid: number): void {
    const purpose = this.core.plan?.purpose;
    const offered =
      purpose?.type === 'startChild' && purpose.id === id
        ? this.requests.offered(purpose.request)
        : undefined;
    this.kids.keptDown.delete(id);
    this.kids.resolve(id, offered)?.start(pid);
  }

  /** Puts a verb in the mailbox; the answer always comes, also from a supervisor that dies. */
  request(verb: AdminVerb, offered?: ChildSpec): Promise<AdminReply<string>> {
    if (!this.alive) return Promise.resolve({ ok: false, error: 'dead' });
    const { request, answered } = this.requests.open(offered);
    this.inbox.push({ type: 'admin', request, verb });
    this.kernel.queue.enqueue(this);
    return answered;
  }

  /** Reads between two pieces of work; undefined when the supervisor is dead by then. */
  query<T>(read: () => T): Promise<T | undefined> {
    if (!this.alive) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.inbox.push({ type: 'query', run: () => resolve(this.alive ? read() : undefined) });
      this.kernel.queue.enqueue(this);
    });
  }

  /** Runs in its own turn, also while work is under way. */
  callSystem(run: () => void): void {
    this.urgent.push({ type: 'query', run });
    this.kernel.queue.enqueue(this);
  }

  private stopChild(command: CoreCommand & { readonly type: 'stop' }): void {
    const node = this.kids.node(command.id);
    if (node === undefined) return;
    const { pid, shutdown } = command;
    if (shutdown === 'brutalKill') {
      if (node.alive) node.kill(true);
      else this.notify({ type: 'exited', id: command.id, pid, reason: SHUTDOWN });
      return;
    }
    if (shutdown !== 'infinity') this.timers.guard(pid, shutdown, () => node.kill());
    node.stop(pid, SHUTDOWN);
  }

  private scheduleRetry(command: CoreCommand & { readonly type: 'retry' }): void {
    const { id, ticket } = command;
    // A quarter more is drawn, so that children that died together do not return together.
    const delayMs = Math.round(command.delayMs * (1 + this.kernel.random() / 4));
    const path = childPath(this.path, id);
    const at = this.kernel.clock.now();
    this.kernel.publish({ type: 'actor.restartScheduled', path, delayMs, at });
    if (command.delayMs === 0) {
      this.inbox.push({ type: 'retry', id, ticket });
      return;
    }
    this.timers.later(delayMs, () => {
      this.inbox.push({ type: 'retry', id, ticket });
      this.kernel.queue.enqueue(this);
    });
  }

  private ready(): void {
    if (this.status === 'starting') this.status = 'running';
    const at = this.kernel.clock.now();
    const { path, lives: incarnation } = this;
    this.kernel.publish({ type: 'actor.started', path, incarnation, at });
    this.parent.notify({ type: 'started', id: this.id, pid: this.pid });
  }

  private publishExhausted(action: 'exit' | 'park'): void {
    const at = this.kernel.clock.now();
    this.kernel.publish({ type: 'supervisor.exhausted', path: this.path, action, at });
  }

  /** @param failedId the child whose first start failed, when this is a start that failed. */
  private end(reason: ExitReason, failedId?: string): void {
    const booted = this.status !== 'starting';
    this.status = 'restarting';
    this.timers.clear();
    this.requests.close();
    for (const item of [...this.urgent.drain(), ...this.inbox.drain()]) {
      if (item.type === 'query') item.run();
    }
    if (this.holding) this.kernel.queue.release();
    this.holding = false;
    const at = this.kernel.clock.now();
    const { path, lives: incarnation, pid } = this;
    if (booted) this.kernel.publish({ type: 'actor.exited', path, incarnation, reason, at });
    this.watchers.tell(reason);
    if (booted) {
      this.parent.notify({ type: 'exited', id: this.id, pid, reason });
      return;
    }
    const failure = failedId === undefined ? reason : failedStart(reason, failedId);
    this.parent.notify({ type: 'failed', id: this.id, pid, reason: failure });
  }

  settle(status: ActorStatus): void {
    if (this.alive) return;
    this.status = status;
    if (status === 'restarting') return;
    for (const node of this.kids.nodes) node.settle(status);
  }

  detach(): void {
    this.settle('stopped');
    this.detached = true;
    this.kids.forgetAll();
  }

  /** The spec of a child as it would be restarted. */
  childSpec(id: string): ChildSpec | undefined {
    return this.core.children.get(id) && this.kids.spec(id);
  }

  info(): ActorInfo {
    return {
      path: this.path,
      type: 'supervisor',
      status: this.status,
      incarnation: this.lives,
      restarts: Math.max(0, this.lives - 1),
      mailboxDepth: this.inbox.length,
      summary: undefined,
      budget: {
        intensity: this.core.flags.intensity,
        periodMs: this.core.flags.periodMs,
        left: this.restartsLeft(),
      },
    };
  }

  children(): readonly KernelNode[] {
    const { list } = this.core.children;
    if (list.length === 0) return this.kids.nodes;
    return list.flatMap((child) => this.kids.resolve(child.rule.id) ?? []);
  }
}
