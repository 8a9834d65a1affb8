import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as indicators from '../../../src/strategy/indicators.ts';
import { BUILTIN_STRATEGY_NAMES, builtinStrategy } from '../../../src/strategy/registry.ts';

const text = readFileSync(
  fileURLToPath(new URL('../../../docs/strategies.md', import.meta.url)),
  'utf8',
);

describe('docs/strategies.md', () => {
  it('lists every built-in strategy with its parameters and their defaults', () => {
    const stated = BUILTIN_STRATEGY_NAMES.map((name) => {
      const row = text.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? '';
      const params = row.split('|')[2] ?? '';
      return [...params.matchAll(/`(\w+)` ([\d.]+)/g)].map(([, key, value]) => [
        key,
        Number(value),
      ]);
    });
    const wanted = BUILTIN_STRATEGY_NAMES.map((name) =>
      Object.entries(builtinStrategy(name)?.params ?? {}),
    );
    expect(stated).toEqual(wanted);
  });

  it('imports exactly the indicators that there are', () => {
    const imported = /import \{ ([^}]+) \} from 'bulwark\/indicators'/.exec(text)?.[1]?.split(', ');
    expect(imported).toEqual(Object.keys(indicators).sort());
  });
});
