import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BALANCE_OPERATIONS, type BalanceOperationKind } from '../../../src/domain/trading.ts';
import { EaBody, ERROR_CODES, RuntimeBody } from '../../../src/mt5/wire/messages.ts';
import { negotiateVersion, PROTOCOL_VERSIONS } from '../../../src/mt5/wire/versions.ts';
import { OPERATION_MEANS } from '../../../src/risk/ledger.ts';

const text = readFileSync(
  fileURLToPath(new URL('../../../docs/wire-protocol.md', import.meta.url)),
  'utf8',
);
const rowsBelow = (heading: string): readonly (readonly string[])[] => {
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('|---'))
    .slice(1)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
};
const kindsOf = (members: typeof EaBody.members | typeof RuntimeBody.members) =>
  members.map((member) => member.fields.kind.literal);

describe('docs/wire-protocol.md', () => {
  it('lists every kind of either side, in the order of the schemas', () => {
    expect(rowsBelow('What the EA says').map(([kind]) => kind)).toEqual(kindsOf(EaBody.members));
    expect(rowsBelow('What the runtime says').map(([kind]) => kind)).toEqual(
      kindsOf(RuntimeBody.members),
    );
  });

  it('lists every kind of money that moves without a trade, and what the book makes of it', () => {
    const rows = rowsBelow('Money without a trade');
    expect(rows.map(([operation]) => operation)).toEqual([...BALANCE_OPERATIONS]);
    for (const [operation, , means] of rows) {
      expect(OPERATION_MEANS[operation as BalanceOperationKind], operation).toBe(means);
    }
  });

  it('lists every error code', () => {
    expect(rowsBelow('Error codes').map(([code]) => code)).toEqual([...ERROR_CODES]);
  });

  it('shows the version that an EA and a runtime settle on', () => {
    const versions = (cell = '') => cell.split(',').map(Number);
    const rows = rowsBelow('Versions');
    expect(rows.length).toBeGreaterThan(4);
    for (const [offered, spoken, expected] of rows) {
      const settled = negotiateVersion(versions(offered), versions(spoken));
      expect(String(settled ?? 'none'), `${offered} with ${spoken}`).toBe(expected);
    }
    expect(PROTOCOL_VERSIONS).toEqual([1]);
  });
});
