import { createIsolation, type StrategyEngine } from '../../src/actors/isolation/isolation.ts';
import { ambientClock } from '../../src/actors/kernel/ambient-clock.ts';
import { type EpochMs, epochMs, points } from '../../src/domain/units.ts';
import { builtinStrategy } from '../../src/strategy/registry.ts';
import { EURUSD } from '../support/risk-fixtures.ts';
import { type BenchRow, median, quantile } from './bench-row.ts';

const ROUNDS = 5;
const ROUND_TRIPS = 2_000;
const TICKS_PER_BATCH = 60;
const START = Date.UTC(2024, 1, 8);

/** Feeds one strategy as its host does: a tick or a batch, and waits for what it decides. */
const feeder = (engine: StrategyEngine) => {
  let sent = 0;
  return async (ticksPerBatch: number): Promise<void> => {
    const ticks = Array.from({ length: ticksPerBatch }, () => {
      sent += 1;
      const bid = 110_000 + Math.round(50 * Math.sin(sent / 40));
      const at = epochMs(START + sent * 1_000);
      return { symbol: 'EURUSD', at, bid: points(bid), ask: points(bid + 8) };
    });
    const at: EpochMs = ticks.at(-1)?.at ?? epochMs(START);
    await engine.ask({ type: 'feed', ticks, at, holdings: null });
  };
};

const opened = async (place: 'inline' | 'worker') => {
  const name = 'sma-cross';
  const strategyId = `${name}:EURUSD`;
  const seats = new Map(place === 'worker' ? [[strategyId, 'bench']] : []);
  const isolation = createIsolation(
    { seats, deadlineMs: 10_000, memoryMb: 256 },
    {
      wall: ambientClock,
      residentBytes: process.memoryUsage.rss,
      onOutput: () => undefined,
      onWorkerLost: ({ detail }) => {
        throw new Error(detail);
      },
    },
  );
  const params = builtinStrategy(name)?.params ?? {};
  const source = { type: 'builtin', name } as const;
  const engine = isolation.engine(
    { strategyId, source, symbol: 'EURUSD', timeframe: 'M1', params, serverTz: 'ny+7' },
    () => undefined,
  );
  await engine.open();
  const now = epochMs(START);
  const nothing = { holdings: { positions: [], orders: [] }, bars: [] };
  await engine.ask({ type: 'warm', instrument: EURUSD, ...nothing, includedUpTo: now, now });
  return { feed: feeder(engine), close: isolation.close };
};

const measure = async (turn: () => Promise<void>): Promise<readonly number[]> => {
  const samples: number[] = [];
  for (let i = 0; i < ROUND_TRIPS; i += 1) {
    const start = performance.now();
    await turn();
    samples.push((performance.now() - start) * 1_000);
  }
  return samples;
};

/** What a tick costs on its way to a strategy in a worker and back, beside the same inline. */
export const benchWorker = async (): Promise<readonly BenchRow[]> => {
  const places = { inline: await opened('inline'), worker: await opened('worker') };
  const rows: BenchRow[] = [];
  const began = performance.now();
  const extra = await opened('worker');
  rows.push({ name: 'worker start to first answer', value: performance.now() - began, unit: 'ms' });
  await extra.close();
  for (const ticksPerBatch of [1, TICKS_PER_BATCH]) {
    const what = ticksPerBatch === 1 ? 'a tick' : `a batch of ${ticksPerBatch} ticks`;
    const mid: Record<string, number> = {};
    for (const [place, { feed }] of Object.entries(places)) {
      const turn = (): Promise<void> => feed(ticksPerBatch);
      await measure(turn);
      const rounds: (readonly number[])[] = [];
      for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measure(turn));
      mid[place] = median(rounds.map(median));
      const p99 = median(rounds.map((samples) => quantile(samples, 0.99)));
      rows.push({ name: `${what}, ${place}, p50`, value: mid[place] ?? Number.NaN, unit: 'µs' });
      rows.push({ name: `${what}, ${place}, p99`, value: p99, unit: 'µs' });
    }
    const ratio = (mid['worker'] ?? Number.NaN) / (mid['inline'] ?? Number.NaN);
    rows.push({ name: `${what}, worker/inline p50`, value: ratio, unit: '×' });
  }
  for (const { close } of Object.values(places)) await close();
  return rows;
};
