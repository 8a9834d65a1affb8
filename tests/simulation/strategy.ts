import { createEngine, type Engine } from '../../src/actors/isolation/engine.ts';
import { encodeRequest } from '../../src/actors/isolation/engine-codec.ts';
import type { EngineSpec } from '../../src/actors/isolation/engine-protocol.ts';
import { StrategyFault, type StrategyFaultReason } from '../../src/actors/isolation/errors.ts';
import type { Isolation, StrategyEngine } from '../../src/actors/isolation/isolation.ts';
import type { StrategyOptions } from '../../src/actors/strategy-host.ts';
import { points } from '../../src/domain/units.ts';
import { defineStrategy } from '../../src/strategy/api.ts';
import type { AnyStrategy } from '../../src/strategy/registry.ts';
import type { Owner, SimLoop } from './loop.ts';
import { MINUTE_MS } from './market.ts';

export interface PulseParams {
  readonly every: number;
  readonly hold: number;
  readonly offset: number;
  readonly stopPoints: number;
  /** Opens nothing from this instant on, epoch ms. */
  readonly until: number;
}

/** Opens at every `every`-th bar and closes `hold` bars later: its signals can be foretold. */
const pulse = defineStrategy<PulseParams, null>({
  name: 'pulse',
  version: '1.0.0',
  timeframe: 'M1',
  params: { every: 4, hold: 2, offset: 0, stopPoints: 400, until: Number.MAX_SAFE_INTEGER },
  warmupBars: () => 0,
  init: () => null,
  onBar: (state, bar, { params, positions }) => {
    const index = Math.floor(bar.at / MINUTE_MS) - params.offset;
    const beat = index % params.every;
    const reason = `pulse ${index}`;
    if (beat === 0 && bar.at < params.until) {
      const side = index % (2 * params.every) === 0 ? 'buy' : 'sell';
      const stopDistance = points(params.stopPoints);
      const wish = { type: 'open', side, kind: 'market', stopDistance, leg: 0, reason } as const;
      return { state, signals: [wish] };
    }
    if (beat === params.hold && positions.length > 0) {
      return { state, signals: [{ type: 'close', leg: 1, reason }] };
    }
    return { state, signals: [] };
  },
});

export const pulseId = (symbol: string): string => `pulse:${symbol}`;

export const strategyOptions = (
  symbol: string,
  index: number,
  params: PulseParams,
): StrategyOptions => {
  const id = pulseId(symbol);
  return {
    key: { id, name: 'pulse', symbol, number: index + 1, hash: `hash-of-${id}` },
    source: { type: 'builtin', name: 'pulse' },
    timeframe: 'M1',
    params,
    serverTz: 'ny+7',
    wakeOnTick: false,
  };
};

/** What the next request of any strategy meets. */
export type StrategyTrouble = 'throws' | 'hangs' | 'failsToOpen' | 'opensLate';

const DEADLINE_MS = 2_000;
const LATE_MS = 1_500;

/**
 * Strategies as workers hold them, without the threads: a request that hangs is answered with the
 * fault that follows from the worker's deadline.
 */
export class SimIsolation implements Isolation {
  readonly #loop: SimLoop;
  readonly #owner: Owner;
  readonly #trouble: () => StrategyTrouble | undefined;

  constructor(loop: SimLoop, owner: Owner, trouble: () => StrategyTrouble | undefined) {
    this.#loop = loop;
    this.#owner = owner;
    this.#trouble = trouble;
  }

  readonly close = async (): Promise<void> => undefined;

  readonly engine = (spec: EngineSpec): StrategyEngine => {
    let engine: Engine | undefined;
    const fault = (reason: StrategyFaultReason, detail: string): StrategyFault =>
      new StrategyFault({ reason, strategyId: spec.strategyId, detail });
    return {
      open: async () => {
        const trouble = this.#trouble();
        if (trouble === 'failsToOpen') throw fault('died', 'its worker never came up');
        if (trouble === 'opensLate') await this.#pause(LATE_MS);
        engine = createEngine(pulse as unknown as AnyStrategy, spec);
        return engine.warmupBars;
      },
      ask: async (request) => {
        const trouble = this.#trouble();
        if (trouble === 'throws') throw fault('threw', 'onBar threw');
        if (trouble === 'hangs') {
          await this.#pause(DEADLINE_MS);
          throw fault('timedOut', 'it did not answer');
        }
        if (engine === undefined) throw fault('died', 'it is not open');
        return engine.answer(encodeRequest(request));
      },
      close: async () => {
        engine = undefined;
      },
    };
  };

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#loop.after(this.#owner, ms, resolve);
    });
  }
}
