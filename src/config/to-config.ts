import { epochMs, lotsE8, type Minor, minor, parseDecimal } from '../domain/units.ts';
import type { InstrumentOverride } from '../mt5/terminal/catalog.ts';
import { DEFAULT_RISK_LIMITS, type RiskLimits } from '../risk/risk-limits.ts';
import type { SizingRule } from '../risk/sizing.ts';
import type { Config, RulesConfig, StrategyConfig } from './config.ts';
import type { DecodedDocument, DecodedInstrument, DecodedSizing } from './schema.ts';

const PPM_PER_PERCENT = 10_000;
const MILLION = 1_000_000n;

/** Exact for the percents that people write: at most four decimals count. */
export const ppmOfPercent = (percent: number): number => Math.round(percent * PPM_PER_PERCENT);

/** Throws (a defect) when the text has more fraction digits than the currency: that was refused. */
export const minorOf = (decimal: string, currencyDigits: number): Minor => {
  const value = parseDecimal(decimal, currencyDigits);
  if (value === undefined) throw new Error(`"${decimal}" has more than ${currencyDigits} digits`);
  return minor(value);
};

/** A decimal text of lots in 1e-8 lots; the schema allows no more than eight fraction digits. */
const lotsOf = (decimal: string) => lotsE8(Number(parseDecimal(decimal, 8) ?? 0n));

const sizingRuleOf = (sizing: DecodedSizing): SizingRule => {
  if (sizing.kind === 'fixedLots') {
    return { type: 'fixedLots', volumeE8: lotsOf(sizing.volumeLots) };
  }
  const base = sizing.base ?? 'balance';
  if (sizing.kind !== 'kelly')
    return { type: sizing.kind, ppm: ppmOfPercent(sizing.percent), base };
  return {
    type: 'kelly',
    winRatePpm: ppmOfPercent(sizing.winRatePercent),
    payoffPpm: Math.round(sizing.payoffRatio * Number(MILLION)),
    fractionPpm: ppmOfPercent(sizing.fractionPercent),
    capPpm: ppmOfPercent(sizing.capPercent),
    base,
  };
};

const withoutUndefined = <T extends object>(value: T): { [K in keyof T]: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as {
    [K in keyof T]: NonNullable<T[K]>;
  };

const overrideOf = (instrument: DecodedInstrument, currencyDigits: number): InstrumentOverride => {
  const { volumeMinLots, volumeMaxLots, volumeStepLots, commissionPerLot, ...rest } = instrument;
  const lots = (value: string | undefined) => (value === undefined ? undefined : lotsOf(value));
  return withoutUndefined({
    ...rest,
    volumeMinE8: lots(volumeMinLots),
    volumeMaxE8: lots(volumeMaxLots),
    volumeStepE8: lots(volumeStepLots),
    commissionPerLotMinor:
      commissionPerLot === undefined ? undefined : minorOf(commissionPerLot, currencyDigits),
  }) as InstrumentOverride;
};

const limitsOf = (document: DecodedDocument, initial: Minor, buffer: Minor): RiskLimits => ({
  ...DEFAULT_RISK_LIMITS,
  // Rounded up: a buffer may be a hair wider than written, never narrower.
  floorBufferPpm: initial === 0n ? 0 : Number((buffer * MILLION + initial - 1n) / initial),
  softDailyPpm: ppmOfPercent(document.risk.softDailyPercent),
  softTotalPpm: ppmOfPercent(document.risk.softTotalPercent),
  maxQuoteAgeMs: document.risk.staleQuoteMs,
  maxPositions: document.risk.maxOpenPositions,
  maxPositionsPerSymbol: document.risk.maxPositionsPerSymbol,
  ordersPerDay: document.risk.maxOrdersPerDay,
  maxTradeRiskPpm: ppmOfPercent(document.risk.maxTradeRiskPercent),
  maxSymbolRiskPpm: ppmOfPercent(document.risk.maxSymbolRiskPercent),
  requestsPerDay: document.risk.maxRequestsPerDay,
  flatBeforeWeekend: document.risk.flatBeforeWeekend,
  executionMs: document.risk.intentTtlMs + document.terminal.latencyMs,
});

/** What the document points at, read and resolved. */
export interface References {
  readonly rules: RulesConfig;
  /** `use` and `source` of each strategy, in the document's order. */
  readonly strategies: readonly Pick<StrategyConfig, 'use' | 'source'>[];
  readonly dataDir: string;
  /** Absolute; undefined: none is named. */
  readonly newsFile: string | undefined;
  readonly terminalCalendar: string | undefined;
}

/** The document in the domain's units. Only for a document without problems. */
export const toConfig = (document: DecodedDocument, references: References): Config => {
  const { initialBalance, ...account } = document.account;
  const { startAt, ...market } = document.market;
  const { token, takeoverToken, ...link } = document.link;
  const { readToken, ...api } = document.api;
  const digits = account.currencyDigits;
  const initialBalanceMinor = minorOf(initialBalance, digits);
  const floorBufferMinor = minorOf(document.risk.floorBuffer, digits);
  return {
    profile: document.profile,
    dataDir: references.dataDir,
    account: { ...account, initialBalanceMinor },
    link: {
      ...link,
      ...(token === undefined ? {} : { token }),
      ...(takeoverToken === undefined ? {} : { takeoverToken }),
    },
    terminal: {
      ...document.terminal,
      ...(references.terminalCalendar === undefined
        ? {}
        : { calendar: references.terminalCalendar }),
      operations: document.terminal.operations.map(({ at, kind, amount, comment = '' }) => {
        const when = epochMs(Date.parse(at));
        return { at: when, kind, amountMinor: minorOf(amount, digits), comment };
      }),
    },
    market: { ...market, startAt: epochMs(Date.parse(startAt)) },
    rules: references.rules,
    risk: {
      limits: limitsOf(document, initialBalanceMinor, floorBufferMinor),
      sizing: sizingRuleOf(document.risk.sizing),
      groups: document.risk.correlationGroups.map(({ name, symbols, maxRiskPercent }) => ({
        name,
        symbols,
        maxRiskPpm: ppmOfPercent(maxRiskPercent),
      })),
      floorBufferMinor,
      slippagePoints: document.risk.slippagePoints,
      newsSlippagePoints: document.risk.newsSlippagePoints,
      breakSlippagePoints: document.risk.breakSlippagePoints,
      weekendSlippagePoints: document.risk.weekendSlippagePoints,
      intentTtlMs: document.risk.intentTtlMs,
      nakedMs: document.risk.nakedMs,
      external: document.risk.external,
    },
    news: references.newsFile === undefined ? {} : { file: references.newsFile },
    strategies: document.strategies.map((strategy, index) => ({
      source: references.strategies[index]?.source ?? 'builtin',
      use: references.strategies[index]?.use ?? strategy.use,
      symbol: strategy.symbol,
      timeframe: strategy.timeframe,
      params: strategy.params ?? {},
      sizing: sizingRuleOf(strategy.risk?.sizing ?? document.risk.sizing),
    })),
    isolation: document.isolation,
    instruments: Object.fromEntries(
      Object.entries(document.instruments).map(([symbol, instrument]) => [
        symbol,
        overrideOf(instrument, digits),
      ]),
    ),
    api: readToken === undefined ? api : { ...api, readToken },
    alerts: document.alerts,
    traces: document.traces,
    log: document.log,
    console: document.console,
  };
};
