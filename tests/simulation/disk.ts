import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Clock, Random } from '../../src/domain/ports.ts';
import { encodeEntry } from '../../src/journal/entry-codec.ts';
import { factOf } from '../../src/journal/entry-facts.ts';
import { JournalConflict, JournalUnavailable } from '../../src/journal/errors.ts';
import { JOURNAL_FILE } from '../../src/journal/files.ts';
import { type GroupCommit, groupCommit } from '../../src/journal/group-commit.ts';
import { durabilityOf, openWritable } from '../../src/journal/journal-file.ts';
import type { openJournal } from '../../src/journal/journal-writer.ts';
import type { Appended, Entry, JournalWriter } from '../../src/journal/types.ts';
import type { AppendRequest, AppendResult } from '../../src/journal/writer-protocol.ts';
import type { Owner, SimLoop } from './loop.ts';

/** A fault of the next commits. */
export type DiskFault =
  /** No room until `roomAgain`: SQLite's own SQLITE_FULL. */
  | 'full'
  /** The process dies before, or after, the next commit, and nobody hears of it. */
  | 'dieBeforeCommit'
  | 'dieAfterCommit'
  /** It dies within the commit: what was written last is torn. */
  | 'tear'
  /** The disk reports an error once; the writer is of no use from then on. */
  | 'io'
  /** The next commit takes `SLOW_MS`. */
  | 'slow';

const COMMIT_MS = 1;
const SLOW_MS = 3_000;
const PLENTY_PAGES = 1_000_000;

interface Waiting {
  readonly request: AppendRequest;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: Error) => void;
}

export interface DiskEvents {
  /** The process that writes has to die now. */
  readonly onDeath: () => void;
  readonly onFault: (fault: DiskFault) => void;
  readonly onCommitted: (requests: readonly AppendRequest[]) => void;
}

/**
 * A data directory that outlives the runtimes in it. Its journal is the real one: real SQLite in a
 * real file, the real group commit; only the thread is missing and the time a commit takes is the
 * loop's. Without fsync, because here processes die and machines do not; a torn write is made by
 * cutting the log of the dead process's file in the middle of its last transaction.
 */
export class SimDisk {
  readonly #loop: SimLoop;
  readonly #random: Random;
  readonly #events: DiskEvents;
  readonly #root: string;
  #generation = 0;
  #next: DiskFault | undefined;
  #full = false;
  #db: Database | undefined;
  readonly #handles: { close: () => unknown }[] = [];

  constructor(root: string, loop: SimLoop, random: Random, events: DiskEvents) {
    this.#root = root;
    this.#loop = loop;
    this.#random = random;
    this.#events = events;
    mkdirSync(this.dir, { recursive: true });
  }

  /** The data directory as the next process finds it. */
  get dir(): string {
    return join(this.#root, `disk-${this.#generation}`);
  }

  get journalFile(): string {
    return join(this.dir, JOURNAL_FILE);
  }

  fault(fault: DiskFault): void {
    if (fault === 'full') this.#fill();
    else this.#next = fault;
  }

  heal(): void {
    this.#next = undefined;
    this.#full = false;
    this.#db?.pragma(`max_page_count = ${PLENTY_PAGES}`);
  }

  /** Everything that was opened is closed, once nobody may use it any more. */
  close(): void {
    for (const handle of this.#handles.splice(0)) handle.close();
  }

  readonly opener =
    (owner: Owner, wall: Clock): typeof openJournal =>
    async ({ file, onBroken }) => {
      const db = openWritable({ file, busyTimeoutMs: 0, maxBytes: 1024 ** 3 });
      db.pragma('synchronous = OFF');
      this.#db = db;
      this.#handles.push(db);
      if (this.#full) this.#fill();
      return this.#writer(owner, wall, db, (error) => onBroken?.(error));
    };

  #fill(): void {
    this.#full = true;
    const pages = this.#db?.pragma('page_count', { simple: true });
    if (pages !== undefined) this.#db?.pragma(`max_page_count = ${Number(pages)}`);
  }

  #writer(
    owner: Owner,
    wall: Clock,
    db: Database,
    onBroken: (error: JournalUnavailable) => void,
  ): JournalWriter {
    let commits = groupCommit(db);
    let waiting: Waiting[] = [];
    let closed: JournalUnavailable | undefined;
    let id = 0;
    const drain = (): void => {
      const batch = waiting;
      waiting = [];
      if (batch.length === 0) return;
      // After a failed sync nothing that this connection believes can be trusted.
      if (this.#take('io')) {
        commits = REFUSING;
        onBroken(new JournalUnavailable({ reason: 'io', detail: 'failed sync' }));
      }
      this.#commit(owner, db, commits, batch);
    };
    return {
      durability: durabilityOf(db),
      append: (entries: readonly Entry[]) =>
        new Promise((resolve, reject) => {
          if (closed !== undefined) throw closed;
          const rows = entries.map((entry) => ({ ...encodeEntry(entry), fact: factOf(entry) }));
          id += 1;
          const request = { type: 'append', id, recordedAtMs: wall.now(), rows } as const;
          waiting.push({ request, resolve, reject });
          if (waiting.length > 1) return;
          const slow = this.#take('slow');
          this.#loop.after(owner, slow ? SLOW_MS : COMMIT_MS, drain);
        }),
      close: async () => {
        if (closed !== undefined) return;
        closed = new JournalUnavailable({ reason: 'closed', detail: 'the writer was closed' });
        if (owner.alive) drain();
      },
    };
  }

  #take(fault: DiskFault): boolean {
    if (this.#next !== fault) return false;
    this.#next = undefined;
    this.#events.onFault(fault);
    return true;
  }

  #commit(owner: Owner, db: Database, commits: GroupCommit, batch: readonly Waiting[]): void {
    const requests = batch.map(({ request }) => request);
    if (this.#take('dieBeforeCommit')) {
      this.#events.onDeath();
      return;
    }
    const before = walBytes(db.name);
    const results = commits.commit(requests);
    if (results.some(({ type }) => type === 'unavailable')) this.#events.onFault('full');
    if (this.#take('tear')) {
      this.#tear(db.name, before);
      this.#events.onDeath();
      return;
    }
    this.#events.onCommitted(requests.filter((_, index) => results[index]?.type === 'stored'));
    if (this.#take('dieAfterCommit')) this.#events.onDeath();
    if (!owner.alive) return;
    for (const [index, waiting] of batch.entries()) settle(waiting, results[index]);
  }

  /** The next process finds the file as a power cut within the last transaction leaves it. */
  #tear(file: string, intactBytes: number): void {
    const wal = readFileSync(`${file}-wal`);
    this.#generation += 1;
    mkdirSync(this.dir, { recursive: true });
    const copy = join(this.dir, JOURNAL_FILE);
    copyFileSync(file, copy);
    // Nothing that was there before this transaction may be touched: it was acknowledged.
    const from = Math.min(intactBytes, wal.length);
    const cutAt = from + Math.floor(this.#random.next() * (wal.length - from));
    const torn = Buffer.from(wal.subarray(0, cutAt));
    if (torn.length > from + 64) torn.fill(0xa5, torn.length - 32);
    writeFileSync(`${copy}-wal`, torn);
  }
}

const REFUSING: GroupCommit = {
  commit: (requests) =>
    requests.map(({ id }) => ({ id, type: 'unavailable', reason: 'io', detail: 'failed sync' })),
};

const walBytes = (file: string): number =>
  existsSync(`${file}-wal`) ? statSync(`${file}-wal`).size : 0;

const settle = ({ resolve, reject }: Waiting, result: AppendResult | undefined): void => {
  if (result === undefined) return;
  if (result.type === 'stored') resolve({ lastSeq: result.lastSeq });
  else if (result.type === 'conflict') {
    reject(new JournalConflict({ what: result.what, key: result.key }));
  } else {
    const { reason, detail } = result;
    reject(new JournalUnavailable({ reason, detail }));
  }
};
