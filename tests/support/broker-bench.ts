import { expect } from 'vitest';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { EpochMs } from '../../src/domain/units.ts';
import { epochMs, lotsE8, minor, points } from '../../src/domain/units.ts';
import { Engine } from '../../src/mt5/terminal/engine/engine.ts';
import type { EngineEnvironment } from '../../src/mt5/terminal/engine/environment.ts';
import { ENGINE_LIMITS, planConversions } from '../../src/mt5/terminal/engine/environment.ts';
import { fold } from '../../src/mt5/terminal/engine/fold.ts';
import type {
  BrokerAccount,
  BrokerRecord,
  RequestBody,
  RequestOutcome,
} from '../../src/mt5/terminal/engine/records.ts';
import { emptyState, toSnapshot } from '../../src/mt5/terminal/engine/state.ts';
import type { Quote } from './scripted-market.ts';
import { eurusd, MONDAY, ticksOf } from './scripted-market.ts';

export const account: BrokerAccount = {
  login: '5012345',
  server: 'Sim',
  company: 'Bulwark',
  currency: 'USD',
  currencyDigits: 2,
  leverage: 100,
  marginMode: 'hedging',
  stopOutLevelPercent: 50,
};

type Place = Extract<RequestBody, { type: 'place' }>;
export const market: Place = {
  type: 'place',
  symbol: 'EURUSD',
  side: 'buy',
  kind: 'market',
  volumeE8: lotsE8(100_000_000),
  price: points(0),
  stopLimitPrice: null,
  stopLoss: null,
  takeProfit: null,
  magic: '7',
  filling: 'fok',
  tif: 'gtc',
  expiresAt: null,
  comment: '',
};

export interface BenchOptions {
  readonly instruments?: readonly Instrument[];
  readonly env?: Partial<EngineEnvironment>;
  readonly account?: Partial<BrokerAccount>;
  readonly balanceMinor?: bigint;
  readonly seed?: number;
  /** Opens the account this long before `MONDAY`. */
  readonly openedBeforeMs?: number;
}

/** An engine driven by hand: ticks, requests and due instants in time order, records kept. */
export class BrokerBench {
  readonly engine: Engine;
  readonly env: EngineEnvironment;
  readonly records: BrokerRecord[] = [];
  #requests = 0;

  constructor(options: BenchOptions = {}) {
    const instruments = options.instruments ?? [eurusd];
    const env: EngineEnvironment = {
      instruments: new Map(instruments.map((item) => [item.symbol, item])),
      conversions: planConversions(instruments, 'USD').conversions,
      isOpen: () => true,
      serverOffsetMs: () => 10_800_000,
      sourceBarMs: () => undefined,
      slippagePoints: () => 2,
      latencyMs: 250,
      rejectRate: 0,
      requoteRate: 0,
      ...ENGINE_LIMITS,
      ...options.env,
    };
    this.env = env;
    this.engine = new Engine(emptyState(), env);
    this.engine.open({
      account: { ...account, ...options.account },
      balanceMinor: minor(options.balanceMinor ?? 10_000_000n),
      seed: options.seed ?? 1,
      at: epochMs(MONDAY - (options.openedBeforeMs ?? 1)),
    });
  }

  /** Plays quotes; what is due between them happens in between, as the session clock does it. */
  play(...quotes: readonly Quote[]): this {
    for (const tick of ticksOf(quotes)) {
      this.until(tick.at - 1);
      this.engine.tick(tick);
    }
    return this;
  }

  /** Runs everything that is due up to an instant. */
  until(at: number): this {
    while (this.engine.nextDue() <= at) this.engine.runDue(this.engine.nextDue());
    this.engine.moveTo(epochMs(Math.max(at, this.engine.state.now)));
    return this;
  }

  after(ms: number): this {
    return this.until(MONDAY + ms);
  }

  request(body: RequestBody): string {
    this.#requests += 1;
    const id = `r${this.#requests}`;
    this.engine.submit(id, { intent: id, attempt: 1 }, body);
    return id;
  }

  /** Sends a request and runs to its execution. */
  execute(body: RequestBody): RequestOutcome {
    const id = this.request(body);
    this.until(this.engine.state.now + 250);
    return this.outcome(id);
  }

  outcome(id: string): RequestOutcome {
    this.drain();
    for (const record of this.records)
      if (record.type === 'request.done' && record.id === id) return record.outcome;
    throw new Error(`request ${id} has no outcome`);
  }

  drain(): readonly BrokerRecord[] {
    this.records.push(...this.engine.drain());
    return this.records;
  }

  get positions() {
    return [...this.engine.state.positions.values()];
  }
  get lastDeal() {
    const deal = this.engine.state.deals.at(-1);
    if (deal === undefined) throw new Error('no deal');
    return deal;
  }
  get now(): EpochMs {
    return this.engine.state.now;
  }

  /** The two invariants that hold at any time. */
  check(): void {
    expect(toSnapshot(fold(this.drain()))).toEqual(toSnapshot(this.engine.state));
    const booked = this.engine.state.deals.reduce(
      (sum, deal) => sum + deal.profitMinor + deal.commissionMinor + deal.swapMinor,
      0n,
    );
    expect(this.engine.state.balanceMinor).toBe(booked);
  }
}
