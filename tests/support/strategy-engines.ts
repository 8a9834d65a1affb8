import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EngineSpec, StrategySource } from '../../src/actors/isolation/engine-protocol.ts';
import type { StrategyFault } from '../../src/actors/isolation/errors.ts';
import {
  createIsolation,
  type Isolation,
  type StrategyEngine,
  type WorkerLoss,
} from '../../src/actors/isolation/isolation.ts';
import { ambientClock } from '../../src/actors/kernel/ambient-clock.ts';
import type { Side } from '../../src/domain/instrument.ts';
import type { Tick } from '../../src/domain/market.ts';
import type { Position } from '../../src/domain/trading.ts';
import { type EpochMs, epochMs, points } from '../../src/domain/units.ts';
import { EURUSD, lots, usd } from './risk-fixtures.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Real engines in real threads, with everything that happens to them. */
export const position = (ticket: string, side: Side): Position => ({
  ticket,
  symbol: 'EURUSD',
  side,
  volumeE8: lots(1),
  open: points(110_000),
  openedAt: epochMs(0),
  magic: '1',
  swap: usd(0),
  comment: '',
});

/** A user's file as it looks after bundling. `onBar` and `onTick` are bodies that answer. */
export interface UserFile {
  readonly top?: string;
  readonly onBar?: string;
  readonly onTick?: string;
  readonly warmupBars?: number;
}
const NOTHING = '({ state, signals: [] })';
export const userFile = (name: string, file: UserFile): StrategySource => {
  const { top = '', onBar = `return ${NOTHING};`, onTick, warmupBars = 0 } = file;
  const path = join(temporaryDirectory(), `${name}.mjs`);
  const tick = onTick === undefined ? '' : `onTick: (state, tick, context) => { ${onTick} },`;
  writeFileSync(
    path,
    `${top}
    export default {
      name: '${name}', version: '1.0.0', timeframe: 'M1', params: {},
      warmupBars: () => ${warmupBars}, init: () => 0, ${tick}
      onBar: (state, bar, context) => { ${onBar} },
    };`,
  );
  return { type: 'file', file: path };
};

export const specOf = (strategyId: string, source: StrategySource, params = {}): EngineSpec => ({
  strategyId,
  source,
  symbol: 'EURUSD',
  timeframe: 'M1',
  params,
  serverTz: 'ny+7',
});

const START = Date.UTC(2024, 1, 8);
/** Four ticks a minute along a seeded walk with trends, beginning at minute `from`. */
export const walkOf = (seed: number, minutes: number): readonly Tick[] => {
  let state = seed >>> 0;
  let bid = 110_000;
  return Array.from({ length: minutes * 4 }, (_, index): Tick => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bid += Math.round((state / 2 ** 32 - 0.5) * 20 + 6 * Math.sin(index / 90));
    const at = epochMs(START + index * 15_000);
    return { symbol: 'EURUSD', at, bid: points(bid), ask: points(bid + 8) };
  });
};
/** Ticks that complete one bar per minute. */
export const minutes = (from: number, count: number): readonly Tick[] =>
  walkOf(1, from + count).filter((_, index) => index % 4 === 0 && index / 4 >= from);

export interface Workshop {
  readonly isolation: Isolation;
  readonly losses: WorkerLoss[];
  readonly output: string[];
  /** Opened and warmed up with nothing; ticks go straight in. */
  readonly trading: (spec: EngineSpec, lost?: (fault: StrategyFault) => void) => Promise<Trading>;
}
export interface Trading {
  readonly engine: StrategyEngine;
  readonly feed: (ticks: readonly Tick[]) => ReturnType<StrategyEngine['ask']>;
}

export const warmUp = (engine: StrategyEngine, now: EpochMs = epochMs(START - 1)) =>
  engine.ask({
    type: 'warm',
    instrument: EURUSD,
    holdings: { positions: [], orders: [] },
    now,
    bars: [],
    includedUpTo: now,
  });

export const workshop = (options: {
  readonly seats?: Readonly<Record<string, string>>;
  readonly deadlineMs?: number;
  readonly memoryMb?: number;
  readonly residentBytes?: () => number;
}): Workshop => {
  const losses: WorkerLoss[] = [];
  const output: string[] = [];
  const isolation = createIsolation(
    {
      seats: new Map(Object.entries(options.seats ?? {})),
      deadlineMs: options.deadlineMs ?? 10_000,
      memoryMb: options.memoryMb ?? 64,
    },
    {
      wall: ambientClock,
      residentBytes: options.residentBytes ?? (() => 0),
      onOutput: (worker, text) => output.push(`${worker}: ${text}`),
      onWorkerLost: (loss) => losses.push(loss),
    },
  );
  onTestFinished(() => isolation.close());
  return {
    isolation,
    losses,
    output,
    trading: async (spec, lost = () => undefined) => {
      const engine = isolation.engine(spec, lost);
      await engine.open();
      await warmUp(engine);
      const feed = (ticks: readonly Tick[]) =>
        engine.ask({
          type: 'feed',
          ticks,
          at: ticks.at(-1)?.at ?? epochMs(START),
          holdings: null,
        });
      return { engine, feed };
    },
  };
};
