import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../support/audit-dump.ts';
import { STORY, sandbox } from '../support/cli-sandbox.ts';
import { EURUSD_M5, expectAgreement, summaryOf } from '../support/finished-run.ts';
import { A_DAY_AND_A_HALF, walkedBars, walkedTicks } from '../support/generated-market.ts';
import { writeMarketFile } from '../support/market-files.ts';

const TICKS = fileURLToPath(
  new URL('../../../shared/data/EURUSD_ticks_201405.csv.gz', import.meta.url),
);
const absent = !existsSync(TICKS);
if (absent) console.warn('skipped: ../shared/data is absent, so no recorded ticks are replayed');

const SEED = 17;
const WALK = { seed: SEED, ...A_DAY_AND_A_HALF };
const rowsIn = (text: string): number => text.trimEnd().split('\n').length - 1;

describe(`bulwark run --replay, seed ${SEED}`, STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const euro = walkedBars(WALK);
  const replay = async (
    name: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = EURUSD_M5,
  ) => {
    const run = await box.run(['run', '--json', '--data-dir', name, '--replay', ...args], { env });
    const summary = summaryOf(run);
    await expectAgreement(box.path(name));
    return summary;
  };
  const column = (name: string, table: string, key: string): readonly unknown[] =>
    rowsOf(box.path(name, 'audit.db'), table).map((row) => row[key]);

  it('plays several symbols together, each with its own strategy', async () => {
    const gold = walkedBars({ ...WALK, seed: 18, startPoints: 203_000, digits: 2, stepPoints: 25 });
    const files = [
      writeMarketFile(box.dir, 'EURUSD_M1.csv', euro),
      writeMarketFile(box.dir, 'XAUUSD_M1.csv.gz', gzipSync(gold)),
    ];
    const strategies = [
      { use: 'atr-breakout', symbol: 'EURUSD', timeframe: 'M5' },
      { use: 'sma-cross', symbol: 'XAUUSD', timeframe: 'M5' },
    ];
    const env = { BULWARK_STRATEGIES: JSON.stringify(strategies) };
    const summary = await replay('several', files, env);
    expect(summary.bars).toBe(rowsIn(euro) + rowsIn(gold));
    expect(new Set(column('several', 'orders', 'strategy_id'))).toEqual(
      new Set(['atr-breakout:EURUSD', 'sma-cross:XAUUSD']),
    );
    expect(new Set(column('several', 'deals', 'symbol'))).toContain('XAUUSD');
  });

  it('plays ticks, with several in one millisecond', async () => {
    const ticks = walkedTicks(WALK);
    const summary = await replay('ticks', [writeMarketFile(box.dir, 'EURUSD.csv', ticks)]);
    expect(summary.ticks).toBe(rowsIn(ticks));
    expect(summary.deals).toBeGreaterThan(2);
  });

  it.skipIf(absent)('plays a stretch of recorded ticks', async () => {
    const lines = gunzipSync(readFileSync(TICKS)).toString('utf8').split('\n').slice(0, 40_001);
    const file = writeMarketFile(box.dir, 'EURUSD_ticks.csv', `${lines.join('\n')}\n`);
    const summary = await replay('recorded', [file]);
    expect(summary.ticks).toBe(40_000);
    expect(summary.deals).toBeGreaterThan(0);
  });

  it('plays hourly bars: a strategy never decides on finer bars than the data has', async () => {
    const hours = walkedBars({
      seed: SEED,
      from: '2024-02-01 00:00:00',
      to: '2024-03-15 00:00:00',
      stepMinutes: 60,
      stepPoints: 60,
    });
    const summary = await replay('hours', [writeMarketFile(box.dir, 'EURUSD_H1.csv', hours)]);
    expect(summary.bars).toBe(rowsIn(hours));
    expect(summary.deals).toBeGreaterThan(2);
    const instants = column('hours', 'signals', 'bar_at').map(String);
    expect(instants.filter((at) => !at.endsWith(':00:00.000Z'))).toEqual([]);
  });

  it('takes the symbol from --symbol where the file name does not say it', async () => {
    const file = writeMarketFile(box.dir, 'prices.csv', euro);
    const summary = await replay('named', [file, '--symbol', 'EURUSD', '--duration', '14h']);
    expect(summary.deals).toBeGreaterThan(0);
    expect(new Set(column('named', 'orders', 'symbol'))).toEqual(new Set(['EURUSD']));
  });

  it('reads times in the zone of --server-tz', async () => {
    const file = writeMarketFile(box.dir, 'EURUSD_zone.csv', euro);
    const first = async (zone: string): Promise<number> => {
      await replay(zone, [file, '--server-tz', zone, '--duration', '14h']);
      return Date.parse(String(column(zone, 'signals', 'raised_at')[0]));
    };
    const [utc, east] = [await first('UTC'), await first('UTC+5')];
    expect(utc - east).toBe(5 * 3_600_000);
  });

  it('ends after the market time of --duration, at the same tick at any speed', async () => {
    const file = writeMarketFile(box.dir, 'EURUSD_part.csv', euro);
    const part = (name: string, speed: string) =>
      replay(name, [file, '--duration', '12h', '--speed', speed]);
    const [fast, paced] = [await part('part-fast', 'max'), await part('part-paced', '400000')];
    expect(fast.ticks).toBe(12 * 60 * 4);
    expect(fast.deals).toBeGreaterThan(0);
    const { wallSeconds: _, cpuSeconds: __, ...figures } = fast;
    expect(paced).toMatchObject(figures);
  });

  it('goes on from there when it is resumed without a duration', async () => {
    const summary = await replay('part-fast', [box.path('EURUSD_part.csv')]);
    expect(summary.bars).toBe(rowsIn(euro));
  });
});
