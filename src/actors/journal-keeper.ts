import type { Clock } from '../domain/ports.ts';
import { JournalUnavailable } from '../journal/errors.ts';
import { openJournalReader } from '../journal/journal-reader.ts';
import { openJournal } from '../journal/journal-writer.ts';
import type { Entry, JournalReader, JournalWriter } from '../journal/types.ts';
import { describeTail, type WalTail } from '../journal/wal-tail.ts';
import type { JournalPort } from './desk.ts';
import { isAbnormal } from './kernel/exit-reasons.ts';
import type { ActorContext, Behaviour } from './kernel/types.ts';

/**
 * Owns the journal's writer thread and its reader. It is the first child of the tree and the only
 * one whose exhausted budget may take the root down: without a journal nothing may open risk.
 *
 * A thread that died is a defect, and restarted as such. A disk that fails is none: the keeper lives
 * on without a writer and opens the file again, ever more slowly, because closes still have to go
 * out meanwhile.
 */
export type JournalKeeperMessage =
  | { readonly type: 'writer.died'; readonly detail: string }
  /** The file is damaged or the disk fails: this writer is of no use any more. */
  | { readonly type: 'writer.broke'; readonly detail: string }
  /** The last writer did not end in order; SQLite dropped what it left unfinished. */
  | { readonly type: 'tail.dropped'; readonly tail: WalTail }
  | { readonly type: 'writer.due' }
  | { readonly type: 'writer.opened'; readonly opened: OpenedJournal }
  | { readonly type: 'writer.refused'; readonly detail: string };

interface OpenedJournal {
  readonly writer: JournalWriter;
  readonly reader: JournalReader;
}
export interface JournalKeeperState {
  readonly file: string;
  /** Null while the disk keeps us from writing. */
  readonly writer: JournalWriter | null;
  /** Failed openings in a row since the writer broke. */
  readonly failures: number;
}

/** Wall time until a broken file is opened again; doubles. */
const REOPEN_INITIAL_MS = 1_000;
const REOPEN_MAX_MS = 60_000;

/**
 * The port keeps pointing at whatever incarnation is alive. What is committed stays readable while
 * there is no writer: a journal that restarts must not take those down who only look something up.
 */
export const createJournalPort = (
  onAppended: (entries: readonly Entry[]) => void = () => undefined,
): JournalPort & {
  readonly attach: (writer: JournalWriter, reader: JournalReader) => void;
  /** The writer is gone; what it wrote stays readable until `close` or another `attach`. */
  readonly detach: () => void;
  readonly close: () => void;
} => {
  let writing: JournalWriter | undefined;
  let reading: JournalReader | undefined;
  const pending = new Set<Promise<unknown>>();
  const absent = (): JournalUnavailable =>
    new JournalUnavailable({ reason: 'closed', detail: 'the journal is not open' });
  return {
    append: async (entries) => {
      if (writing === undefined) throw absent();
      if (entries.length === 0) {
        await Promise.allSettled([...pending]);
        return;
      }
      const appended = writing.append(entries);
      pending.add(appended);
      try {
        await appended;
      } finally {
        pending.delete(appended);
      }
      onAppended(entries);
    },
    settled: async () => {
      await Promise.allSettled([...pending]);
    },
    reader: () => {
      if (reading === undefined) throw absent();
      return reading;
    },
    attach: (writer, reader) => {
      reading?.close();
      writing = writer;
      reading = reader;
    },
    detach: () => {
      writing = undefined;
    },
    close: () => {
      reading?.close();
      reading = undefined;
    },
  };
};

/** What a person is told of the journal's own life. */
export type JournalNote = (
  severity: 'warning' | 'error',
  code: 'journal.tailDropped' | 'journal.broken',
  detail: string,
) => void;

interface KeeperOptions {
  readonly file: string;
  readonly wall: Clock;
  readonly port: ReturnType<typeof createJournalPort>;
  readonly note?: JournalNote;
  /** Another way to write than the thread's. */
  readonly openWriter?: typeof openJournal | undefined;
}
type Context = ActorContext<JournalKeeperMessage>;

export const journalKeeper = (
  options: KeeperOptions,
): Behaviour<JournalKeeperMessage, JournalKeeperState> => ({
  init: async (context) => {
    const { writer, reader } = await open(options, context);
    options.port.attach(writer, reader);
    return { file: options.file, writer, failures: 0 };
  },
  receive: (state, message, context) => {
    switch (message.type) {
      case 'writer.died':
        throw new JournalUnavailable({ reason: 'died', detail: message.detail });
      case 'writer.broke': {
        options.port.detach();
        options.note?.('error', 'journal.broken', message.detail);
        // Whatever its closing says: it has stored nothing since it broke.
        state.writer?.close().catch(() => undefined);
        return reopenLater(options, { ...state, writer: null }, context);
      }
      case 'tail.dropped': {
        const severity = message.tail.lostCommit ? 'error' : 'warning';
        options.note?.(severity, 'journal.tailDropped', describeTail(message.tail));
        return state;
      }
      case 'writer.due':
        context.task(
          'open',
          () => open(options, context),
          (result): JournalKeeperMessage =>
            result.ok
              ? { type: 'writer.opened', opened: result.value }
              : { type: 'writer.refused', detail: String(result.error) },
        );
        return state;
      case 'writer.refused':
        return reopenLater(options, state, context);
      case 'writer.opened': {
        const { writer, reader } = message.opened;
        options.port.attach(writer, reader);
        return { ...state, writer, failures: 0 };
      }
    }
  },
  terminate: async (state, reason) => {
    options.port.detach();
    if (!isAbnormal(reason)) options.port.close();
    await state.writer?.close();
  },
  summary: ({ file, writer }) => ({
    file,
    writable: writer !== null,
    ...(writer === null ? {} : writer.durability),
  }),
});

const open = async (options: KeeperOptions, context: Context): Promise<OpenedJournal> => {
  const { file, wall, openWriter = openJournal } = options;
  const { self } = context;
  const writer = await openWriter({
    file,
    clock: wall,
    onDeath: (error) => self.send({ type: 'writer.died', detail: error.message }),
    onBroken: (error) => self.send({ type: 'writer.broke', detail: error.message }),
    // Told when the journal is open, so that it stands in there too.
    onTail: (tail) => self.send({ type: 'tail.dropped', tail }),
  });
  return { writer, reader: openJournalReader({ file }) };
};

const reopenLater = (
  { wall }: KeeperOptions,
  state: JournalKeeperState,
  context: Context,
): JournalKeeperState => {
  const delayMs = Math.min(REOPEN_MAX_MS, REOPEN_INITIAL_MS * 2 ** Math.min(state.failures, 16));
  context.after(delayMs, { type: 'writer.due' }, { key: 'writer', clock: wall });
  return { ...state, failures: state.failures + 1 };
};
