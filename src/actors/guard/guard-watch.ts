import { UNIT_RATE } from '../../domain/instrument.ts';
import type { Tick } from '../../domain/market.ts';
import { type Minor, minor } from '../../domain/units.ts';
import { floatingMinor } from '../../risk/equity.ts';
import { advanceTo, type LedgerUpdate } from '../../risk/ledger.ts';
import type { LedgerState } from '../../risk/ledger-state.ts';
import { equityOf, type GuardOptions, type GuardState, type LastQuote } from './guard-state.ts';

/** Equity over one batch of ticks: its extremes with their instants, and where it ended. */
export interface EquityPath {
  readonly quotes: ReadonlyMap<string, LastQuote>;
  readonly low: EquityPoint;
  readonly high: EquityPoint;
  readonly last: EquityPoint;
}
export interface EquityPoint {
  readonly equity: Minor;
  readonly at: Tick['at'];
}

/**
 * Values the account at every tick of a batch, never per bar: a floor is breached by a tick.
 * Only positions of the tick's own symbol, and those that need a conversion, are valued again.
 * Undefined equity (a position without a quote yet) leaves the path out.
 */
export const watchTicks = (
  state: GuardState,
  options: GuardOptions,
  ticks: readonly Tick[],
): { readonly quotes: ReadonlyMap<string, LastQuote>; readonly path: EquityPath | null } => {
  const quotes = new Map(state.quotes);
  if (state.account === null) {
    for (const tick of ticks) quotes.set(tick.symbol, tick);
    return { quotes, path: null };
  }
  const meter = equityMeter({ ...state, quotes }, options);
  let low: EquityPoint | undefined;
  let high: EquityPoint | undefined;
  let last: EquityPoint | undefined;
  for (const tick of ticks) {
    quotes.set(tick.symbol, tick);
    const equity = meter(tick);
    if (equity === undefined) continue;
    last = { equity, at: tick.at };
    if (low === undefined || equity < low.equity) low = last;
    if (high === undefined || equity > high.equity) high = last;
  }
  const path =
    low === undefined || high === undefined || last === undefined
      ? null
      : { quotes, low, high, last };
  return { quotes, path };
};

/** Equity after each tick. Positions in the account's own currency are kept per symbol, so that a
 * tick of one symbol does not value the others again. */
const equityMeter = (
  state: GuardState,
  options: GuardOptions,
): ((tick: Tick) => Minor | undefined) => {
  const balance = state.account?.balance ?? minor(0n);
  const positions = [...state.positions.values()];
  if (positions.length === 0) return () => balance;
  const plain = positions.every(
    (position) => state.instruments.get(position.symbol)?.quoteCurrency === options.currency,
  );
  if (!plain) return () => equityOf(state, options);
  const floating = new Map<string, bigint>();
  const value = (symbol: string): void => {
    const quote = state.quotes.get(symbol);
    const instrument = state.instruments.get(symbol);
    if (quote === undefined || instrument === undefined) return;
    let sum = 0n;
    for (const position of positions) {
      if (position.symbol !== symbol) continue;
      const { currencyDigits: accountDigits } = options;
      sum += floatingMinor({ position, instrument, quote, rate: UNIT_RATE, accountDigits });
      sum += position.swap;
    }
    floating.set(symbol, sum);
  };
  const symbols = new Set(positions.map(({ symbol }) => symbol));
  for (const symbol of symbols) value(symbol);
  return (tick) => {
    if (symbols.has(tick.symbol)) value(tick.symbol);
    if (floating.size < symbols.size) return undefined;
    let equity: bigint = balance;
    for (const sum of floating.values()) equity += sum;
    return minor(equity);
  };
};

/** Tells the rules' book the extremes of a batch in the order in which they happened. */
export const observePath = (
  ledger: LedgerState,
  balance: Minor,
  path: EquityPath,
): LedgerUpdate => {
  const points = [path.low, path.high].sort((a, b) => a.at - b.at);
  let state = ledger;
  const anchored: LedgerUpdate['anchored'][number][] = [];
  const breaches: LedgerUpdate['breaches'][number][] = [];
  for (const { at, equity } of [...points, path.last]) {
    const update = advanceTo(state, at, { balance, equity });
    state = update.state;
    anchored.push(...update.anchored);
    breaches.push(...update.breaches);
  }
  return { state, anchored, breaches };
};
