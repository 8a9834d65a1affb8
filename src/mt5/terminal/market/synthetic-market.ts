import type { Instrument } from '../../../domain/instrument.ts';
import type { EpochMs } from '../../../domain/units.ts';
import type { ServerZone } from '../../venue-time.ts';
import { CATALOG_SYMBOLS, catalogBase } from '../catalog.ts';
import type { BaseBar, HistoryQuery } from './bar-history.ts';
import { aggregate, playedBars, wholeBars } from './bar-history.ts';
import { MarketDataError, quoted } from './errors.ts';
import type { MarketExtras } from './market-extras.ts';
import { instrumentOrThrow, zoneOrThrow } from './market-extras.ts';
import { MergedQuotes } from './merged-quotes.ts';
import type { QuoteSeries } from './quote-series.ts';
import { firstAbove } from './quote-series.ts';
import { isInSession } from './sessions.ts';
import type { SyntheticSymbol } from './synthetic-day.ts';
import { planDay } from './synthetic-day.ts';
import { SyntheticDays } from './synthetic-days.ts';
import { profileOf } from './synthetic-profile.ts';
import { hashText } from './synthetic-random.ts';
import type { Market, MarketOptions } from './types.ts';

const DAY = 86_400_000;
const SOURCE = 'synthetic market';

type SyntheticOptions = Extract<MarketOptions, { readonly kind: 'synthetic' }>;

/** The day being played. */
interface CurrentDay {
  readonly day: number;
  readonly quotes: readonly QuoteSeries[];
  readonly merged: MergedQuotes;
}

/**
 * The built-in market: endless, and a pure function of seed, symbols, start and zone. Days are
 * generated one by one when they are played; seeking adds up tick counts of day plans and generates
 * only the day it arrives at.
 */
class SyntheticMarket implements Market {
  readonly instruments: readonly Instrument[];
  readonly startsAt: EpochMs;
  readonly endsAt = undefined;
  private readonly zone: ServerZone;
  private readonly days: SyntheticDays;
  /** Quotes of the first day before the start, and per symbol the bars wholly before it. */
  private readonly skipped: number;
  private readonly skippedBars: readonly number[];
  private current: CurrentDay;

  constructor(options: {
    readonly instruments: readonly Instrument[];
    readonly symbols: readonly SyntheticSymbol[];
    readonly zone: ServerZone;
    readonly startMs: EpochMs;
  }) {
    const { instruments, symbols, zone, startMs } = options;
    this.instruments = instruments;
    this.zone = zone;
    this.startsAt = startMs;
    const firstDay = Math.floor(zone.toServer(startMs) / DAY);
    this.days = new SyntheticDays(symbols, firstDay);
    this.current = this.makeDay(firstDay);
    const firsts = this.current.quotes.map((quotes) =>
      firstAbove(quotes.length, quotes.atOf, startMs - 1),
    );
    this.skippedBars = this.current.quotes.map((quotes, index) => {
      const first = firsts[index] ?? 0;
      return first < quotes.length ? quotes.barOf(first) : quotes.bars.length;
    });
    this.skipped = firsts.reduce((sum, first) => sum + first, 0);
    this.current.merged.seek(this.skipped);
  }

  readonly peek: Market['peek'] = () => {
    let tick = this.current.merged.peek();
    while (tick === undefined) {
      this.enterDay(this.current.day + 1);
      tick = this.current.merged.peek();
    }
    return tick;
  };

  readonly next: Market['next'] = () => {
    this.peek();
    return this.current.merged.next();
  };

  readonly position: Market['position'] = () => {
    const { quotesBefore } = this.days.totalsBefore(this.current.day);
    return quotesBefore + this.current.merged.position - this.skipped;
  };

  readonly seek: Market['seek'] = (position) => {
    if (!Number.isInteger(position) || position < 0) {
      throw new RangeError(`position ${position} is not in this market (0 and more)`);
    }
    const target = position + this.skipped;
    this.enterDay(this.days.dayOfQuote(target));
    const { quotesBefore } = this.days.totalsBefore(this.current.day);
    this.current.merged.seek(target - quotesBefore);
  };

  readonly barsTotal: Market['barsTotal'] = () => {
    const { barsBefore } = this.days.totalsBefore(this.current.day);
    return this.current.quotes.reduce((total, quotes, index) => {
      const cursor = this.current.merged.cursor(index);
      const today = cursor === 0 ? 0 : quotes.barOf(cursor - 1) + 1;
      const started = (barsBefore[index] ?? 0) + today - (this.skippedBars[index] ?? 0);
      return total + Math.max(0, started - 1);
    }, 0);
  };

  readonly history: Market['history'] = (query: HistoryQuery) => {
    const index = this.instruments.findIndex(({ symbol }) => symbol === query.symbol);
    if (index === -1) return [];
    const context = { zone: this.zone, lastQuoteAt: this.lastQuoteAt(index) };
    return aggregate(this.barsBackwards(index), query, context);
  };

  readonly isOpen: Market['isOpen'] = (symbol, at) => {
    const instrument = this.instruments.find((item) => item.symbol === symbol);
    if (instrument === undefined) return false;
    return isInSession(instrument.sessions, this.zone.toServer(at));
  };

  private makeDay(day: number): CurrentDay {
    const quotes = this.days.quotesOf(day);
    const named = quotes.map((series, index) => ({
      symbol: this.instruments[index]?.symbol ?? '',
      quotes: series,
    }));
    return { day, quotes, merged: new MergedQuotes(named) };
  }

  private enterDay(day: number): void {
    if (day === this.current.day) return;
    for (const [index, quotes] of this.current.quotes.entries()) {
      this.days.remember(index, this.current.day, quotes);
    }
    this.current = this.makeDay(day);
  }

  /** Bars up to the position, newest first, over the days before the start as well. */
  private *barsBackwards(index: number): Generator<BaseBar> {
    const quotes = this.current.quotes[index];
    if (quotes !== undefined) yield* playedBars(quotes, this.current.merged.cursor(index));
    for (const { bars } of this.days.barsBefore(index, this.current.day)) {
      yield* wholeBars(bars, bars.length);
    }
  }

  /** Instant of the symbol's last quote before the position, be it days ago. */
  private lastQuoteAt(index: number): number {
    const cursor = this.current.merged.cursor(index);
    if (cursor > 0) return this.current.quotes[index]?.atOf(cursor - 1) ?? Number.NaN;
    for (const { lastQuoteAt } of this.days.barsBefore(index, this.current.day)) {
      if (lastQuoteAt !== undefined) return lastQuoteAt;
    }
    return Number.NEGATIVE_INFINITY;
  }
}

const refuse = (reason: string, remedy: string): never => {
  throw new MarketDataError({ file: SOURCE, line: 0, reason, remedy });
};

/** A symbol that no week ever opens would make the search for its next quote endless. */
const refuseIdle = (symbol: SyntheticSymbol, name: string): void => {
  const week = Array.from({ length: 7 }, (_, day) => planDay(symbol, day));
  if (week.every(({ tickTotal }) => tickTotal === 0)) {
    refuse(`the sessions of ${name} never open`, 'Configure sessions of whole minutes');
  }
};

/** Opens the seeded market; throws MarketDataError for symbols that it cannot quote. */
export const openSyntheticMarket = (options: SyntheticOptions, extras: MarketExtras): Market => {
  const { startMs } = options;
  const zone = zoneOrThrow(options.serverTz);
  const known = `Name each of ${CATALOG_SYMBOLS.join(', ')} at most once`;
  if (options.symbols.length === 0) refuse('no symbol was named', known);
  if (new Set(options.symbols).size !== options.symbols.length) {
    refuse(`a symbol is named twice (${options.symbols.join(', ')})`, known);
  }
  const instruments = options.symbols.map((symbol) =>
    instrumentOrThrow(extras, { symbol, file: SOURCE }),
  );
  const symbols = instruments.map((instrument): SyntheticSymbol => {
    const { symbol, digits, sessions } = instrument;
    const profile = profileOf(catalogBase(symbol) ?? '');
    if (profile === undefined) return refuse(`unknown symbol ${quoted(symbol)}`, known);
    const made = { seed: options.seed, code: hashText(symbol), digits, profile, sessions, zone };
    refuseIdle(made, symbol);
    return made;
  });
  return new SyntheticMarket({ instruments, symbols, zone, startMs });
};
