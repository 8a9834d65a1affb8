import { join } from 'node:path';
import { openAuditDb } from '../../src/audit/audit-db.ts';
import type { Deal } from '../../src/domain/trading.ts';
import type { EntryBody } from '../../src/journal/types.ts';
import { rowsOf } from './audit-dump.ts';
import { deal, entry, stored } from './entries.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** What a journal begins with: the digits of the currency and of the symbol. */
export const KNOWN: readonly EntryBody[] = [
  {
    kind: 'session.started',
    runId: 'run-of-this-process',
    profile: 'paper',
    ruleSet: 'ftmo-2step-p1',
    initialMinor: '10000000',
    currency: 'USD',
    currencyDigits: 2,
  },
  { kind: 'symbol.known', symbol: 'EURUSD', digits: 5 },
];

/** Projects the bodies one second apart and gives the tables. */
export const projected = (...bodies: readonly EntryBody[]) => {
  const file = join(temporaryDirectory(), 'audit.db');
  const audit = openAuditDb({ file });
  audit.project(stored(bodies.map((body, index) => entry(body, index * 1_000))));
  audit.close();
  return { file, table: (name: string) => rowsOf(file, name) };
};

export const booked = (
  intentId: string | null,
  ticket: string,
  change: Partial<Deal> = {},
): EntryBody => ({ kind: 'deal.booked', intentId, deal: deal(ticket, change) });
