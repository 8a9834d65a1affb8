import { KernelRef } from './actor-ref.ts';
import { sendRequest } from './ask.ts';
import { type Entry, Envelope, messageOf } from './envelope.ts';
import { describeReason, SHUTDOWN } from './exit-reasons.ts';
import type { ChildNotice, DeadLetterReason, Kernel, KernelNode } from './kernel-node.ts';
import { RunQueue } from './run-queue.ts';
import { SupervisorNode } from './supervisor.ts';
import { adminOf } from './supervisor-admin.ts';
import { validateSupervisor } from './supervisor-spec.ts';
import { SysDesk } from './sys-verbs.ts';
import type {
  ActorInfo,
  ActorRef,
  AskResult,
  CreateSystem,
  ExitReason,
  KernelEvent,
  Message,
  SystemOptions,
} from './types.ts';

/** The tree did not come up: a first start failed, or it was shut down on the way. What had been
 * started is stopped again. */
export class SystemStartError extends Error {
  readonly code = 'system_start_failed';
  readonly reason: ExitReason;

  constructor(name: string, reason: ExitReason) {
    super(`system '${name}' did not start: ${describeReason(reason)}`);
    this.name = 'SystemStartError';
    this.reason = reason;
  }
}

/** Subscribers are told in order, each on its own: one that throws stops nobody. */
class EventStream {
  private readonly listeners = new Set<(event: KernelEvent) => void>();
  private readonly now: () => KernelEvent['at'];
  /** Events published by a listener wait until everybody has heard the one before. */
  private readonly waiting: KernelEvent[] = [];
  private telling = false;

  constructor(now: () => KernelEvent['at']) {
    this.now = now;
  }

  subscribe(listener: (event: KernelEvent) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  readonly publish = (event: KernelEvent): void => {
    if (this.listeners.size === 0) return;
    this.waiting.push(event);
    if (this.telling) return;
    this.telling = true;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      for (const listener of [...this.listeners]) this.tell(listener, next);
    }
    this.telling = false;
  };

  private tell(listener: (event: KernelEvent) => void, event: KernelEvent): void {
    try {
      listener(event);
    } catch (error) {
      // A listener that throws at everything must not be told of its own throw for ever.
      if (event.type === 'listener.threw') return;
      this.waiting.push({ type: 'listener.threw', message: String(error), at: this.now() });
    }
  }
}

const createKernel = (options: SystemOptions, events: EventStream): Kernel => {
  const { clock } = options;
  const deadLetter = (path: string, entry: Entry, why: DeadLetterReason, stack?: string): void => {
    const message = messageOf(entry);
    const at = clock.now();
    const event = { type: 'deadLetter', path, message, why, at } as const;
    events.publish(stack === undefined ? event : { ...event, stack });
    const ask = entry instanceof Envelope ? entry.ask : undefined;
    ask?.settle({ ok: false, error: why === 'overflow' ? 'overflow' : 'dead' });
  };
  return {
    clock,
    random: options.random,
    queue: new RunQueue(options.defer, options.pick),
    nodes: new Map(),
    publish: events.publish,
    deadLetter,
  };
};

const listing = (node: KernelNode): ActorInfo[] => [
  node.info(),
  ...node.children().flatMap(listing),
];

/** The tree's root and the two promises about it: that it is up, and that it has ended. */
class Root {
  readonly ended: Promise<ExitReason>;
  readonly node: SupervisorNode;
  private resolveEnded: (reason: ExitReason) => void = () => undefined;
  private up: { resolve: () => void; reject: (error: Error) => void } | undefined;
  private readonly name: string;

  constructor(kernel: Kernel, options: SystemOptions) {
    this.name = options.name;
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
    const parent = { path: '', restartsLeft: () => 0, notify: (n: ChildNotice) => this.hear(n) };
    this.node = new SupervisorNode(kernel, parent, '', options.root);
    kernel.nodes.set('', this.node);
  }

  start(): Promise<void> {
    if (this.up !== undefined) {
      return Promise.reject(new Error(`system '${this.name}' was started before`));
    }
    return new Promise((resolve, reject) => {
      this.up = { resolve, reject };
      this.node.start(1);
    });
  }

  async shutdown(): Promise<void> {
    if (this.up === undefined) this.hear({ type: 'exited', id: '', pid: 1, reason: SHUTDOWN });
    else if (this.node.alive) this.node.stop(1, SHUTDOWN);
    await this.ended;
  }

  private hear(notice: ChildNotice): void {
    if (notice.type === 'started') {
      this.up?.resolve();
      return;
    }
    const reason = 'reason' in notice ? notice.reason : SHUTDOWN;
    this.node.settle('stopped');
    this.up ??= { resolve: () => undefined, reject: () => undefined };
    this.up.reject(new SystemStartError(this.name, reason));
    this.resolveEnded(reason);
  }
}

/**
 * A tree of actors under one root supervisor. Throws SupervisorSpecError for a value that would
 * be refused anywhere in the tree; nothing runs before `start`.
 */
export const createSystem: CreateSystem = (options) => {
  validateSupervisor(options.root, '');
  const { clock } = options;
  const events = new EventStream(clock.now);
  const kernel = createKernel(options, events);
  const root = new Root(kernel, options);
  const { nodes, queue } = kernel;
  const sys = new SysDesk(clock, options.defer);

  const ask = <T, M extends Message>(
    target: ActorRef<M>,
    request: (reply: (value: T) => void) => M,
    timeoutMs: number,
  ): Promise<AskResult<T>> =>
    new Promise((settled) => {
      sendRequest<T, M>({ target, message: request, clock, timeoutMs, settled });
    });

  return {
    start: () => root.start(),
    ref: <M extends Message>(path: string) => new KernelRef(kernel, path) as unknown as ActorRef<M>,
    info: (path) => nodes.get(path)?.info(),
    tree: () => root.node.children().flatMap(listing),
    supervisor: (path) => {
      const node = nodes.get(path);
      return node instanceof SupervisorNode ? adminOf(node) : undefined;
    },
    subscribe: (listener) => events.subscribe(listener),
    ask,
    kill: (path) => {
      const node = nodes.get(path);
      if (node === undefined || !node.alive) return false;
      node.kill();
      return true;
    },
    sys: (path) => sys.verbs(nodes.get(path)),
    quiescent: () => queue.quiescent(),
    shutdown: () => root.shutdown(),
    ended: root.ended,
  };
};
