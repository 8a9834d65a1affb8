import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FAULT_KINDS, type Fault, isFault, RETRIES } from '../../../src/domain/faults.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const text = readFileSync(`${root}docs/errors.md`, 'utf8');
const rowsBelow = (heading: string): readonly (readonly string[])[] => {
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
};

/** Every error class of the sources, made with no context: what it says of itself does not depend on
 * any. */
const faults = async (): Promise<readonly Fault[]> => {
  const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
    .filter((file) => /(^|\/)errors\.ts$|(^|\/)cli-error\.ts$/.test(file))
    .map((file) => `src/${file}`);
  const made = files.map(async (file) => {
    const module = (await import(`${root}${file}`)) as Record<string, unknown>;
    return Object.entries(module).flatMap(([name, exported]) => {
      if (typeof exported !== 'function' || !/^[A-Z]/.test(name)) return [];
      const error: unknown = new (exported as new (...context: readonly unknown[]) => unknown)(
        {},
        '',
      );
      if (!isFault(error)) throw new Error(`${file}: ${name} does not say what kind it is`);
      expect(error._tag, file).toBe(name);
      return [error];
    });
  });
  return (await Promise.all(made)).flat();
};

describe('docs/errors.md', () => {
  it('explains every kind and every retry decision, in the words of the code', () => {
    expect(Object.fromEntries(rowsBelow('Kinds'))).toEqual(FAULT_KINDS);
    expect(Object.fromEntries(rowsBelow('Retry decisions'))).toEqual(RETRIES);
  });

  it('lists every error class with its kind, outcome and retry, and no other', async () => {
    const wanted = (await faults()).map(({ _tag, kind, outcomeKnown, retry }) => [
      _tag,
      kind,
      outcomeKnown ? 'known' : 'not known',
      retry,
    ]);
    const byName = (a: readonly string[], b: readonly string[]) => (a.join() < b.join() ? -1 : 1);
    expect([...rowsBelow('Classes')].sort(byName)).toEqual([...wanted].sort(byName));
  });

  it('has a class for each of the eight kinds, and an unknown outcome is never retried blindly', async () => {
    const all = await faults();
    expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(Object.keys(FAULT_KINDS)));
    for (const { outcomeKnown, retry, _tag } of all) {
      if (!outcomeKnown) expect(['afterEvidence', 'restart'], _tag).toContain(retry);
    }
  });
});
