import type { Instrument, SessionWindow } from '../../domain/instrument.ts';
import { lotsE8, minor, points } from '../../domain/units.ts';

/**
 * The instruments that the simulated broker quotes, with figures of an ordinary ECN account.
 * Sessions are server time of a New York + 7 h server. Point figures are stated for `digits` and
 * rescaled when the data has other digits.
 */
interface CatalogEntry {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly digits: number;
  readonly contractSize: number;
  readonly kind: 'fx' | 'metal' | 'index' | 'crypto';
  readonly stopsLevelPoints: number;
  /** Points per lot and night; negative costs. */
  readonly swapLongPoints: number;
  readonly swapShortPoints: number;
  /** Day session in minutes of the server's day; FX and crypto trade around the clock. */
  readonly sessionMinutes?: readonly [number, number];
}

type Figures = readonly [
  digits: number,
  contractSize: number,
  stopsLevel: number,
  swapLong: number,
  swapShort: number,
];
const fx = (symbol: string, figures: Figures): CatalogEntry =>
  entry(symbol, 'fx', [symbol.slice(0, 3), symbol.slice(3)], figures);
const entry = (
  symbol: string,
  kind: CatalogEntry['kind'],
  [base, quote]: readonly [string, string],
  [digits, contractSize, stopsLevelPoints, swapLongPoints, swapShortPoints]: Figures,
  sessionMinutes?: readonly [number, number],
): CatalogEntry => ({
  symbol,
  base,
  quote,
  digits,
  contractSize,
  kind,
  stopsLevelPoints,
  swapLongPoints,
  swapShortPoints,
  ...(sessionMinutes === undefined ? {} : { sessionMinutes }),
});

const METAL_DAY = [60, 1440] as const;
const INDEX_DAY = [65, 1435] as const;

const CATALOG: readonly CatalogEntry[] = [
  fx('EURUSD', [5, 100_000, 0, -8.2, 3.4]),
  fx('GBPUSD', [5, 100_000, 0, -4.1, -1.2]),
  fx('USDJPY', [3, 100_000, 0, 9.6, -21.4]),
  fx('USDCHF', [5, 100_000, 0, 5.8, -12.6]),
  fx('USDCAD', [5, 100_000, 0, 2.1, -7.9]),
  fx('AUDUSD', [5, 100_000, 0, -3.6, 0.4]),
  fx('NZDUSD', [5, 100_000, 0, -2.4, -1.1]),
  fx('EURGBP', [5, 100_000, 0, -6.9, 1.8]),
  fx('EURJPY', [3, 100_000, 0, 5.1, -16.2]),
  fx('GBPJPY', [3, 100_000, 0, 12.4, -29.8]),
  fx('EURCHF', [5, 100_000, 0, 2.2, -8.7]),
  fx('AUDJPY', [3, 100_000, 0, 4.3, -12.1]),
  entry('XAUUSD', 'metal', ['XAU', 'USD'], [2, 100, 10, -42.5, 18.1], METAL_DAY),
  entry('XAGUSD', 'metal', ['XAG', 'USD'], [3, 5000, 10, -5.2, 1.1], METAL_DAY),
  entry('US30', 'index', ['USD', 'USD'], [2, 1, 100, -720, 180], INDEX_DAY),
  entry('US100', 'index', ['USD', 'USD'], [2, 1, 100, -370, 95], INDEX_DAY),
  entry('US500', 'index', ['USD', 'USD'], [2, 1, 40, -98, 24], INDEX_DAY),
  entry('GER40', 'index', ['EUR', 'EUR'], [2, 1, 100, -260, -40], INDEX_DAY),
  entry('BTCUSD', 'crypto', ['BTC', 'USD'], [2, 1, 500, -2600, -400]),
];

/** Symbols of the catalogue, for error texts and completion. */
export const CATALOG_SYMBOLS: readonly string[] = CATALOG.map((item) => item.symbol);

/** Commission per lot and side of FX and metals in minor units; about three US dollars. */
const COMMISSION_MINOR: Readonly<Record<string, bigint>> = {
  USD: 300n,
  EUR: 275n,
  GBP: 235n,
  CHF: 270n,
  AUD: 450n,
  CAD: 410n,
  NZD: 500n,
  JPY: 450n,
};

const weekdaySessions = (fromMinute: number, toMinute: number): readonly SessionWindow[] =>
  ([1, 2, 3, 4, 5] as const).map((weekday) => ({
    weekday,
    fromSec: fromMinute * 60,
    // Brokers stop quoting five minutes early on Friday.
    toSec: (weekday === 5 ? Math.min(toMinute, 1435) : toMinute) * 60,
  }));
const ALWAYS: readonly SessionWindow[] = ([0, 1, 2, 3, 4, 5, 6] as const).map((weekday) => ({
  weekday,
  fromSec: 0,
  toSec: 86_400,
}));
const sessionsOf = (item: CatalogEntry): readonly SessionWindow[] => {
  if (item.kind === 'crypto') return ALWAYS;
  return weekdaySessions(...(item.sessionMinutes ?? ([0, 1440] as const)));
};

/** What follows the base in a broker's name of it: `.r`, `-ecn`, `.cash`, `m`, `pro`. */
const SUFFIX = /^(?:[._\-#!+][\w.\-#!+]*|[a-z]{1,5})$/;
const entryFor = (symbol: string): CatalogEntry | undefined =>
  CATALOG.find((item) => {
    if (!symbol.startsWith(item.symbol)) return false;
    const rest = symbol.slice(item.symbol.length);
    return rest === '' || SUFFIX.test(rest);
  });

/** The catalogue's own name for a broker's symbol (`EURUSD.r` is EURUSD), or undefined. */
export const catalogBase = (symbol: string): string | undefined => entryFor(symbol)?.symbol;

const toInstrument = (
  item: CatalogEntry,
  options: { readonly symbol: string; readonly digits: number; readonly accountCurrency: string },
): Instrument => {
  const scale = 10 ** (options.digits - item.digits);
  // Halves of a point cannot be quoted; swaps are rates and stay fractional.
  const rescale = (value: number): number => Math.ceil(value * scale);
  const rate = (value: number): number => Number((value * scale).toPrecision(12));
  const feeless = item.kind === 'index' || item.kind === 'crypto';
  return {
    symbol: options.symbol,
    digits: options.digits,
    baseCurrency: item.base,
    quoteCurrency: item.quote,
    contractSize: item.contractSize,
    tickSizePoints: points(1),
    volumeMinE8: lotsE8(1_000_000),
    volumeMaxE8: lotsE8(item.kind === 'crypto' ? 1_000_000_000 : 5_000_000_000),
    volumeStepE8: lotsE8(1_000_000),
    stopsLevelPoints: points(rescale(item.stopsLevelPoints)),
    freezeLevelPoints: points(0),
    fillingModes: item.kind === 'fx' || item.kind === 'metal' ? ['fok', 'ioc'] : ['ioc'],
    tradeMode: 'full',
    swapLongPoints: rate(item.swapLongPoints),
    swapShortPoints: rate(item.swapShortPoints),
    // FX and metals settle two days later, so Wednesday's rollover carries the weekend.
    swapTripleWeekday: item.kind === 'fx' || item.kind === 'metal' ? 3 : 5,
    commissionPerLotMinor: minor(
      feeless ? 0n : (COMMISSION_MINOR[options.accountCurrency] ?? 300n),
    ),
    sessions: sessionsOf(item),
  };
};

/**
 * The catalogue's instrument for a broker's symbol, or undefined when its base is not listed.
 * A suffix (`EURUSD.r`, `US100.cash`) stays in the name. `digits` are those of the data; figures
 * in points are rescaled to them. Commission is in minor units of `accountCurrency` (USD).
 */
export const instrumentFor = (
  symbol: string,
  options: { readonly digits?: number; readonly accountCurrency?: string } = {},
): Instrument | undefined => {
  const item = entryFor(symbol);
  if (item === undefined) return undefined;
  return toInstrument(item, {
    symbol,
    digits: options.digits ?? item.digits,
    accountCurrency: options.accountCurrency ?? 'USD',
  });
};

/** Own figures for a symbol: they win over the catalogue's, and admit a symbol it does not list. */
export type InstrumentOverride = Partial<Omit<Instrument, 'symbol'>>;

/**
 * Catalogue figures with overrides on top. A symbol outside of the catalogue needs at least
 * contractSize, baseCurrency and quoteCurrency (digits come from the data unless given); the rest
 * is that of a plain FX symbol without costs. Undefined when neither says enough.
 */
export const resolveInstrument = (options: {
  readonly symbol: string;
  readonly digits?: number;
  readonly accountCurrency: string;
  readonly override?: InstrumentOverride;
}): Instrument | undefined => {
  const { symbol, override, accountCurrency } = options;
  const digits = override?.digits ?? options.digits;
  const known = instrumentFor(symbol, {
    accountCurrency,
    ...(digits === undefined ? {} : { digits }),
  });
  if (override === undefined) return known;
  if (known !== undefined) return { ...known, ...override, symbol };
  const { contractSize, baseCurrency, quoteCurrency } = override;
  if (contractSize === undefined || baseCurrency === undefined || quoteCurrency === undefined) {
    return undefined;
  }
  const plain = toInstrument(
    entry(symbol, 'fx', [baseCurrency, quoteCurrency], [digits ?? 5, contractSize, 0, 0, 0]),
    { symbol, digits: digits ?? 5, accountCurrency },
  );
  return { ...plain, commissionPerLotMinor: minor(0n), ...override, symbol };
};
