import { ambientDefer } from '../../src/actors/kernel/ambient-clock.ts';
import { createSeededRandom } from '../../src/actors/kernel/seeded-random.ts';
import { createSystem } from '../../src/actors/kernel/system.ts';
import type {
  Behaviour,
  ChildSpec,
  KernelEvent,
  Message,
  Restart,
  Shutdown,
  Strategy,
  SupervisorSpec,
  System,
} from '../../src/actors/kernel/types.ts';
import { advanceSettled, createVirtualClock } from '../../src/actors/kernel/virtual-clock.ts';
import { START_MS } from './kernel-world.ts';

/** A random tree, as data that shrinks well. */
export interface WorkerPlan {
  readonly type: 'worker';
  readonly restart: Restart;
  readonly shutdown: Shutdown;
  readonly init: 'sync' | 'async';
  /** How it cleans up: at once, after some ms of virtual time, or never. */
  readonly cleanUp: 'sync' | 'never' | number;
  readonly capacity: number;
  readonly overflow: 'reject' | 'dropOldest' | 'conflate';
  readonly whileDown: 'stash' | 'deadLetter';
  readonly poisonAfter: number;
  readonly backoffMs: number;
}
export interface SupervisorPlan {
  readonly type: 'supervisor';
  readonly strategy: Exclude<Strategy, 'simple_one_for_one'>;
  readonly intensity: number;
  readonly onExhausted: 'exit' | 'park';
  readonly children: readonly TreePlan[];
}
export type TreePlan = WorkerPlan | SupervisorPlan;

export type Fault =
  | { readonly type: 'send'; readonly at: number; readonly many: number }
  | { readonly type: 'crash' | 'leave' | 'stash' | 'kill' | 'watch'; readonly at: number }
  | { readonly type: 'failStarts'; readonly at: number; readonly many: number }
  | {
      readonly type: 'terminateChild' | 'restartChild' | 'deleteChild';
      readonly at: number;
    }
  | { readonly type: 'wait'; readonly ms: number }
  /** Lets the queues run dry before the next fault. */
  | { readonly type: 'settle' };

interface Numbered extends Message {
  readonly n: number;
}

/** The workers of a plan by path, in start order. */
export const workersOf = (plan: SupervisorPlan, prefix = ''): readonly [string, WorkerPlan][] =>
  plan.children.flatMap((child, index): readonly [string, WorkerPlan][] => {
    const path = `${prefix}c${index}`;
    return child.type === 'worker' ? [[path, child]] : workersOf(child, `${path}.`);
  });

/** A system running a plan, watched from outside: every birth, death, message and notice. */
export class Chaos {
  readonly system: System;
  readonly clock = createVirtualClock(START_MS);
  readonly events: KernelEvent[] = [];
  readonly log: string[] = [];
  readonly violations: string[] = [];
  readonly living = new Set<string>();
  readonly sent: number[] = [];
  readonly ends = new Map<number, string[]>();
  readonly downs = new Map<number, number>();
  readonly workers: readonly [string, WorkerPlan][];
  private readonly failing = new Map<string, number>();
  private watches = 0;

  constructor(plan: SupervisorPlan, seed: number, interleave: boolean) {
    this.workers = workersOf(plan, 'tree.');
    const random = createSeededRandom(seed);
    const watcher = { id: 'watcher', type: 'worker', start: () => this.watcher() };
    const tree = { id: 'tree', type: 'supervisor', supervisor: this.supervisorSpec(plan, 'tree.') };
    this.system = createSystem({
      name: 'chaos',
      root: { intensity: 1_000, children: [watcher, tree] as unknown as readonly ChildSpec[] },
      clock: this.clock,
      defer: ambientDefer,
      random: random.next,
      ...(interleave && { pick: (ready: number) => Math.floor(random.next() * ready) }),
    });
    this.system.subscribe((event) => this.hear(event));
  }

  async run(faults: readonly Fault[]): Promise<void> {
    await this.system.start();
    for (const fault of faults) await this.inflict(fault);
    await this.settle();
  }

  settle = async (): Promise<void> => {
    // Asynchronous clean-ups do not count for quiescence; one turn of the loop lets them end.
    await new Promise((resolve) => setImmediate(resolve));
    await this.system.quiescent();
  };

  pass = (ms: number): Promise<void> =>
    advanceSettled(this.clock, this.clock.now() + ms, this.settle);

  /** Shuts down and returns how much virtual time that took. */
  async shutdown(): Promise<number> {
    const from = this.clock.now();
    let down = false;
    const done = this.system.shutdown().then(() => {
      down = true;
    });
    // An init that is stopped half way goes on in microtasks, which no timer announces.
    for (let idle = 0; ; ) {
      await this.settle();
      if (down) break;
      const due = this.clock.nextDueAt();
      if (due !== undefined) this.clock.advanceTo(Math.max(due, this.clock.now()));
      idle = due === undefined ? idle + 1 : 0;
      if (idle > 20) throw new Error('the shutdown waits for nothing');
    }
    await done;
    return this.clock.now() - from;
  }

  private async inflict(fault: Fault): Promise<void> {
    if (fault.type === 'wait') return this.pass(fault.ms);
    if (fault.type === 'settle') return this.settle();
    const target = this.workers[fault.at % Math.max(1, this.workers.length)];
    if (target === undefined) return undefined;
    const [path] = target;
    switch (fault.type) {
      case 'send':
        for (let i = 0; i < fault.many; i += 1) this.send(path, 'work');
        return undefined;
      case 'crash':
      case 'leave':
      case 'stash':
        return this.send(path, fault.type);
      case 'kill':
        this.system.kill(path);
        return undefined;
      case 'failStarts':
        this.failing.set(path, fault.many);
        return undefined;
      case 'watch':
        this.watches += 1;
        this.downs.set(this.watches, 0);
        this.system.ref<Numbered>('watcher').send({ type: path, n: this.watches });
        return undefined;
      default:
        return this.administer(fault.type, path);
    }
  }

  private administer(
    verb: 'terminateChild' | 'restartChild' | 'deleteChild',
    path: string,
  ): undefined {
    const cut = path.lastIndexOf('.');
    // Nobody waits for the answer: a supervisor in the middle of a stop answers much later.
    void this.system.supervisor(path.slice(0, cut))?.[verb](path.slice(cut + 1));
    return undefined;
  }

  private send(path: string, type: string): void {
    const n = this.sent.length + 1;
    this.sent.push(n);
    this.system.ref<Numbered>(path).send({ type, n });
  }

  private hear(event: KernelEvent): void {
    this.events.push(event);
    if (event.type === 'deadLetter' && 'n' in event.message && event.path !== 'watcher') {
      this.end((event.message as Numbered).n, event.why);
    }
    if (event.type !== 'actor.exited') return;
    this.living.delete(event.path);
    const orphans = [...this.living].filter((path) => path.startsWith(`${event.path}.`));
    if (orphans.length > 0) this.violations.push(`S3: ${orphans} live under dead ${event.path}`);
  }

  private end(n: number, how: string): void {
    this.ends.set(n, [...(this.ends.get(n) ?? []), how]);
  }

  private watcher(): Behaviour<Numbered, null> {
    return {
      init: () => null,
      receive: (_, message, context) => {
        if (message.type === 'down') {
          this.downs.set(message.n, (this.downs.get(message.n) ?? 0) + 1);
        } else {
          const target = context.ref<Numbered>(message.type);
          context.monitor(target, () => ({ type: 'down', n: message.n }));
        }
        return null;
      },
    };
  }

  private supervisorSpec(plan: SupervisorPlan, prefix: string): SupervisorSpec {
    const { strategy, intensity, onExhausted, children } = plan;
    const specs = children.map((child, index): ChildSpec => {
      const id = `c${index}`;
      const path = `${prefix}${id}`;
      if (child.type === 'worker') return this.workerSpec(child, id, path);
      return { id, type: 'supervisor', supervisor: this.supervisorSpec(child, `${path}.`) };
    });
    return { strategy, intensity, periodMs: 1_000, onExhausted, children: specs };
  }

  private workerSpec(plan: WorkerPlan, id: string, path: string): ChildSpec {
    const { restart, shutdown, capacity, whileDown, poisonAfter, backoffMs } = plan;
    const overflow =
      plan.overflow === 'conflate'
        ? { type: plan.overflow, key: (message: Message) => message.type }
        : { type: plan.overflow };
    return {
      id,
      type: 'worker',
      restart,
      shutdown,
      mailbox: { capacity, overflow, whileDown, poisonAfter },
      ...(backoffMs > 0 && {
        backoff: { initialMs: backoffMs, maxMs: backoffMs * 4, healthyAfterMs: 10_000 },
      }),
      start: () => this.worker(path, plan),
    } as unknown as ChildSpec;
  }

  private worker(path: string, plan: WorkerPlan): Behaviour<Numbered, null> {
    const enter = (): null => {
      const failures = this.failing.get(path) ?? 0;
      this.failing.set(path, Math.max(0, failures - 1));
      if (failures > 0) {
        this.living.delete(path);
        throw new Error('no start');
      }
      this.log.push(`start ${path}`);
      return null;
    };
    return {
      init: () => {
        if (this.living.has(path)) this.violations.push(`S1: two incarnations of ${path}`);
        this.living.add(path);
        return plan.init === 'sync' ? enter() : Promise.resolve().then(enter);
      },
      receive: (_, message, context) => {
        if (message.type === 'crash') throw new Error('crash');
        if (message.type === 'leave') context.stop();
        if (message.type === 'stash') context.stash(message);
        else this.end(message.n, 'handled');
        return null;
      },
      terminate: (_, reason, context) => {
        this.log.push(`stop ${path} ${reason.type}`);
        if (plan.cleanUp === 'sync') return undefined;
        const { cleanUp } = plan;
        return new Promise<void>((resolve) => {
          if (cleanUp !== 'never') this.clock.schedule(cleanUp, resolve);
          void context;
        });
      },
    };
  }
}
