import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A line of the simulated terminal's ledger as it stands there, without any of our decoders. */
export type LedgerLine = Readonly<Record<string, unknown>> & { readonly type: string };

export const ledgerFile = (dataDir: string): string => join(dataDir, 'terminal', 'ledger.ndjson');

/** Whole lines only: a terminal that is writing, or was killed, may have left half of one. */
export const ledgerLines = (file: string): readonly LedgerLine[] => {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerLine);
};

export const deals = (lines: readonly LedgerLine[]): readonly LedgerLine[] =>
  lines.filter((line) => line.type === 'deal' && line['entry'] !== 'balance');

/** Tickets of positions that are open after these lines. */
export const openTickets = (lines: readonly LedgerLine[]): ReadonlySet<string> => {
  const open = new Set<string>();
  for (const line of lines.filter(({ type }) => type === 'position')) {
    const ticket = String(line['ticket']);
    if (line['event'] === 'closed') open.delete(ticket);
    else open.add(ticket);
  }
  return open;
};
