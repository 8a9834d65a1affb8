import type { Instrument } from '../../domain/instrument.ts';
import type { CloseIntent } from '../../domain/intent.ts';
import { unpackMagic } from '../../domain/magic.ts';
import type { AccountState, Position, StrategyKey, VenueOrder } from '../../domain/trading.ts';
import type { EpochMs, Minor, Points } from '../../domain/units.ts';
import { epochMs, minor } from '../../domain/units.ts';
import type { flattenMachine } from '../../machines/flatten.machine.ts';
import type { tradingModeMachine } from '../../machines/trading-mode.machine.ts';
import type { RuntimeMessageOf } from '../../mt5/wire/messages.ts';
import { bandFor, equityMinor, type PairQuote, rateFor } from '../../risk/equity.ts';
import type { OpenRisk, OrderRisk, SymbolRisk } from '../../risk/exposure.ts';
import type { ExternalPolicy } from '../../risk/external-policy.ts';
import type { LedgerState } from '../../risk/ledger-state.ts';
import { type LevelChange, withChanges } from '../../risk/level-changes.ts';
import type { Closure, CorrelationGroup, NewsCalendar } from '../../risk/market-context.ts';
import { type Held, ordersAtRisk } from '../../risk/reservations.ts';
import type { RiskLimits } from '../../risk/risk-limits.ts';
import type { RuleSet } from '../../risk/rule-set.ts';
import type { SizingRule } from '../../risk/sizing.ts';
import type { SlippageClass } from '../../risk/slippage.ts';
import { slippageClasses } from '../../risk/slippage-classes.ts';
import type { openChart } from '../drive-chart.ts';
import type { RecordedEvaluation } from './evaluation-record.ts';

/** What a guard is told at its birth. */
export interface GuardOptions {
  readonly ruleSet: RuleSet;
  readonly phase: string;
  readonly initial: Minor;
  readonly currency: string;
  readonly currencyDigits: number;
  readonly limits: RiskLimits;
  readonly sizingOf: (strategyId: string) => SizingRule;
  /** Points by which a stop may fill worse in any of the classes, at that price. */
  readonly slippageOf: (symbol: string, classes: readonly SlippageClass[], price: Points) => Points;
  /** Rollovers that a position may live through, the triple day as three. */
  readonly nights: number;
  readonly intentTtlMs: number;
  /** Session time within which a position of ours must have a stop, else it is closed (I4). */
  readonly nakedMs: number;
  /** Session time after which a flatten that is not done is an error. */
  readonly flattenStuckMs: number;
  /** Account snapshots for the audit, session time. */
  readonly snapshotEveryMs: number;
  /** Distance above the higher floor at which everything is closed. */
  readonly killBuffer: Minor;
  /** What the terminal does by itself after so many milliseconds of our silence. */
  readonly deadMan: RuntimeMessageOf<'guard'>['deadMan'];
  readonly isOpen: (instrument: Instrument, at: EpochMs) => boolean;
  /** Closures of a symbol that have not ended, soonest first, as far ahead as a rule looks. */
  readonly closuresOf: (instrument: Instrument, at: EpochMs) => readonly Closure[];
  /** The user's calendar of releases as it is known now; null: the terminal's is gone by. */
  readonly calendar: (() => NewsCalendar | null) | null;
  readonly groups: readonly CorrelationGroup[];
  /** What to make of trades that are not ours. */
  readonly external: ExternalPolicy;
  /** Holds that last for the whole run, e.g. of a dry run. */
  readonly holds: readonly string[];
  readonly strategies: readonly { readonly key: StrategyKey; readonly path: string }[];
}

/** The intent that is out (null: waiting for another try), and the tries so far. What was to close
 * a part is not tried again by the guard: the strategy decides anew. */
export interface Closing {
  readonly intentId: string | null;
  readonly tries: number;
  readonly scope: CloseIntent['scope'];
}
/** `settled`: made, and the terminal has not shown the new levels yet. */
export interface Widening extends LevelChange {
  readonly settled: boolean;
}
export interface LastQuote {
  readonly bid: Points;
  readonly ask: Points;
  readonly at: EpochMs;
}

/** One account as the guard knows it. The terminal's records, our reservations, the rules' book. */
export interface GuardState {
  readonly mode: ReturnType<typeof openChart<typeof tradingModeMachine>>;
  readonly flatten: ReturnType<typeof openChart<typeof flattenMachine>>;
  readonly gateOpen: boolean;
  /** The link's circuit breaker is open: closes go out, openings are denied. */
  readonly breakerOpen: boolean;
  /** False from a failure on, until the journal has been tried and took it. */
  readonly journalWorks: boolean;
  readonly epoch: number;
  readonly account: AccountState | null;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly quotes: ReadonlyMap<string, LastQuote>;
  readonly positions: ReadonlyMap<string, Position>;
  readonly orders: ReadonlyMap<string, VenueOrder>;
  readonly held: ReadonlyMap<string, Held>;
  /** Close per position that is under way. */
  readonly closing: ReadonlyMap<string, Closing>;
  /** Working orders that the guard is cancelling: ticket to intent. */
  readonly cancelling: ReadonlyMap<string, string>;
  /** Changes that could lose more than before, by their intent: granted, and not known to be over. */
  readonly widening: ReadonlyMap<string, Widening>;
  readonly ledger: LedgerState | null;
  /** The newest deals that the ledger counts, and since when the list is whole: whatever is older
   * is counted already. */
  readonly applied: AppliedDeals;
  readonly equity: Minor | null;
  readonly opened: number;
  /** The floor and day of the last breach that was journalled: it is told once, not per tick. */
  readonly breachNoted: string | null;
  /** The last refusal of each strategy, for people who ask why nothing opens. */
  readonly refusals: ReadonlyMap<string, LastRefusal>;
  /** The evaluation that this account belongs to; null: it is traded for none. */
  readonly evaluation: HeldEvaluation | null;
  /** The terminal's calendar as it was read last; null: not yet. */
  readonly calendar: NewsCalendar | null;
}

/** The releases that the rules about news go by; null: none are known. */
export const calendarOf = (
  { calendar }: Pick<GuardState, 'calendar'>,
  options: Pick<GuardOptions, 'calendar'>,
): NewsCalendar | null => (options.calendar === null ? calendar : options.calendar());
export interface HeldEvaluation extends RecordedEvaluation {
  /** The facts that it was told last, by name. */
  readonly told: string;
}
export interface LastRefusal {
  readonly at: EpochMs;
  readonly code: string;
  readonly detail: string;
}

export interface AppliedDeals {
  readonly tickets: readonly string[];
  /** Venue instant of the oldest deal kept, 0 while none was forgotten. */
  readonly since: EpochMs;
}
export const NO_DEALS: AppliedDeals = { tickets: [], since: epochMs(0) };
export const APPLIED_DEALS_KEPT = 64;

const pairs = (state: GuardState): readonly PairQuote[] =>
  [...state.quotes].flatMap(([symbol, quote]) => {
    const spec = state.instruments.get(symbol);
    if (spec === undefined) return [];
    const { baseCurrency: base, quoteCurrency, digits } = spec;
    return [{ base, quote: quoteCurrency, digits, bid: quote.bid, ask: quote.ask }];
  });

const NORMAL: readonly SlippageClass[] = ['normal'];
const NORMAL_AND_NEWS: readonly SlippageClass[] = ['normal', 'news'];

/** The gaps that a position in this symbol may live through from now on. */
const classesOf = (
  state: GuardState,
  options: GuardOptions,
  instrument: Instrument,
  at: EpochMs,
): readonly SlippageClass[] =>
  slippageClasses({
    context: { closures: options.closuresOf(instrument, at), calendar: calendarOf(state, options) },
    news: state.ledger?.rules.phase.news ?? null,
    instrument,
    at,
    leadMs: options.limits.flatLeadMs,
  });

/** Every quoted symbol with its conversion, as the verdict and the exposure want it. */
export const symbolRisks = (
  state: GuardState,
  options: GuardOptions,
  at: EpochMs,
): ReadonlyMap<string, SymbolRisk> => {
  const quoted = pairs(state);
  const risks = new Map<string, SymbolRisk>();
  for (const [symbol, quote] of state.quotes) {
    const instrument = state.instruments.get(symbol);
    if (instrument === undefined) continue;
    const haircut = options.limits.conversionHaircutPpm;
    const rate = bandFor(instrument.quoteCurrency, options.currency, quoted, haircut);
    const classes = classesOf(state, options, instrument, at);
    const slippage = (among: readonly SlippageClass[]): Points =>
      options.slippageOf(symbol, among, quote.bid);
    // Nothing is entered while a market is closed: an entry meets the market as it is now.
    const entering = classes.includes('news') ? NORMAL_AND_NEWS : NORMAL;
    risks.set(symbol, {
      instrument,
      bid: quote.bid,
      ask: quote.ask,
      quotedAt: quote.at,
      sessionOpen: options.isOpen(instrument, at),
      rate,
      slippagePoints: slippage(classes),
      sizingSlippagePoints: slippage(NORMAL),
      entrySlippagePoints: slippage(entering),
      nights: options.nights,
    });
  }
  return risks;
};

/** Equity at the last quotes; undefined while something that is open cannot be valued. */
export const equityOf = (state: GuardState, options: GuardOptions): Minor | undefined => {
  if (state.account === null) return undefined;
  if (state.positions.size === 0) return state.account.balance;
  const quoted = pairs(state);
  return equityMinor({
    balance: state.account.balance,
    positions: [...state.positions.values()],
    accountDigits: options.currencyDigits,
    symbolOf: (symbol) => {
      const instrument = state.instruments.get(symbol);
      const quote = state.quotes.get(symbol);
      if (instrument === undefined || quote === undefined) return undefined;
      const rate = rateFor(instrument.quoteCurrency, options.currency, quoted);
      return rate === undefined ? undefined : { instrument, quote, rate };
    },
  });
};

/** What is open, and what may still become a position, each at the worse of its levels while a
 * change of them is under way. */
export const atRisk = (
  state: GuardState,
): { readonly positions: readonly OpenRisk[]; readonly orders: readonly OrderRisk[] } => {
  const positions = [...state.positions.values()];
  const orders = ordersAtRisk({
    working: state.orders.values(),
    held: state.held.values(),
    positions,
  });
  return withChanges({ positions, orders }, state.widening.values());
};

/** The strategy that a magic names, if it is one of ours. */
export const ownerOf = (options: GuardOptions, magic: string): StrategyKey | undefined => {
  const number = unpackMagic(magic)?.strategy;
  return options.strategies.find(({ key }) => key.number === number)?.key;
};

/** Ours, or put under our care. */
export const isManaged = (options: GuardOptions, { magic }: { readonly magic: string }): boolean =>
  options.external === 'manage' || ownerOf(options, magic) !== undefined;

export const positionsOf = (
  state: GuardState,
  options: GuardOptions,
  strategyId: string,
): readonly Position[] =>
  [...state.positions.values()].filter(
    (position) => ownerOf(options, position.magic)?.id === strategyId,
  );

/** Its working orders on the book. */
export const ordersOf = (
  state: GuardState,
  options: GuardOptions,
  strategyId: string,
): readonly VenueOrder[] =>
  [...state.orders.values()].filter((order) => ownerOf(options, order.magic)?.id === strategyId);

export const floatingOf = (state: GuardState): Minor | null =>
  state.equity === null || state.account === null
    ? null
    : minor(state.equity - state.account.balance);
