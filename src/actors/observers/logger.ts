import { Worker } from 'node:worker_threads';
import { builtBeside } from '../../domain/built-file.ts';
import { LOG_LEVELS, type LogLevel } from '../../domain/log-level.ts';
import type { Clock } from '../../domain/ports.ts';
import {
  type FromLog,
  LOG_LIMITS,
  type LogLine,
  type LogThreadData,
  type ToLog,
} from '../../telemetry/log/log-line.ts';
import type { ActorContext, Behaviour, TaskResult } from '../kernel/types.ts';

export interface LoggerOptions {
  readonly thread: LogThreadData;
  readonly wall: Clock;
  /** Returns the end of listening. */
  readonly onLine: (listener: (line: LogLine) => void) => () => void;
  readonly note: (notice: {
    readonly severity: 'info' | 'warning';
    readonly code: string;
    readonly detail: string;
  }) => void;
}

export type LoggerMessage =
  | { readonly type: 'thread.opened'; readonly opened: TaskResult<Worker> }
  | { readonly type: 'lines.due' }
  /** `incarnation` is the life of the actor that the thread belongs to. */
  | { readonly type: 'thread.said'; readonly incarnation: number; readonly said: FromLog }
  | { readonly type: 'thread.ended'; readonly incarnation: number; readonly reason: string };

/** Lines that wait for the next message to the thread; changed in place, because it is asked for at
 * every line and shared with the listener. */
interface Queue {
  lines: LogLine[];
  left: number;
  /** On their way to the disk, or waiting here. */
  waiting: number;
}
export interface LoggerState {
  readonly queue: Queue;
  readonly release: () => void;
  /** Null until it is ready, and after its end. */
  thread: Worker | null;
  readonly written: number;
}
type Context = ActorContext<LoggerMessage>;

const isWanted = (least: LogLevel, level: LogLevel): boolean =>
  LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);

/**
 * The observer that writes the log. It collects lines and hands them to a thread of its own, where
 * everything slow happens. A thread that hangs on a disk fills a bounded queue and nothing else.
 */
export const logger = (options: LoggerOptions): Behaviour<LoggerMessage, LoggerState> => ({
  init: (context) => {
    const queue: Queue = { lines: [], left: 0, waiting: 0 };
    context.task(
      'starting the thread',
      (signal) => open(options.thread, signal),
      (opened) => ({ type: 'thread.opened', opened }),
    );
    const release = options.onLine((line) => {
      if (!isWanted(options.thread.level, line.level)) return;
      if (queue.waiting >= LOG_LIMITS.linesWaiting) {
        queue.left += 1;
        return;
      }
      queue.waiting += 1;
      queue.lines.push(line);
      if (queue.lines.length === 1) context.self.send({ type: 'lines.due' });
    });
    return { queue, release, thread: null, written: 0 };
  },
  receive: (state, message, context) => {
    switch (message.type) {
      case 'thread.opened':
        if (!message.opened.ok) throw message.opened.error;
        listen(message.opened.value, context);
        state.thread = message.opened.value;
        pass(state);
        return state;
      case 'lines.due':
        pass(state);
        return state;
      case 'thread.said':
        return message.incarnation === context.incarnation
          ? hear(state, message.said, options)
          : state;
      case 'thread.ended':
        // The end of an earlier life's thread is no news.
        if (message.incarnation !== context.incarnation) return state;
        state.thread = null;
        throw new Error(message.reason);
    }
  },
  terminate: async (state) => {
    state.release();
    pass(state);
    if (state.thread !== null) await close(state.thread, options.wall);
  },
  summary: ({ written, queue }) => ({ written, waiting: queue.waiting }),
});

/** Hands over everything that waits, once there is somebody to take it. */
const pass = ({ thread, queue }: LoggerState): void => {
  if (thread === null || queue.lines.length === 0) return;
  const { lines, left } = queue;
  queue.lines = [];
  queue.left = 0;
  say(thread, { type: 'lines', lines, left });
};

const say = (thread: Worker, message: ToLog): void => thread.postMessage(message);

const hear = (state: LoggerState, said: FromLog, { note }: LoggerOptions): LoggerState => {
  switch (said.type) {
    case 'taken':
      state.queue.waiting -= said.lines;
      return { ...state, written: state.written + said.lines };
    case 'failed':
      note({ severity: 'warning', code: 'log.failed', detail: said.reason });
      return state;
    case 'resumed':
      note({
        severity: 'info',
        code: 'log.resumed',
        detail: `the log is written again; ${said.lost} lines are missing`,
      });
      return state;
    case 'ready':
    case 'closed':
      return state;
  }
};

/** Resolves when the thread is ready. The thread ends with the actor's life, however that ends. */
const open = (data: LogThreadData, signal: AbortSignal): Promise<Worker> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(builtBeside(import.meta.url, '../../telemetry/log/log-worker.js'), {
      workerData: data,
      name: 'log',
      env: {},
      execArgv: [],
    });
    signal.addEventListener('abort', () => void worker.terminate(), { once: true });
    const ended = (code: number): void => reject(new Error(`its thread exited with code ${code}`));
    worker.once('error', reject).once('exit', ended);
    worker.once('message', () => {
      worker.off('error', reject).off('exit', ended);
      resolve(worker);
    });
  });

/** Their end is wanted: nobody is left to be told of it. */
const closing = new WeakSet<Worker>();

const listen = (worker: Worker, { self, incarnation }: Context): void => {
  const ended = (reason: string): void => {
    if (!closing.has(worker)) self.send({ type: 'thread.ended', incarnation, reason });
  };
  worker.on('message', (said: FromLog) => {
    if (!closing.has(worker)) self.send({ type: 'thread.said', incarnation, said });
  });
  worker.on('error', ({ message }) => ended(message));
  worker.on('exit', (code) => ended(`its thread exited with code ${code}`));
};

/** Writes what is on its way; a disk that hangs is not waited for. */
const close = async (worker: Worker, wall: Clock): Promise<void> => {
  closing.add(worker);
  await new Promise<void>((resolve) => {
    const timer = wall.schedule(LOG_LIMITS.closeMs, resolve);
    const done = (): void => {
      timer.cancel();
      resolve();
    };
    worker.once('exit', done);
    worker.once('error', done);
    say(worker, { type: 'close' });
  });
  await worker.terminate();
};
