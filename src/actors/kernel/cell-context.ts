import type { Clock, TimerHandle } from '../../domain/ports.ts';
import type { EpochMs } from '../../domain/units.ts';
import { KernelRef } from './actor-ref.ts';
import { sendRequest } from './ask.ts';
import type { Cell } from './cell.ts';
import { Envelope } from './envelope.ts';
import { crashOf, isAbnormal, NO_PROCESS, NORMAL } from './exit-reasons.ts';
import type { Incarnation } from './incarnation.ts';
import { resolvePath } from './kernel-node.ts';
import type {
  ActorContext,
  ActorRef,
  AskResult,
  ChartMove,
  ExitReason,
  Message,
  TaskResult,
} from './types.ts';

/** What one incarnation may do. Kept by a late callback, it has no power any more. */
export class CellContext implements ActorContext<Message> {
  readonly path: string;
  readonly incarnation: number;
  readonly self: ActorRef<Message>;
  closed = false;
  private readonly cell: Cell;
  private readonly life: Incarnation;
  private readonly launches: (() => void)[] = [];

  constructor(cell: Cell, life: Incarnation) {
    this.cell = cell;
    this.life = life;
    this.path = cell.path;
    this.incarnation = life.number;
    this.self = new KernelRef(cell.kernel, cell.path);
  }

  close(): void {
    this.closed = true;
    this.launches.length = 0;
  }

  readonly ref = <M extends Message>(path: string): ActorRef<M> =>
    new KernelRef(this.cell.kernel, resolvePath(this.path, path)) as unknown as ActorRef<M>;

  readonly now = (): EpochMs => this.cell.clock.now();

  readonly after = (
    delayMs: number,
    message: Message,
    options: { readonly key?: string; readonly clock?: Clock } = {},
  ): TimerHandle => {
    if (this.closed) return { cancel: () => undefined };
    const clock = options.clock ?? this.cell.clock;
    return this.life.after(clock, delayMs, message, options.key, (envelope) =>
      this.cell.deliver(envelope, true),
    );
  };

  readonly cancel = (key: string): void => this.life.cancelKey(key);

  readonly announce = (move: ChartMove): void => {
    if (this.closed) return;
    const { kernel, path } = this.cell;
    kernel.publish({ type: 'chart.moved', path, at: kernel.clock.now(), ...move });
  };

  readonly task = <T>(
    name: string,
    run: (signal: AbortSignal) => Promise<T>,
    done: (result: TaskResult<T>) => Message,
  ): void => {
    if (this.closed) return;
    this.launches.push(() => this.launch(name, run, done));
    // Outside a turn nobody would launch it later.
    if (!this.cell.inTurn) this.launchTasks();
  };

  /** Starts what a turn asked for, once it is known that the turn did not throw. */
  launchTasks(): void {
    if (this.launches.length === 0) return;
    for (const launch of this.launches.splice(0)) launch();
  }

  private launch<T>(
    name: string,
    run: (signal: AbortSignal) => Promise<T>,
    done: (result: TaskResult<T>) => Message,
  ): void {
    const { cell, life } = this;
    const { queue } = cell.kernel;
    const settle = (result: TaskResult<T>): void => {
      this.settleTask(name, () => done(result));
      if (cell.counted) queue.release();
    };
    if (cell.counted) queue.hold();
    let promise: Promise<T>;
    try {
      promise = Promise.resolve(run(life.signal));
    } catch (error) {
      promise = Promise.reject(error);
    }
    promise.then(
      (value) => settle({ ok: true, value }),
      (error: unknown) => settle({ ok: false, error }),
    );
  }

  private settleTask(name: string, make: () => Message): void {
    const { cell, life } = this;
    try {
      const message = make();
      if (life.alive) cell.deliver(new Envelope(message, life), true);
      else cell.kernel.deadLetter(this.path, message, 'stale');
    } catch (error) {
      if (life.alive) cell.deliverSystem({ type: 'exit', owner: life, reason: crashOf(error) });
      else cell.kernel.deadLetter(this.path, { type: `task.${name}` }, 'stale');
    }
  }

  readonly ask = <T, M extends Message>(
    target: ActorRef<M>,
    request: (reply: (value: T) => void) => M,
    timeoutMs: number,
    done: (result: AskResult<T>) => Message,
  ): void => {
    if (this.closed) return;
    const { cell, life } = this;
    const { clock } = cell;
    let settled = false;
    let forget: (() => void) | undefined;
    const cancel = sendRequest({
      target,
      message: request,
      clock,
      timeoutMs,
      settled: (result: AskResult<T>) => {
        settled = true;
        forget?.();
        this.settleTask('ask', () => done(result));
      },
    });
    // A dead receiver has answered by now.
    if (!settled) forget = life.onEnd(cancel);
  };

  readonly monitor = (target: ActorRef<never>, down: (reason: ExitReason) => Message) => {
    let active = !this.closed;
    const stop = this.watch(target, (reason) => {
      const make = (): Message | undefined => (active ? down(reason) : undefined);
      this.cell.deliverSystem({ type: 'message', owner: this.life, make });
    });
    return () => {
      active = false;
      stop();
    };
  };

  readonly link = (target: ActorRef<never>): void => {
    this.watch(target, (reason) => {
      if (!isAbnormal(reason)) return;
      this.cell.deliverSystem({ type: 'exit', owner: this.life, reason });
    });
  };

  private watch(target: ActorRef<never>, listener: (reason: ExitReason) => void): () => void {
    if (this.closed) return () => undefined;
    const { life } = this;
    const node = this.cell.kernel.nodes.get(target.path);
    if (node === undefined) {
      listener(NO_PROCESS);
      return () => undefined;
    }
    const { watchers } = node;
    const forget = life.onEnd(() => watchers.remove(told));
    const told = (reason: ExitReason): void => {
      forget();
      listener(reason);
    };
    watchers.add(told, node.alive);
    return () => {
      forget();
      watchers.remove(told);
    };
  }

  readonly stash = (message: Message): void => {
    if (!this.closed) this.cell.stash(message);
  };

  readonly unstashAll = (): void => {
    if (!this.closed) this.cell.unstashAll();
  };

  readonly stop = (reason: ExitReason = NORMAL): void => {
    if (!this.closed) this.cell.wishStop(reason);
  };
}
