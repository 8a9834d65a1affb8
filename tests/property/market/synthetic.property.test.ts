import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../src/domain/units.ts';
import { loadMarket } from '../../../src/mt5/terminal/market/load-market.ts';
import type { Market } from '../../../src/mt5/terminal/market/types.ts';
import { barsByHand } from '../../support/bars-by-hand.ts';
import { play, wall, zone } from '../../support/market-files.ts';
import { fc } from '../../support/property-seed.ts';

const SYMBOLS = ['EURUSD', 'XAUUSD', 'BTCUSD'] as const;
/** From a Thursday to a Tuesday, over a weekend and the American clock change. */
const anyStart = fc
  .integer({ min: 0, max: 5 * 86_400 })
  .map((seconds) => epochMs(wall('2024-03-07 12:00:00') + seconds * 1000));

const open = async (seed: number, startMs: number): Promise<Market> =>
  await loadMarket(
    { kind: 'synthetic', seed, symbols: SYMBOLS, startMs: epochMs(startMs), serverTz: 'ny+7' },
    { accountCurrency: 'USD' },
  );

describe('the synthetic market', () => {
  it('is the same after a seek as after playing up to there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), anyStart, fc.nat(200_000), async (seed, startMs, position) => {
        const [played, sought] = [await open(seed, startMs), await open(seed, startMs)];
        for (let count = 0; count < position; count += 1) played.next();
        sought.seek(position);
        expect(sought.position()).toBe(position);
        expect(played.position()).toBe(position);
        expect(sought.barsTotal()).toBe(played.barsTotal());
        const to = epochMs(sought.peek()?.at ?? 0);
        for (const symbol of SYMBOLS) {
          const query = { symbol, timeframe: 'M15', count: 300, to } as const;
          expect(sought.history(query)).toEqual(played.history(query));
        }
        expect(play(sought, 50)).toEqual(play(played, 50));
        sought.seek(0);
        expect(sought.barsTotal()).toBe(0);
        expect(sought.peek()).toEqual((await open(seed, startMs)).peek());
      }),
      { numRuns: 6 },
    );
  });

  it('counts and shows exactly the bars that its ticks make', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        anyStart,
        fc.integer({ min: 1, max: 4000 }),
        async (seed, startMs, count) => {
          const market = await open(seed, startMs);
          const ticks = play(market, count);
          const to = epochMs(ticks.at(-1)?.at ?? 0);
          let completed = 0;
          for (const symbol of SYMBOLS) {
            const expected = barsByHand(ticks, { symbol, timeframe: 'M1', zone: zone('ny+7') });
            completed += Math.max(0, expected.length - 1);
            // The first bar may have begun before the market did.
            const whole = expected.slice(1);
            const shown = market.history({ symbol, timeframe: 'M1', count: whole.length, to });
            expect(shown).toEqual(whole);
          }
          expect(market.barsTotal()).toBe(completed);
        },
      ),
      { numRuns: 10 },
    );
  });
});
