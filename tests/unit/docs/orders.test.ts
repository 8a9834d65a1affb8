import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { RETCODE_CLASSES, RETCODES } from '../../../src/mt5/retcodes.ts';

const text = readFileSync(
  fileURLToPath(new URL('../../../docs/orders.md', import.meta.url)),
  'utf8',
);
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );

describe('docs/orders.md', () => {
  it('lists every return code with its class, and no other', () => {
    const stated = rows.filter(([code]) => /^\d+$/.test(code ?? ''));
    const wanted = Object.entries(RETCODES).map(([name, row]) => [
      String(row.code),
      name,
      row.class,
    ]);
    expect(stated).toEqual(wanted);
  });

  it('says what follows from every class', () => {
    const names = Object.keys(RETCODE_CLASSES);
    const stated = rows.filter(
      ([name, ...rest]) => rest.length === 1 && names.includes(name ?? ''),
    );
    expect(Object.fromEntries(stated)).toEqual(RETCODE_CLASSES);
  });
});
