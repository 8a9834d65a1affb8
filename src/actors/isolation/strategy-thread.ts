import { Worker } from 'node:worker_threads';
import { builtBeside } from '../../domain/built-file.ts';
import type { Clock, TimerHandle } from '../../domain/ports.ts';
import type { ThreadReply, ThreadRequest } from './engine-protocol.ts';
import { StrategyFault } from './errors.ts';
import { ISOLATION_LIMITS } from './isolation-limits.ts';

export interface ThreadOptions {
  readonly name: string;
  /** Wall clock. */
  readonly clock: Clock;
  /** Limit of the worker's heap. */
  readonly memoryMb: number;
  /** Resident bytes of the whole process. */
  readonly residentBytes: () => number;
  /** What the strategies print; never on our own stdout, which may be somebody's JSON. */
  readonly onOutput: (text: string) => void;
  /** Called once, when the thread is gone unasked; `told` are those whose request it failed. */
  readonly onDeath: (death: ThreadDeath, told: ReadonlySet<string>) => void;
}
export interface ThreadDeath {
  readonly reason: 'timedOut' | 'outOfMemory' | 'died';
  readonly detail: string;
  /** The strategy that was being asked; null when the thread died between two requests. */
  readonly culprit: string | null;
}

interface Job {
  readonly strategyId: string;
  readonly request: ThreadRequest;
  readonly transfer: readonly ArrayBuffer[];
  /** For people: `loading`, `60 ticks`. */
  readonly what: string;
  /** Wall milliseconds for the answer. */
  readonly deadlineMs: number;
  readonly resolve: (reply: ThreadReply) => void;
  readonly reject: (fault: StrategyFault) => void;
}

const BYTES_PER_MB = 1_048_576;

/**
 * Our end of one worker. Requests go out one at a time and wait here, so a deadline is that of the
 * strategy which is being asked, and whoever exceeds it is known by name.
 */
export class StrategyThread {
  readonly #options: ThreadOptions;
  readonly #worker: Worker;
  readonly #waiting: Job[] = [];
  readonly #exited: Promise<void>;
  #asking: Job | undefined;
  #booted = false;
  #watch: TimerHandle | undefined;
  #doom: ThreadDeath | undefined;
  #ended = false;
  #stopped = false;

  constructor(options: ThreadOptions) {
    this.#options = options;
    this.#worker = new Worker(builtBeside(import.meta.url, 'strategy-worker.js'), {
      name: options.name,
      // Isolation against faults, not against malice; but no fault may print a secret.
      env: {},
      argv: [],
      execArgv: [],
      stdin: false,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMb },
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) =>
        options.onOutput(text.slice(0, ISOLATION_LIMITS.outputLength)),
      );
    }
    this.#worker.on('message', (reply: ThreadReply) => this.#receive(reply));
    this.#worker.on('messageerror', (error) => this.#condemn('died', error.message));
    this.#worker.on('error', (error: Error & { readonly code?: string }) => this.#broke(error));
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#gone(code);
        resolve();
      });
    });
    const { bootMs } = ISOLATION_LIMITS;
    this.#watch = options.clock.schedule(bootMs, () =>
      this.#condemn('died', `the worker did not come up within ${bootMs} ms`),
    );
  }

  /** Rejects with StrategyFault, always after the thread is gone if it had to go. */
  ask(job: Omit<Job, 'resolve' | 'reject'>): Promise<ThreadReply> {
    return new Promise((resolve, reject) => {
      const whole = { ...job, resolve, reject };
      if (this.#ended || this.#stopped) {
        reject(this.#faultOf(whole, this.#doom ?? stopped));
        return;
      }
      this.#waiting.push(whole);
      this.#next();
    });
  }

  /** Told without an answer. */
  tell(request: ThreadRequest): void {
    if (!this.#ended) this.#worker.postMessage(request);
  }

  /** Ends the thread; resolves when it is gone. Whoever waits for an answer gets `died`. */
  stop(): Promise<void> {
    if (!this.#stopped) {
      this.#stopped = true;
      this.#watch?.cancel();
      void this.#worker.terminate();
    }
    return this.#exited;
  }

  #receive(reply: ThreadReply): void {
    if (this.#doom !== undefined || this.#stopped) return;
    if (reply.type === 'ready') {
      this.#booted = true;
      this.#watch?.cancel();
      this.#next();
      return;
    }
    const job = this.#asking;
    if (job === undefined) return;
    this.#watch?.cancel();
    this.#asking = undefined;
    if (reply.type === 'threw') {
      const { message: detail, stack: trace } = reply;
      job.reject(new StrategyFault({ reason: 'threw', strategyId: job.strategyId, detail, trace }));
    } else {
      job.resolve(reply);
    }
    this.#next();
  }

  #next(): void {
    if (!this.#booted || this.#asking !== undefined || this.#doom !== undefined) return;
    const job = this.#waiting.shift();
    if (job === undefined) return;
    this.#asking = job;
    this.#worker.postMessage(job.request, [...job.transfer]);
    this.#watchOver(job);
  }

  /** A slice that fires late counts once: only silence that we were awake to hear is silence. */
  #watchOver(job: Job): void {
    const { clock, memoryMb, residentBytes } = this.#options;
    const sliceMs = Math.min(ISOLATION_LIMITS.sliceMs, Math.max(1, job.deadlineMs / 4));
    const ceiling = residentBytes() + ISOLATION_LIMITS.growthFactor * memoryMb * BYTES_PER_MB;
    let silentMs = 0;
    const slice = (): void => {
      silentMs += sliceMs;
      if (silentMs >= job.deadlineMs) {
        const detail = `no answer to ${job.what} within ${job.deadlineMs} ms (an endless loop?)`;
        this.#condemn('timedOut', detail);
      } else if (residentBytes() > ceiling) {
        const grown = ISOLATION_LIMITS.growthFactor * memoryMb;
        this.#condemn('outOfMemory', `the process grew by ${grown} MB during ${job.what}`);
      } else {
        this.#watch = clock.schedule(sliceMs, slice);
      }
    };
    this.#watch = clock.schedule(sliceMs, slice);
  }

  /** The thread has to go. Nobody is told before it is gone: no two lives of a strategy overlap. */
  #condemn(reason: ThreadDeath['reason'], detail: string): void {
    if (this.#doom !== undefined || this.#stopped) return;
    this.#watch?.cancel();
    this.#doom = { reason, detail, culprit: this.#asking?.strategyId ?? null };
    void this.#worker.terminate();
    this.#watch = this.#options.clock.schedule(ISOLATION_LIMITS.graceMs, () => this.#gone(1));
  }

  #broke(error: Error & { readonly code?: string }): void {
    if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') {
      this.#condemn('died', `an error outside of any call: ${error.message}`);
      return;
    }
    const during = this.#asking === undefined ? '' : ` during ${this.#asking.what}`;
    const detail = `more than ${this.#options.memoryMb} MB of heap were wanted${during}`;
    this.#condemn('outOfMemory', detail);
  }

  #gone(code: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#watch?.cancel();
    const asking = this.#asking;
    const death: ThreadDeath = this.#doom ?? {
      reason: 'died',
      detail: this.#stopped ? stopped.detail : `the worker exited with code ${code}`,
      culprit: asking?.strategyId ?? null,
    };
    this.#asking = undefined;
    const lost = [...(asking === undefined ? [] : [asking]), ...this.#waiting.splice(0)];
    for (const job of lost) job.reject(this.#faultOf(job, death));
    const told = new Set(lost.map(({ strategyId }) => strategyId));
    if (!this.#stopped) this.#options.onDeath(death, told);
  }

  #faultOf(job: Pick<Job, 'strategyId'>, death: ThreadDeath): StrategyFault {
    return faultOf(job.strategyId, death, this.#options.name);
  }
}

const stopped: ThreadDeath = { reason: 'died', detail: 'the worker was stopped', culprit: null };

/** What a worker's end means to one of its strategies: its own doing, or that of a neighbour. */
export const faultOf = (strategyId: string, death: ThreadDeath, worker: string): StrategyFault => {
  const { culprit, reason, detail } = death;
  if (culprit === null || culprit === strategyId) {
    const told = `${detail}; worker ${worker} is gone`;
    return new StrategyFault({ reason, strategyId, detail: told });
  }
  const told = `it shared worker ${worker} with ${culprit}, which brought it down: ${detail}`;
  return new StrategyFault({ reason: 'shared', strategyId, detail: told });
};
