import { createEngine, type Engine } from '../../src/actors/isolation/engine.ts';
import { encodeRequest } from '../../src/actors/isolation/engine-codec.ts';
import type { EngineSpec } from '../../src/actors/isolation/engine-protocol.ts';
import { StrategyFault, type StrategyFaultReason } from '../../src/actors/isolation/errors.ts';
import type { Isolation, StrategyEngine } from '../../src/actors/isolation/isolation.ts';
import type { StrategyOptions } from '../../src/actors/strategy-host.ts';
import type { Bar } from '../../src/domain/market.ts';
import type { Signal } from '../../src/domain/trading.ts';
import { epochMs, points } from '../../src/domain/units.ts';
import { defineStrategy, type StrategyContext } from '../../src/strategy/api.ts';
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
  /** Waits for a price, and changes what it has, instead of opening at the market. */
  readonly pending: boolean;
}

type Pulse = StrategyContext<PulseParams>;

/** Distance of a pending order from the market, and how far it is moved, points. */
const AWAY = { placed: 40, moved: 15 } as const;
const LIVES_MS = 5 * MINUTE_MS;

const openAtMarket = (index: number, { params }: Pulse): Signal => {
  const side = index % (2 * params.every) === 0 ? 'buy' : 'sell';
  const stopDistance = points(params.stopPoints);
  return { type: 'open', side, kind: 'market', stopDistance, leg: 0, reason: `pulse ${index}` };
};

/** By turns a limit order and a stop order, which end by themselves if nobody ends them. */
const openPending = (index: number, bar: Bar, { params }: Pulse): Signal => {
  const isBuy = index % (2 * params.every) === 0;
  const kind = index % (3 * params.every) === 0 ? 'stop' : 'limit';
  const away = (kind === 'stop') === isBuy ? AWAY.placed : -AWAY.placed;
  return {
    ...{ type: 'open', side: isBuy ? 'buy' : 'sell', kind, leg: 0, reason: `pulse ${index}` },
    ...{ price: points(bar.close + away), stopDistance: points(params.stopPoints) },
    ...{ tif: 'specified', expiresAt: epochMs(bar.at + LIVES_MS) },
  };
};

/** A bar later: the order is moved towards the market, the stop towards the price. */
const changeThem = (reason: string, { positions, orders }: Pulse): readonly Signal[] => [
  ...orders.map(({ ticket, price, side, kind, stopLoss }, at): Signal => {
    const towards = (kind === 'stop') === (side === 'buy') ? -AWAY.moved : AWAY.moved;
    const moved = stopLoss === undefined ? {} : { stopLoss: points(stopLoss + towards) };
    const to = { price: points(price + towards), ...moved };
    return { type: 'modifyOrder', ticket, ...to, leg: 2 + at, reason };
  }),
  ...positions.flatMap(({ ticket, side, stopLoss }, at): readonly Signal[] => {
    if (stopLoss === undefined) return [];
    const tighter = points(stopLoss + (side === 'buy' ? AWAY.moved : -AWAY.moved));
    return [{ type: 'modifyPosition', ticket, stopLoss: tighter, leg: 10 + at, reason }];
  }),
];

/** Opens at every `every`-th bar and closes `hold` bars later: its signals can be foretold. */
const pulse = defineStrategy<PulseParams, null>({
  name: 'pulse',
  version: '1.0.0',
  timeframe: 'M1',
  params: {
    ...{ every: 4, hold: 2, offset: 0, stopPoints: 400 },
    ...{ until: Number.MAX_SAFE_INTEGER, pending: false },
  },
  warmupBars: () => 0,
  init: () => null,
  onBar: (state, bar, context) => {
    const { params, positions, orders } = context;
    const index = Math.floor(bar.at / MINUTE_MS) - params.offset;
    const beat = index % params.every;
    const reason = `pulse ${index}`;
    const signals: Signal[] = [];
    if (beat === 0 && bar.at < params.until) {
      signals.push(
        params.pending ? openPending(index, bar, context) : openAtMarket(index, context),
      );
    }
    if (params.pending && beat === 1) signals.push(...changeThem(reason, context));
    if (beat === params.hold) {
      if (orders.length > 0) signals.push({ type: 'cancel', leg: 20, reason });
      // Half of it, and the rest a bar later.
      const part = params.pending ? { percent: 50 } : {};
      if (positions.length > 0) signals.push({ type: 'close', leg: 1, reason, ...part });
    }
    if (params.pending && beat === params.hold + 1 && positions.length > 0) {
      signals.push({ type: 'close', leg: 21, reason });
    }
    return { state, signals };
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
