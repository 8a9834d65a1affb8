import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { completeLines, createWhole, cutTo, syncDirectory, writeAll } from './durable-file.ts';
import type { LogRecord } from './ea/ea-records.ts';
import { TerminalRefused } from './errors.ts';
import type { TerminalSnapshot, TerminalState } from './terminal-state.ts';
import {
  applyTerminal,
  decodeJson,
  emptyTerminal,
  encodeJson,
  terminalFrom,
  terminalSnapshot,
} from './terminal-state.ts';

/**
 * The broker's durable memory: NDJSON, one transaction per line, appended and never changed. A
 * segment (`broker-<n>.ndjson`) begins with a checkpoint, the whole state after transaction n, so a
 * restart reads one segment. A transaction is one line, so a torn last line is a transaction that
 * was never acknowledged: it is cut off. `append` with `durable` returns after fsync; without, after
 * write(): a killed process loses nothing either way, a power cut may lose the clock, never a fill.
 */
export const LOG_LIMITS = {
  /** A new segment begins when the current one has grown by this, or by four checkpoints. */
  segmentBytes: 8 * 1024 * 1024,
} as const;

export interface Transaction {
  readonly n: number;
  readonly records: readonly LogRecord[];
}
interface Checkpoint {
  readonly n: number;
  /** What the log belongs to: account and market, as text. */
  readonly identity: string;
  readonly checkpoint: TerminalSnapshot;
}

const SEGMENT = /^broker-(\d{12})\.ndjson$/;
const segmentName = (n: number): string => `broker-${String(n).padStart(12, '0')}.ndjson`;

const segmentsOf = (directory: string): readonly string[] =>
  readdirSync(directory)
    .filter((name) => SEGMENT.test(name))
    .sort();

export interface LoadedLog {
  readonly state: TerminalState;
  readonly lastN: number;
  /** Transaction that the segment's checkpoint contains. */
  readonly checkpointN: number;
  /** Transactions of the current segment, for whoever has to catch up. */
  readonly transactions: readonly Transaction[];
  readonly segment: string;
  readonly bytes: number;
  readonly checkpointBytes: number;
}

const corrupt = (file: string, line: number): TerminalRefused =>
  new TerminalRefused({
    subject: `${file}:${line}`,
    reason: 'the broker log cannot be read here',
    remedy: 'Restore the directory from a backup, or start over with --fresh',
  });

const parseTransaction = (file: string, line: number, text: string, n: number): Transaction => {
  let transaction: Transaction;
  try {
    transaction = decodeJson(text) as Transaction;
  } catch {
    throw corrupt(file, line);
  }
  if (transaction.n !== n || !Array.isArray(transaction.records)) throw corrupt(file, line);
  return transaction;
};

/** The parts of an identity that differ, `market {…}, not {…}`, where it is a JSON object. */
const differenceOf = (found: string, wanted: string): string => {
  if (!found.startsWith('{') || !wanted.startsWith('{')) return `${found}, not ${wanted}`;
  const theirs = decodeJson(found) as Readonly<Record<string, unknown>>;
  const ours = decodeJson(wanted) as Readonly<Record<string, unknown>>;
  return Object.entries(ours)
    .map(([name, part]) => [name, JSON.stringify(theirs[name]), JSON.stringify(part)] as const)
    .filter(([, there, here]) => there !== here)
    .map(([name, there, here]) => `${name} ${there}, not ${here}`)
    .join('; ');
};

const foreign = (directory: string, found: string, wanted: string): TerminalRefused =>
  new TerminalRefused({
    subject: directory,
    reason: `it holds another account or market: ${differenceOf(found, wanted)}`,
    remedy: 'Use its own --data-dir for each account and replay, or start over with --fresh',
  });

const readSegment = (directory: string, name: string, identity: string): LoadedLog => {
  const file = join(directory, name);
  const { lines, completeBytes, torn } = completeLines(readFileSync(file));
  const [head, ...rest] = lines;
  if (head === undefined) throw corrupt(file, 1);
  let checkpoint: Checkpoint;
  try {
    checkpoint = decodeJson(head) as Checkpoint;
  } catch {
    throw corrupt(file, 1);
  }
  if (checkpoint.identity !== identity) throw foreign(directory, checkpoint.identity, identity);
  const state = terminalFrom(checkpoint.checkpoint);
  const transactions = rest.map((text, index) =>
    parseTransaction(file, index + 2, text, checkpoint.n + 1 + index),
  );
  for (const { records } of transactions)
    for (const record of records) applyTerminal(state, record);
  if (torn) cutTo(file, completeBytes);
  return {
    state,
    lastN: checkpoint.n + transactions.length,
    checkpointN: checkpoint.n,
    transactions,
    segment: file,
    bytes: completeBytes,
    checkpointBytes: Buffer.byteLength(head),
  };
};

const writeCheckpoint = (
  directory: string,
  n: number,
  identity: string,
  state: TerminalState,
): { readonly segment: string; readonly bytes: number } => {
  const checkpoint: Checkpoint = { n, identity, checkpoint: terminalSnapshot(state) };
  const text = `${encodeJson(checkpoint)}\n`;
  const segment = join(directory, segmentName(n));
  createWhole(segment, text);
  return { segment, bytes: Buffer.byteLength(text) };
};

/** Reads what the broker remembers; begins a log when there is none. Throws TerminalRefused for a
 * log of another account or market, or one that is damaged before its last line. */
export const loadLog = (directory: string, identity: string): LoadedLog => {
  const latest = segmentsOf(directory).at(-1);
  if (latest !== undefined) return readSegment(directory, latest, identity);
  const state = emptyTerminal();
  const { segment, bytes } = writeCheckpoint(directory, 0, identity, state);
  return {
    state,
    lastN: 0,
    checkpointN: 0,
    transactions: [],
    segment,
    bytes,
    checkpointBytes: bytes,
  };
};

/** Throws TerminalRefused when the directory remembers another identity, without touching it; one
 * that is absent or empty fits any. */
export const refuseForeignLog = (directory: string, identity: string): void => {
  const known = identityOfLog(directory);
  if (known !== undefined && known !== identity) throw foreign(directory, known, identity);
};

/** The account whose broker a directory remembers; undefined where there is none. */
export const loginOfLog = (directory: string): string | undefined => {
  const identity = identityOfLog(directory);
  if (identity === undefined) return undefined;
  return (JSON.parse(identity) as { account?: { login?: string } }).account?.login;
};

const identityOfLog = (directory: string): string | undefined => {
  const latest = existsSync(directory) ? segmentsOf(directory).at(-1) : undefined;
  if (latest === undefined) return undefined;
  const file = join(directory, latest);
  const [head = ''] = completeLines(readFileSync(file)).lines;
  try {
    return (decodeJson(head) as Checkpoint).identity;
  } catch {
    throw corrupt(file, 1);
  }
};

/** Deletes every segment: the broker forgets. */
export const eraseLog = (directory: string): void => {
  for (const name of segmentsOf(directory)) rmSync(join(directory, name), { force: true });
  syncDirectory(directory);
};

export interface BrokerLogHooks {
  /** The transaction is as safe as it was asked to be. */
  readonly onAppended: (transaction: Transaction) => void;
  /** A new segment is about to begin: transactions before it will not be readable again. */
  readonly beforeCheckpoint: () => void;
}

export class BrokerLog {
  readonly #directory: string;
  readonly #identity: string;
  readonly #state: TerminalState;
  readonly #hooks: BrokerLogHooks;
  readonly #segmentBytes: number;
  #fd: number;
  #n: number;
  #bytes: number;
  #checkpointBytes: number;

  constructor(options: {
    readonly directory: string;
    readonly identity: string;
    readonly loaded: LoadedLog;
    readonly hooks: BrokerLogHooks;
    readonly segmentBytes?: number;
  }) {
    const { loaded } = options;
    this.#directory = options.directory;
    this.#identity = options.identity;
    this.#state = loaded.state;
    this.#hooks = options.hooks;
    this.#segmentBytes = options.segmentBytes ?? LOG_LIMITS.segmentBytes;
    this.#n = loaded.lastN;
    this.#bytes = loaded.bytes;
    this.#checkpointBytes = loaded.checkpointBytes;
    this.#fd = openSync(loaded.segment, 'a');
  }

  /** One transaction, whole or not at all. The state must already contain it. */
  append(records: readonly LogRecord[], durable: boolean): void {
    const transaction: Transaction = { n: this.#n + 1, records };
    const text = `${encodeJson(transaction)}\n`;
    writeAll(this.#fd, text);
    if (durable) fsyncSync(this.#fd);
    this.#n += 1;
    this.#bytes += Buffer.byteLength(text);
    this.#hooks.onAppended(transaction);
    if (this.#bytes > Math.max(this.#segmentBytes, 4 * this.#checkpointBytes)) this.#rotate();
  }

  /** Everything written so far survives a power cut after this. */
  sync(): void {
    fsyncSync(this.#fd);
  }

  close(): void {
    fsyncSync(this.#fd);
    closeSync(this.#fd);
  }

  /** The new segment is whole on disk before the one before the last is deleted. */
  #rotate(): void {
    fsyncSync(this.#fd);
    this.#hooks.beforeCheckpoint();
    const { segment, bytes } = writeCheckpoint(
      this.#directory,
      this.#n,
      this.#identity,
      this.#state,
    );
    closeSync(this.#fd);
    this.#fd = openSync(segment, 'a');
    this.#bytes = bytes;
    this.#checkpointBytes = bytes;
    for (const name of segmentsOf(this.#directory).slice(0, -2))
      rmSync(join(this.#directory, name), { force: true });
  }
}
