import type { Side } from '../../domain/instrument.ts';
import type { EpochMs } from '../../domain/units.ts';
import type { ReachedLimit } from '../../machines/trading-mode.machine.ts';
import { floors } from '../../risk/floors.ts';
import { type Objectives, objectivesOf } from '../../risk/objectives.ts';
import { type PayoutProgress, payoutProgress } from '../../risk/payout.ts';
import { statesOf } from '../kernel/chart-states.ts';
import type { RecordedEvaluation } from './evaluation-record.ts';
import { isFlat } from './guard-evaluation.ts';
import { flattenState } from './guard-flatten.ts';
import { standingOf } from './guard-standing.ts';
import {
  floatingOf,
  type GuardOptions,
  type GuardState,
  type LastRefusal,
  ownerOf,
} from './guard-state.ts';

/** What people see of a guard. Money in minor units, prices in points, volumes in 1e-8 lots. */
export interface GuardSummary {
  readonly mode: 'active' | 'reducing' | 'halted' | 'locked';
  readonly reason: string;
  readonly holds: readonly string[];
  readonly limits: readonly ReachedLimit[];
  readonly flatten: { readonly state: string; readonly reason: string };
  readonly gateOpen: boolean;
  readonly currencyDigits: number;
  readonly balance: bigint | null;
  readonly equity: bigint | null;
  readonly floating: bigint | null;
  readonly minEquity: bigint | null;
  readonly floors: { readonly daily: bigint | null; readonly total: bigint } | null;
  readonly positions: readonly GuardPosition[];
  readonly orders: readonly GuardOrderLine[];
  readonly reservations: number;
  readonly symbols: readonly GuardSymbol[];
  /** What stands against the next opening order of each strategy, by its id. */
  readonly standing: ReturnType<typeof standingOf>;
  /** The last refusal of each strategy, by its id. */
  readonly refusals: Readonly<Record<string, LastRefusal>>;
  readonly progress: Objectives | null;
  readonly evaluation: RecordedEvaluation | null;
  /** The payout cycle of its funded phase; null: there is none. */
  readonly payout: PayoutProgress | null;
  /** Active states of its charts, by the chart's name. */
  readonly charts: Readonly<Record<string, readonly string[]>>;
}
export interface GuardPosition {
  readonly ticket: string;
  readonly symbol: string;
  readonly side: Side;
  readonly volumeE8: number;
  readonly open: number;
  readonly stopLoss: number | null;
  readonly bid: number | null;
  readonly ask: number | null;
  readonly digits: number;
  /** Null: not ours. */
  readonly strategyId: string | null;
}
export interface GuardOrderLine {
  readonly ticket: string;
  readonly symbol: string;
  readonly side: Side;
  readonly kind: string;
  readonly volumeE8: number;
  readonly price: number;
  readonly digits: number;
}
export interface GuardSymbol {
  readonly symbol: string;
  readonly isOpen: boolean;
  readonly quotedAt: EpochMs | null;
}

export const guardSummary = (
  state: GuardState,
  options: GuardOptions,
  at: EpochMs,
): GuardSummary => {
  const book = state.ledger === null ? null : floors(state.ledger);
  return {
    mode: state.mode.value as GuardSummary['mode'],
    reason: state.mode.context.reason,
    holds: state.mode.context.holds,
    limits: state.mode.context.limits,
    flatten: { state: flattenState(state), reason: state.flatten.context.reason },
    gateOpen: state.gateOpen,
    currencyDigits: state.account?.currencyDigits ?? options.currencyDigits,
    balance: state.account?.balance ?? null,
    equity: state.equity,
    floating: floatingOf(state),
    minEquity: state.ledger?.low.equity ?? null,
    floors: book === null ? null : { daily: book.daily, total: book.total },
    positions: positionLines(state, options),
    orders: [...state.orders.values()].map(({ ticket, symbol, side, kind, volumeE8, price }) => {
      const digits = digitsOf(state, symbol);
      return { ticket, symbol, side, kind, volumeE8, price, digits };
    }),
    reservations: state.held.size + state.widening.size,
    symbols: [...state.instruments.values()].map((instrument) => {
      const { symbol } = instrument;
      const quotedAt = state.quotes.get(symbol)?.at ?? null;
      return { symbol, isOpen: options.isOpen(instrument, at), quotedAt };
    }),
    standing: standingOf(state, options, at),
    refusals: Object.fromEntries(state.refusals),
    progress:
      state.ledger === null
        ? null
        : objectivesOf(state.ledger, state.equity ?? state.ledger.equity),
    evaluation: state.evaluation,
    payout: payoutOf(state),
    charts: {
      tradingMode: statesOf(state.mode),
      flatten: statesOf(state.flatten),
      ...(state.evaluation === null ? {} : { evaluation: statesOf(state.evaluation.chart) }),
    },
  };
};

const payoutOf = (state: GuardState): PayoutProgress | null => {
  const { evaluation, ledger } = state;
  if (evaluation === null || ledger === null) return null;
  const book = { ...ledger, equity: state.equity ?? ledger.equity };
  return payoutProgress(book, evaluation.chart.context, isFlat(state));
};

const digitsOf = (state: GuardState, symbol: string): number =>
  state.instruments.get(symbol)?.digits ?? 0;

const positionLines = (state: GuardState, options: GuardOptions): readonly GuardPosition[] =>
  [...state.positions.values()].map((position) => {
    const quote = state.quotes.get(position.symbol);
    return {
      ticket: position.ticket,
      symbol: position.symbol,
      side: position.side,
      volumeE8: position.volumeE8,
      open: position.open,
      stopLoss: position.stopLoss ?? null,
      bid: quote?.bid ?? null,
      ask: quote?.ask ?? null,
      digits: digitsOf(state, position.symbol),
      strategyId: ownerOf(options, position.magic)?.id ?? null,
    };
  });
