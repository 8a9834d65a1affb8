import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadStrategy } from '../../../src/cli/load-strategy.ts';
import type { Bar } from '../../../src/domain/market.ts';
import type { Signal } from '../../../src/domain/trading.ts';
import { epochMs, points } from '../../../src/domain/units.ts';
import { instrumentFor } from '../../../src/mt5/terminal/catalog.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = `${root}docs/examples`;

const load = async (name: string) => {
  const loaded = await loadStrategy(name, { cwd: folder, outDir: temporaryDirectory() });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  return loaded.strategy;
};

/** Bars that close where they are told, each 20 points high. */
const barsClosingAt = (closes: readonly number[]): readonly Bar[] =>
  closes.map((close, index) => ({
    symbol: 'EURUSD',
    timeframe: 'M15',
    at: epochMs(index * 900_000),
    open: points(close - 5),
    high: points(close + 5),
    low: points(close - 15),
    close: points(close),
    tickVolume: 10,
    spreadPoints: points(2),
    complete: true,
    gap: false,
  }));

describe('the strategy of the README', () => {
  it('stands there as it is in docs/examples', () => {
    const text = readFileSync(`${folder}/three-closes.mjs`, 'utf8').trim();
    expect(readFileSync(`${root}README.md`, 'utf8')).toContain(text);
  });

  it.each(readdirSync(folder))('%s loads without a complaint', async (name) => {
    expect((await load(name)).name).toMatch(/^[a-z-]+$/);
  });

  it('buys after three rising closes, once, with a stop and a target', async () => {
    const strategy = await load('three-closes.mjs');
    const instrument = instrumentFor('EURUSD');
    if (instrument === undefined) throw new Error('EURUSD is not in the catalogue');
    const { params } = strategy;
    const context = { instrument, params, now: epochMs(0), positions: [], orders: [] };
    let state = strategy.init(context);
    const raised: Signal[] = [];
    const flat = Array.from({ length: 20 }, (_, index) => 110_000 + (index % 2) * 4);
    for (const bar of barsClosingAt([...flat, 110_010, 110_020, 110_015])) {
      const decision = strategy.onBar(state, bar, context);
      state = decision.state;
      raised.push(...decision.signals);
    }
    // Two average ranges of 20 points; the target is as far again.
    const stop = { stopDistance: 40, takeProfitDistance: 80 };
    expect(raised).toMatchObject([{ type: 'open', side: 'buy', kind: 'market', leg: 0, ...stop }]);
  });
});
