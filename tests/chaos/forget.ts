import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyEaState, toEaSnapshot } from '../../src/mt5/terminal/ea/ea-state.ts';

/** Takes from a dead terminal's log all that its EA remembered: register, attempts, floors, clock. The
 * broker's records stay, as they do when an EA's own database is lost. */
export const forgetEa = (terminalDir: string): void => {
  const latest = readdirSync(terminalDir)
    .filter((name) => /^broker-\d+\.ndjson$/.test(name))
    .sort()
    .at(-1);
  if (latest === undefined) return;
  const file = join(terminalDir, latest);
  const text = readFileSync(file, 'utf8');
  const [head = '', ...rest] = text.slice(0, text.lastIndexOf('\n')).split('\n');
  const checkpoint = JSON.parse(head) as { checkpoint: { ea: unknown } };
  checkpoint.checkpoint.ea = toEaSnapshot(emptyEaState());
  const lines = rest.map((line) => {
    const transaction = JSON.parse(line) as { records: readonly { type: string }[] };
    const records = transaction.records.filter(({ type }) => !type.startsWith('ea.'));
    return JSON.stringify({ ...transaction, records });
  });
  writeFileSync(file, `${[JSON.stringify(checkpoint), ...lines].join('\n')}\n`);
};
