import type { Instrument } from '../../../domain/instrument.ts';
import { TIMEFRAMES } from '../../../domain/market.ts';
import type { EpochMs } from '../../../domain/units.ts';
import { epochMs } from '../../../domain/units.ts';
import type { ServerZone } from '../../venue-time.ts';
import type { HistoryQuery } from './bar-history.ts';
import { aggregate, playedBars } from './bar-history.ts';
import { barQuotes } from './bar-quotes.ts';
import { MarketDataError } from './errors.ts';
import { MARKET_LIMITS } from './limits.ts';
import { checkReadable } from './line-source.ts';
import type { LoadedSeries } from './loaded-series.ts';
import type { MarketExtras } from './market-extras.ts';
import { instrumentOrThrow, zoneOrThrow } from './market-extras.ts';
import type { SymbolQuotes } from './merged-quotes.ts';
import { MergedQuotes } from './merged-quotes.ts';
import { loadReplayFile, symbolOf } from './mt5-csv.ts';
import type { QuoteSeries } from './quote-series.ts';
import { joinSeries } from './series-merge.ts';
import { isInSession, tradedHours, widenSessions } from './sessions.ts';
import { tickQuotes } from './tick-quotes.ts';
import type { Market, MarketOptions, ReplayFile, SpreadConvention } from './types.ts';

type ReplayOptions = Extract<MarketOptions, { readonly kind: 'replay' }>;

/** Loads all files, grouped by symbol in the order in which symbols first appear. */
const loadAll = async (
  files: readonly ReplayFile[],
  zone: ServerZone,
  extras: MarketExtras,
): Promise<ReadonlyMap<string, readonly LoadedSeries[]>> => {
  // Refused before any is read: half a minute of loading is no time to learn of a typing error.
  for (const file of files) {
    await checkReadable(file.path);
    instrumentOrThrow(extras, { symbol: symbolOf(file), file: file.path, line: 1 });
  }
  const bySymbol = new Map<string, LoadedSeries[]>();
  for (const [index, file] of files.entries()) {
    const series = await loadReplayFile(file, zone, {
      ...(extras.maxRowsPerFile === undefined ? {} : { maxRows: extras.maxRowsPerFile }),
      onProgress: (fraction) => extras.onProgress?.((index + fraction) / files.length, file.path),
    });
    bySymbol.set(series.symbol, [...(bySymbol.get(series.symbol) ?? []), series]);
  }
  return bySymbol;
};

interface ReplaySymbol extends SymbolQuotes {
  readonly instrument: Instrument;
  /** Its quotes are played from bars, not recorded as ticks. */
  readonly fromBars: boolean;
}

const replaySymbol = (
  symbol: string,
  parts: readonly LoadedSeries[],
  options: {
    readonly zone: ServerZone;
    readonly convention: SpreadConvention;
    readonly extras: MarketExtras;
  },
): ReplaySymbol => {
  const { zone, convention, extras } = options;
  const wanted = extras.overrides?.[symbol]?.digits;
  const series = joinSeries(parts, zone, wanted);
  if (series === undefined) throw new RangeError(`no file of ${symbol}`);
  if (wanted !== undefined && series.digits > wanted) {
    throw new MarketDataError({
      file: series.file,
      line: 1,
      reason: `prices have ${series.digits} digits, ${symbol} is configured with ${wanted}`,
      remedy: 'Remove digits from the configuration of the symbol, or raise it',
    });
  }
  const quotes =
    series.kind === 'bars' ? barQuotes(series, { zone, convention }) : tickQuotes(series);
  const known = instrumentOrThrow(extras, { symbol, file: series.file, digits: series.digits });
  const traded = tradedHours(quotes.bars.at, TIMEFRAMES[quotes.bars.timeframe], zone);
  const sessions = widenSessions(known.sessions, traded);
  return { symbol, quotes, instrument: { ...known, sessions }, fromBars: series.kind === 'bars' };
};

/** A market of recorded data. All of its state is one cursor per symbol: bars and history follow
 * from it, so that seeking is cheap and nothing can drift from what was played. */
class ReplayMarket implements Market {
  readonly instruments: readonly Instrument[];
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  private readonly symbols: readonly ReplaySymbol[];
  private readonly zone: ServerZone;
  private readonly merged: MergedQuotes;

  constructor(symbols: readonly ReplaySymbol[], zone: ServerZone) {
    this.symbols = symbols;
    this.zone = zone;
    this.instruments = symbols.map((item) => item.instrument);
    this.merged = new MergedQuotes(symbols);
    const firsts = symbols.map(({ quotes }) => quotes.atOf(0));
    const lasts = symbols.map(({ quotes }) => quotes.atOf(quotes.length - 1));
    this.startsAt = epochMs(Math.min(...firsts));
    this.endsAt = epochMs(Math.max(...lasts));
  }

  readonly peek: Market['peek'] = () => this.merged.peek();
  readonly next: Market['next'] = () => this.merged.next();
  readonly position: Market['position'] = () => this.merged.position;
  readonly seek: Market['seek'] = (position) => this.merged.seek(position);

  readonly barsTotal: Market['barsTotal'] = () => {
    const ended = this.merged.position === this.merged.length;
    return this.symbols.reduce((total, { quotes }, index) => {
      if (ended) return total + quotes.bars.length;
      const cursor = this.merged.cursor(index);
      return total + (cursor === 0 ? 0 : quotes.barOf(cursor - 1));
    }, 0);
  };

  readonly history: Market['history'] = (query: HistoryQuery) => {
    const index = this.symbols.findIndex(({ symbol }) => symbol === query.symbol);
    const quotes: QuoteSeries | undefined = this.symbols[index]?.quotes;
    if (quotes === undefined) return [];
    const cursor = this.merged.cursor(index);
    const tooFine = TIMEFRAMES[query.timeframe] < TIMEFRAMES[quotes.bars.timeframe];
    if (cursor === 0 || tooFine) return [];
    const lastQuoteAt = quotes.atOf(cursor - 1);
    return aggregate(playedBars(quotes, cursor), query, { zone: this.zone, lastQuoteAt });
  };

  readonly sourceBarMs = (symbol: string): number | undefined => {
    const played = this.symbols.find((item) => item.symbol === symbol);
    return played?.fromBars === true ? TIMEFRAMES[played.quotes.bars.timeframe] : undefined;
  };

  readonly isOpen: Market['isOpen'] = (symbol, at) => {
    const instrument = this.instruments.find((item) => item.symbol === symbol);
    if (instrument === undefined) return false;
    return isInSession(instrument.sessions, this.zone.toServer(at));
  };
}

/** Loads and validates every file before the first quote; rejects with MarketDataError. */
export const loadReplayMarket = async (
  options: ReplayOptions,
  extras: MarketExtras,
): Promise<Market> => {
  const { files } = options;
  const zone = zoneOrThrow(options.serverTz);
  if (files.length === 0 || files.length > MARKET_LIMITS.maxFiles) {
    throw new MarketDataError({
      file: 'replay',
      line: 0,
      reason: `${files.length} files were named`,
      remedy: `Name 1 to ${MARKET_LIMITS.maxFiles} files`,
    });
  }
  const convention = options.convention ?? 'honest';
  const bySymbol = await loadAll(files, zone, extras);
  const symbols = [...bySymbol].map(([symbol, parts]) =>
    replaySymbol(symbol, parts, { zone, convention, extras }),
  );
  return new ReplayMarket(symbols, zone);
};
