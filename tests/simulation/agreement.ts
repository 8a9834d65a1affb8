import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareWithLedger } from '../../src/audit/compare.ts';
import { type Finding, findingText } from '../../src/audit/findings.ts';
import { type Intent, increasesRisk } from '../../src/domain/intent.ts';
import { AUDIT_FILE } from '../../src/journal/files.ts';
import { openJournalReader } from '../../src/journal/journal-reader.ts';
import type { StoredEntry } from '../../src/journal/types.ts';
import { LOGIN } from '../support/runtime-spec.ts';
import { Violation } from './violation.ts';

type Intents = ReadonlyMap<string, Intent>;

/** Every intent that a journal holds, by id. */
export const intentsOf = (journalFile: string): Intents => {
  if (!existsSync(journalFile)) return new Map();
  const reader = openJournalReader({ file: journalFile });
  const planned = reader.ofKind(LOGIN, 'intent.planned');
  reader.close();
  return new Map(planned.map(({ intent }) => [intent.intentId, intent]));
};

const closed = (intent: Intent | undefined): string | undefined =>
  intent?.type === 'close' || intent?.type === 'closeBy' ? intent.positionTicket : undefined;

/**
 * Findings that no fault explains. Explained are, and nothing else:
 * - orders of a second controller, which stand in its own journal, and a close of ours for a position
 *   that a close of the other one ended: a deal names its position, and not whose close it was;
 * - a close that was sent while nothing could be written down, whose executor died before it could
 *   be, and that cannot be restored from the terminal: the EA's journal was lost as well, and its deal
 *   is booked to no order; or it was refused, and left no deal that would say what it was.
 */
export const unexplained = (
  findings: readonly Finding[],
  known: { readonly ours: Intents; readonly others: Intents; readonly lost: ReadonlySet<string> },
): readonly Finding[] => {
  const { ours, others, lost } = known;
  const taken = new Set([...others.values()].map(closed));
  return findings.filter(({ what, id, field, audit, ledger }) => {
    if (what !== 'order') return true;
    if (others.has(id)) return false;
    const position = closed(ours.get(id));
    if (position !== undefined && taken.has(position)) return false;
    const isUnknown = field === 'existence' && audit === null && ledger === 'close';
    return !(isUnknown && lost.has(id) && !ours.has(id));
  });
};

/** Intents without an end. What persists goes on trying while there is something to try at, and the end
 * of the data is no end of it. */
const neverEnded = (entries: readonly StoredEntry[]): readonly StoredEntry[] => {
  const planned = entries.filter((entry) => entry.kind === 'intent.planned');
  return planned.filter(({ intent }) => {
    const states = entries.filter(
      (entry) => entry.kind === 'order.state' && entry.intentId === intent.intentId,
    );
    const last = states.at(-1);
    return increasesRisk(intent) || last?.kind !== 'order.state' || last.state !== 'waiting';
  });
};

/** Journal and broker agree, order by order and cent by cent, and nothing is left open. */
export const agree = async (files: {
  readonly dataDir: string;
  readonly journalFile: string;
  readonly othersJournalFile: string;
  readonly ledgerFile: string;
  readonly ledger: readonly string[];
  /** Intents that nobody knows of any more. */
  readonly lost: ReadonlySet<string>;
}): Promise<void> => {
  const { ledgerFile, journalFile, lost } = files;
  writeFileSync(ledgerFile, `${files.ledger.join('\n')}\n`);
  const auditFile = join(files.dataDir, AUDIT_FILE);
  const { findings } = await compareWithLedger({ auditFile, ledgerFile });
  const ours = intentsOf(journalFile);
  const others = intentsOf(files.othersJournalFile);
  const rest = unexplained(findings, { ours, others, lost });
  if (rest.length > 0) throw new Violation('agreement', rest.map(findingText).join('; '));
  const reader = openJournalReader({ file: journalFile });
  const open = neverEnded(reader.openIntents(LOGIN));
  reader.close();
  if (open.length > 0) {
    const told = open.map((entry) => JSON.stringify(entry)).join('\n    ');
    throw new Violation('agreement', `intents that never ended:\n    ${told}`);
  }
};
