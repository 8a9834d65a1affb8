import type { Instrument } from '../../domain/instrument.ts';
import type { Bar, Tick, Timeframe } from '../../domain/market.ts';
import type { EpochMs } from '../../domain/units.ts';
import { isInSession } from '../terminal/market/sessions.ts';
import type { Market } from '../terminal/market/types.ts';
import type { ServerZone } from '../venue-time.ts';

/** Quotes that came and were not played yet; beyond it the oldest are dropped. */
export const LIVE_LIMITS = { ticks: 10_000 } as const;

/** A market as it happens: it ends never, and has the bars that were fetched. */
export class LiveMarket implements Market {
  readonly instruments: readonly Instrument[];
  readonly startsAt: EpochMs;
  readonly endsAt = undefined;
  readonly #zone: ServerZone;
  readonly #ticks: Tick[] = [];
  readonly #bars = new Map<string, readonly Bar[]>();
  #position = 0;

  constructor(options: {
    readonly instruments: readonly Instrument[];
    readonly zone: ServerZone;
    readonly startsAt: EpochMs;
  }) {
    this.instruments = options.instruments;
    this.startsAt = options.startsAt;
    this.#zone = options.zone;
  }

  /** The next quote. Quotes come in the order of their arrival, and are never dated back. */
  push(tick: Tick): void {
    if (this.#ticks.length === LIVE_LIMITS.ticks) this.#ticks.shift();
    const last = this.#ticks.at(-1);
    this.#ticks.push(last !== undefined && tick.at < last.at ? { ...tick, at: last.at } : tick);
  }
  /** Bars of a symbol, oldest first, in place of those that were known. */
  know(symbol: string, timeframe: Timeframe, bars: readonly Bar[]): void {
    this.#bars.set(`${symbol}/${timeframe}`, bars);
  }

  readonly peek: Market['peek'] = () => this.#ticks[0];
  readonly next: Market['next'] = () => {
    const tick = this.#ticks.shift();
    if (tick !== undefined) this.#position += 1;
    return tick;
  };
  readonly position: Market['position'] = () => this.#position;
  /** There is no way back: only the count begins where the log ended. */
  readonly seek: Market['seek'] = (position) => {
    this.#position = position;
  };
  readonly barsTotal: Market['barsTotal'] = () => 0;
  readonly history: Market['history'] = ({ symbol, timeframe, count, to }) =>
    (this.#bars.get(`${symbol}/${timeframe}`) ?? []).filter(({ at }) => at <= to).slice(-count);
  readonly isOpen: Market['isOpen'] = (symbol, at) => {
    const instrument = this.instruments.find((item) => item.symbol === symbol);
    if (instrument === undefined) return false;
    return isInSession(instrument.sessions, this.#zone.toServer(at));
  };
}
