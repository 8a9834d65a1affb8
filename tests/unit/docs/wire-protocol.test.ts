import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BALANCE_OPERATIONS, type BalanceOperationKind } from '../../../src/domain/trading.ts';
import { ClaimRefused } from '../../../src/mt5/wire/ea-messages.ts';
import { EaBody, ERROR_CODES, RuntimeBody } from '../../../src/mt5/wire/messages.ts';
import { negotiateVersion, PROTOCOL_VERSIONS } from '../../../src/mt5/wire/versions.ts';
import { OPERATION_MEANS } from '../../../src/risk/ledger.ts';

const text = readFileSync(
  fileURLToPath(new URL('../../../docs/wire-protocol.md', import.meta.url)),
  'utf8',
);
const actors = fileURLToPath(new URL('../../../src/actors/', import.meta.url));
const RUNTIME_CODE = readdirSync(actors, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(actors, name), 'utf8'))
  .join('\n');
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
/** The tables below a heading, apart: each begins anew with its header. */
const tablesBelow = (heading: string): readonly (readonly (readonly string[])[])[] => {
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\|[^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)+)/gm)].map(([, rows = '']) =>
    rows
      .trim()
      .split('\n')
      .map((row) => [/^\| `([^`]+)`/.exec(row)?.[1] ?? '']),
  );
};
/** Whether the runtime's own code makes such a message: the wire and the terminal only name it. */
const saidBySource = (kind: string): boolean => RUNTIME_CODE.includes(`'${kind}'`);
const kindsOf = (members: typeof EaBody.members | typeof RuntimeBody.members) =>
  members.map((member) => member.fields.kind.literal);

describe('docs/wire-protocol.md', () => {
  it('lists every kind of either side, in the order of the schemas', () => {
    expect(rowsBelow('What the EA says').map(([kind]) => kind)).toEqual(kindsOf(EaBody.members));
    const [said, unasked] = tablesBelow('What the runtime says');
    expect(said?.map(([kind]) => kind)).toEqual(kindsOf(RuntimeBody.members));
    expect(unasked?.map(([kind]) => kind)).toEqual(
      kindsOf(RuntimeBody.members).filter((kind) => !saidBySource(kind)),
    );
  });

  it('lists every kind of money that moves without a trade, and what the book makes of it', () => {
    const rows = rowsBelow('Money without a trade');
    expect(rows.map(([operation]) => operation)).toEqual([...BALANCE_OPERATIONS]);
    for (const [operation, , means] of rows) {
      expect(OPERATION_MEANS[operation as BalanceOperationKind], operation).toBe(means);
    }
  });

  it('lists every reason for which a claim is refused', () => {
    const reasons = rowsBelow('Two runtimes on one account').map(([reason]) => reason);
    expect(reasons).toEqual([...ClaimRefused.fields.reason.literals]);
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
