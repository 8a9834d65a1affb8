import { Worker } from 'node:worker_threads';
import { builtBeside } from '../domain/built-file.ts';
import type { Clock } from '../domain/ports.ts';
import { encodeEntry } from './entry-codec.ts';
import { factOf } from './entry-facts.ts';
import { JournalConflict, JournalRefused, JournalUnavailable } from './errors.ts';
import { JOURNAL_LIMITS } from './journal-limits.ts';
import type { Appended, Durability, Entry, JournalWriter } from './types.ts';
import { droppedPages, type WalTail } from './wal-tail.ts';
import type {
  AppendResult,
  AppendRow,
  WriterReply,
  WriterRequest,
  WriterThreadData,
} from './writer-protocol.ts';

export interface JournalOptions {
  /** Path of journal.db; made when absent. */
  readonly file: string;
  /** Wall clock: its time is stored beside each entry for people, nothing is decided by it. */
  readonly clock: Pick<Clock, 'now'>;
  readonly maxBytes?: number;
  readonly busyTimeoutMs?: number;
  /** Called once when the thread ends unasked, also while no append waits. */
  readonly onDeath?: (error: JournalUnavailable) => void;
  /** Called once when the file is damaged or the disk fails: this writer stores nothing any more,
   * another one may. */
  readonly onBroken?: (error: JournalUnavailable) => void;
  /** Called when the last writer did not end in order and SQLite dropped what it left unfinished. */
  readonly onTail?: (tail: WalTail) => void;
}

interface Waiting {
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: JournalConflict | JournalUnavailable) => void;
}

const settle = (waiting: Waiting, result: AppendResult): void => {
  if (result.type === 'stored') {
    waiting.resolve({ lastSeq: result.lastSeq });
  } else if (result.type === 'conflict') {
    waiting.reject(new JournalConflict({ what: result.what, key: result.key }));
  } else {
    waiting.reject(new JournalUnavailable({ reason: result.reason, detail: result.detail }));
  }
};

const encodeRow = (entry: Entry): AppendRow => ({ ...encodeEntry(entry), fact: factOf(entry) });

/** The runtime's end of an opened writer thread. */
class ThreadWriter implements JournalWriter {
  readonly durability: Durability;
  readonly #worker: Worker;
  readonly #options: JournalOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #nextId = 1;
  #ended: JournalUnavailable | undefined;
  #closing: Promise<void> | undefined;
  #broken = false;

  constructor(worker: Worker, options: JournalOptions, durability: Durability) {
    this.durability = durability;
    this.#worker = worker;
    this.#options = options;
    worker.on('message', (reply: WriterReply) => this.#receive(reply));
    worker.on('error', (error) => this.#die(error.message));
    this.#exited = new Promise((resolve) => {
      worker.once('exit', (code) => {
        if (this.#closing === undefined) this.#die(`the writer thread exited with code ${code}`);
        resolve();
      });
    });
  }

  append = (entries: readonly Entry[]): Promise<Appended> =>
    new Promise((resolve, reject) => {
      if (entries.length === 0) throw new RangeError('an append needs at least one entry');
      const refusal = this.#refusal();
      if (refusal !== undefined) throw refusal;
      const id = this.#nextId++;
      const recordedAtMs = this.#options.clock.now();
      this.#post({ type: 'append', id, recordedAtMs, rows: entries.map(encodeRow) });
      this.#waiting.set(id, { resolve, reject });
    });

  /** Commits what was appended before, then closes the file. Safe to call twice. */
  close = (): Promise<void> => {
    if (this.#closing === undefined) {
      this.#closing = this.#exited;
      if (this.#ended === undefined) {
        this.#post({ type: 'close' });
        this.#ended = new JournalUnavailable({ reason: 'closed', detail: 'the writer was closed' });
      }
    }
    return this.#closing;
  };

  #refusal(): JournalUnavailable | undefined {
    if (this.#ended !== undefined) return this.#ended;
    if (this.#waiting.size < JOURNAL_LIMITS.maxWaitingAppends) return undefined;
    const detail = `${this.#waiting.size} appends are waiting`;
    return new JournalUnavailable({ reason: 'overloaded', detail });
  }

  #post(request: WriterRequest): void {
    this.#worker.postMessage(request);
  }

  #receive(reply: WriterReply): void {
    if (reply.type !== 'results') return;
    for (const result of reply.results) {
      const waiting = this.#waiting.get(result.id);
      this.#waiting.delete(result.id);
      if (waiting !== undefined) settle(waiting, result);
      if (result.type === 'unavailable') this.#mayBeBroken(result.reason, result.detail);
    }
  }

  #mayBeBroken(reason: JournalUnavailable['reason'], detail: string): void {
    if (this.#broken || (reason !== 'torn' && reason !== 'io')) return;
    this.#broken = true;
    this.#options.onBroken?.(new JournalUnavailable({ reason, detail }));
  }

  #die(detail: string): void {
    if (this.#ended?.reason === 'died') return;
    const error = new JournalUnavailable({ reason: 'died', detail });
    this.#ended = error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
    this.#options.onDeath?.(error);
  }
}

/**
 * Opens (or makes) the journal in a thread of its own. Rejects with JournalRefused when the file is
 * damaged, from a newer version, or not a journal. `append` rejects with JournalUnavailable or
 * JournalConflict. One writer per data directory: hold its instance lock first.
 */
export const openJournal = (options: JournalOptions): Promise<JournalWriter> =>
  new Promise((resolve, reject) => {
    const data: WriterThreadData = {
      file: options.file,
      maxBytes: options.maxBytes ?? JOURNAL_LIMITS.maxBytes,
      busyTimeoutMs: options.busyTimeoutMs ?? JOURNAL_LIMITS.busyTimeoutMs,
      maxAppendsPerCommit: JOURNAL_LIMITS.maxAppendsPerCommit,
    };
    const worker = new Worker(builtBeside(import.meta.url, 'writer-thread.js'), {
      workerData: data,
      name: 'journal',
      execArgv: [],
    });
    const failed = (error: unknown): void => reject(error);
    const exited = (code: number): void =>
      reject(new Error(`the journal thread exited with code ${code} before it opened`));
    worker.once('error', failed).once('exit', exited);
    worker.once('message', (reply: WriterReply) => {
      worker.off('error', failed).off('exit', exited);
      if (reply.type === 'refused') {
        const { reason, file, detail, remedy } = reply;
        reject(new JournalRefused({ reason, file, detail, remedy }));
      } else if (reply.type === 'opened') {
        if (droppedPages(reply.tail) > 0) options.onTail?.(reply.tail);
        resolve(new ThreadWriter(worker, options, reply.durability));
      }
    });
  });
