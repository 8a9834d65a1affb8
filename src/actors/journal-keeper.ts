import type { Clock } from '../domain/ports.ts';
import { JournalUnavailable } from '../journal/errors.ts';
import { openJournalReader } from '../journal/journal-reader.ts';
import { openJournal } from '../journal/journal-writer.ts';
import type { Entry, JournalReader, JournalWriter } from '../journal/types.ts';
import type { JournalPort } from './desk.ts';
import { isAbnormal } from './kernel/exit-reasons.ts';
import type { Behaviour } from './kernel/types.ts';

/**
 * Owns the journal's writer thread and its reader. It is the first child of the tree and the only
 * one whose exhausted budget may take the root down: without a journal nothing may open risk.
 */
export type JournalKeeperMessage = { readonly type: 'writer.died'; readonly detail: string };

export interface JournalKeeperState {
  readonly file: string;
}

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
  const absent = (): JournalUnavailable =>
    new JournalUnavailable({ reason: 'closed', detail: 'the journal is not open' });
  return {
    append: async (entries) => {
      if (writing === undefined) throw absent();
      if (entries.length === 0) return;
      await writing.append(entries);
      onAppended(entries);
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

export const journalKeeper = (options: {
  readonly file: string;
  readonly wall: Clock;
  readonly port: ReturnType<typeof createJournalPort>;
}): Behaviour<
  JournalKeeperMessage,
  JournalKeeperState & { readonly close: (forGood: boolean) => Promise<void> }
> => ({
  init: async (context) => {
    const { file, wall, port } = options;
    const writer = await openJournal({
      file,
      clock: wall,
      onDeath: (error) => context.self.send({ type: 'writer.died', detail: error.message }),
    });
    const reader = openJournalReader({ file });
    port.attach(writer, reader);
    const close = async (forGood: boolean): Promise<void> => {
      port.detach();
      if (forGood) port.close();
      await writer.close();
    };
    return { file, close };
  },
  receive: (_state, message) => {
    throw new JournalUnavailable({ reason: 'died', detail: message.detail });
  },
  terminate: (state, reason) => state.close(!isAbnormal(reason)),
  summary: ({ file }) => ({ file }),
});
