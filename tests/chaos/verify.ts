import { join } from 'node:path';
import { compareWithLedger } from '../../src/audit/compare.ts';
import { findingText } from '../../src/audit/findings.ts';
import { AUDIT_FILE, JOURNAL_FILE } from '../../src/journal/files.ts';
import { openJournalReader } from '../../src/journal/journal-reader.ts';
import { retcodeClass } from '../../src/mt5/retcodes.ts';
import { type LedgerLine, ledgerLines } from '../support/terminal-ledger.ts';

/** What a run has to keep to, beside the agreement of both records. */
const NAKED_MS = 2_000;
const NAKED_SLACK_MS = 5_000;
const TOTAL_FLOOR = 90_000;

/** Everything that two records of a finished run disagree about, and every promise that it broke. */
export const disagreements = async (
  dataDir: string,
  ledger: string,
): Promise<readonly string[]> => {
  const auditFile = join(dataDir, AUDIT_FILE);
  const { findings } = await compareWithLedger({ auditFile, ledgerFile: ledger });
  const lines = ledgerLines(ledger);
  return [
    ...findings.map(findingText),
    ...twice(lines),
    ...naked(lines),
    ...modeAndFloors(dataDir),
  ];
};

/** No intent has two orders that the broker carried out. */
const twice = (lines: readonly LedgerLine[]): readonly string[] => {
  const places = new Set(
    lines
      .filter((line) => line.type === 'request' && line['action'] === 'place')
      .map((line) => String(line['request'])),
  );
  const orders = new Map<string, Set<string>>();
  for (const line of lines) {
    if (line.type !== 'result' || !places.has(String(line['request']))) continue;
    const { intent, order, retcode } = line;
    if (retcodeClass(Number(retcode)) !== 'success' || order === null) continue;
    orders.set(String(intent), (orders.get(String(intent)) ?? new Set()).add(String(order)));
  }
  return [...orders]
    .filter(([, tickets]) => tickets.size > 1)
    .map(([intent, tickets]) => `intent ${intent} was executed as ${[...tickets].join(' and ')}`);
};

/** No position is without a stop for longer than T_naked and the way of its close. */
const naked = (lines: readonly LedgerLine[]): readonly string[] => {
  const since = new Map<string, number>();
  const found: string[] = [];
  for (const line of lines) {
    const now = Number(line['atMs']);
    for (const [ticket, from] of since) {
      if (now - from <= NAKED_MS + NAKED_SLACK_MS) continue;
      found.push(`position ${ticket} had no stop for ${now - from} ms`);
      since.delete(ticket);
    }
    if (line.type !== 'position') continue;
    const ticket = String(line['ticket']);
    const bare = line['event'] !== 'closed' && (line['stopLoss'] ?? null) === null;
    if (!bare) since.delete(ticket);
    else if (!since.has(ticket)) since.set(ticket, now);
  }
  return found;
};

/** The account stayed above its floors, and ends active, with nothing of it unresolved. */
const modeAndFloors = (dataDir: string): readonly string[] => {
  const reader = openJournalReader({ file: join(dataDir, JOURNAL_FILE) });
  try {
    const all = reader.after(0, 10_000_000);
    // On the way down the gate is shut: the mode that counts is that of the end of the session.
    const ended = all.findLastIndex((entry) => entry.kind === 'session.ended');
    if (ended < 0) return ['the session never ended in order'];
    const entries = all.slice(0, ended);
    const found: string[] = [];
    let mode = 'halted';
    let account = '';
    for (const entry of entries) {
      account = entry.accountId;
      if (entry.kind === 'mode.changed') mode = entry.to;
      if (entry.kind !== 'account.snapshot') continue;
      const equity = Number(entry.equityMinor) / 100;
      if (equity < TOTAL_FLOOR || equity < Number(entry.dailyFloorMinor) / 100) {
        found.push(`equity ${equity} was under a floor`);
      }
    }
    if (mode !== 'active') found.push(`the mode at the end is ${mode}, not active`);
    const open = reader.openIntents(account).length;
    if (open > 0) found.push(`${open} entries belong to intents that never ended`);
    return found;
  } finally {
    reader.close();
  }
};
