import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadStrategy } from '../../../src/cli/load-strategy.ts';

const folder = mkdtempSync(join(tmpdir(), 'bulwark-strategy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FIELDS = `
  name: 'mine', version: '1.0.0', timeframe: 'M5', params: { bars: 3 },
  warmupBars: (params) => params.bars, init: () => ({ seen: 0 }),
  onBar: (state, bar) => ({ state: { seen: state.seen + 1 }, signals: [] }),
`;
const good = (fields = FIELDS): string =>
  `import { defineStrategy } from 'bulwark';\nexport default defineStrategy({${fields}});\n`;
const load = (name: string, text?: string) => {
  if (text !== undefined) writeFileSync(join(folder, name), text);
  return loadStrategy(name, { cwd: folder, outDir: 'out' });
};

describe('loading a strategy', () => {
  it('knows the built-ins by name', async () => {
    const loaded = await load('atr-breakout');
    expect(loaded).toMatchObject({ ok: true, codeHash: undefined });
    expect(loaded.ok && loaded.strategy.name).toBe('atr-breakout');
  });

  it.each(['mine.ts', 'mine.mjs', 'mine.js'])('bundles and runs %s', async (name) => {
    const loaded = await load(name, good());
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
    expect(loaded.strategy.warmupBars(loaded.strategy.params)).toBe(3);
    expect(loaded.codeHash).toMatch(/^[0-9a-f]{64}$/);
    expect(readdirSync(join(folder, 'out'))).toContain(
      `strategy-${loaded.codeHash?.slice(0, 16)}.mjs`,
    );
  });

  it('bundles types, neighbours and the shipped indicators', async () => {
    writeFileSync(join(folder, 'helper.ts'), 'export const bars: number = 7;\n');
    const text = `
      import type { Bar } from 'bulwark';
      import { defineStrategy } from 'bulwark';
      import { sma } from 'bulwark/indicators';
      import { bars } from './helper';
      const average = (list: readonly number[]): number => sma(list, 2) ?? 0;
      export default defineStrategy({${FIELDS.replace('bars: 3', 'bars: bars + average([1, 3])')}});`;
    const loaded = await load('whole.ts', text);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
    expect(loaded.strategy.params).toEqual({ bars: 9 });
  });

  it('gives the same hash for the same code and another one for a change', async () => {
    const hashOf = async (name: string, text: string) => {
      const loaded = await load(name, text);
      return loaded.ok ? loaded.codeHash : JSON.stringify(loaded.errors);
    };
    const first = await hashOf('a.ts', good());
    expect(await hashOf('a.ts', `// another remark\n${good()}`)).toBe(first);
    expect(await hashOf('a.ts', good(FIELDS.replace('bars: 3', 'bars: 4')))).not.toBe(first);
    const changed = await load('a.ts');
    expect(changed.ok && changed.strategy.params).toEqual({ bars: 4 });
  });

  it.each<[string, string, string | undefined, RegExp, RegExp]>([
    ['an unknown name', 'no-such', undefined, /no built-in/, /atr-breakout, sma-cross/],
    ['a missing file', 'absent.ts', undefined, /no such file/, /path/],
    ['a syntax error', 'broken.ts', 'export default {', /end of file/, /Correct/],
    [
      'an unknown import',
      'import.ts',
      "import x from 'bulwark/risk'; export default x;",
      /only "bulwark"/,
      /Correct/,
    ],
    ['no default export', 'bare.ts', 'export const a = 1;', /no default export/, /export default/],
    ['a throw while loading', 'throws.ts', 'throw new Error("boom");', /boom/, /without doing/],
    [
      'a name that is no path segment',
      'name.ts',
      good(FIELDS.replace("'mine'", "'My Bot'")),
      /short name/,
      /lower-case/,
    ],
    ['an unknown timeframe', 'frame.ts', good(FIELDS.replace('M5', 'M7')), /"M7"/, /M1, M5/],
    [
      'a parameter of a wrong type',
      'param.ts',
      good(FIELDS.replace('bars: 3', 'bars: []')),
      /parameter/,
      /default/,
    ],
    ['a missing onBar', 'onbar.ts', good(FIELDS.replace('onBar:', 'onBars:')), /function/, /onBar/],
    [
      'a warm-up that is no number',
      'warm.ts',
      good(FIELDS.replace('=> params.bars,', '=> NaN,')),
      /NaN/,
      /whole number/,
    ],
    [
      'a warm-up that throws',
      'warm2.ts',
      good(FIELDS.replace('=> params.bars,', '=> { throw new Error("no") },')),
      /threw/,
      /whole number/,
    ],
  ])('refuses %s with a reason and a remedy', async (_, name, text, reason, remedy) => {
    const loaded = await load(name, text);
    if (loaded.ok) throw new Error('it was loaded');
    expect(loaded.errors[0]?.path).toContain(name);
    expect(loaded.errors[0]?.reason).toMatch(reason);
    expect(loaded.errors[0]?.remedy).toMatch(remedy);
  });

  it('says line and column of a syntax error', async () => {
    const loaded = await load('line.ts', 'const a = 1;\nconst b = ;\n');
    expect(loaded.ok ? '' : loaded.errors[0]?.path).toBe('line.ts:2:11');
  });
});
