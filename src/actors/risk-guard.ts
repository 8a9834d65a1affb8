import { floors } from '../risk/floors.ts';
import { restore } from '../risk/ledger-codec.ts';
import type { DeskDeps } from './desk.ts';
import { bootMode } from './guard-mode.ts';
import { restoreIntents } from './guard-restore.ts';
import { floatingOf, type GuardOptions, type GuardState, NO_DEALS } from './guard-state.ts';
import { GuardTurn } from './guard-turn.ts';
import { statesOf } from './kernel/chart-states.ts';
import type { Behaviour } from './kernel/types.ts';
import type { GuardMessage } from './messages.ts';

/**
 * The one writer of reservations. It judges every opening signal against everything that is or may
 * become open, watches the floors on every tick, and holds the trading mode. It starts with the
 * gate shut; only a completed recovery opens it, and the recovery's death shuts it again.
 */
export const riskGuard = (
  deps: DeskDeps,
  options: GuardOptions,
): Behaviour<GuardMessage, GuardState> => ({
  init: () => {
    const reader = deps.journal.reader();
    const saved = reader.last(deps.accountId, 'ledger.saved');
    return {
      mode: bootMode(reader.last(deps.accountId, 'mode.changed'), options.holds),
      gateOpen: false,
      epoch: 0,
      account: null,
      instruments: new Map(),
      quotes: new Map(),
      positions: new Map(),
      orders: new Map(),
      ...restoreIntents(reader, deps.accountId),
      ledger: saved?.kind === 'ledger.saved' ? restore(saved.ledger) : null,
      applied:
        saved?.kind === 'ledger.saved'
          ? { tickets: saved.applied, since: saved.appliedSinceMs }
          : NO_DEALS,
      equity: null,
      opened: reader.plannedIntents(deps.accountId),
      breachNoted: null,
    };
  },
  receive: (state, message, context) => new GuardTurn(deps, options, state, context).run(message),
  summary: guardSummary,
});

export interface GuardSummary {
  readonly mode: string;
  readonly reason: string;
  readonly holds: readonly string[];
  readonly gateOpen: boolean;
  readonly currencyDigits: number;
  readonly balance: bigint | null;
  readonly equity: bigint | null;
  readonly floating: bigint | null;
  readonly minEquity: bigint | null;
  readonly floors: { readonly daily: bigint | null; readonly total: bigint } | null;
  readonly positions: readonly GuardPosition[];
  readonly reservations: number;
  /** Active states of its charts, by the chart's name. */
  readonly charts: Readonly<Record<string, readonly string[]>>;
}
export interface GuardPosition {
  readonly ticket: string;
  readonly symbol: string;
  readonly side: string;
  readonly volumeE8: number;
  readonly open: number;
  readonly stopLoss: number | null;
  readonly bid: number | null;
  readonly ask: number | null;
  readonly digits: number;
}

const guardSummary = (state: GuardState): GuardSummary => {
  const book = state.ledger === null ? null : floors(state.ledger);
  return {
    mode: String(state.mode.value),
    reason: state.mode.context.reason,
    holds: state.mode.context.holds,
    gateOpen: state.gateOpen,
    currencyDigits: state.account?.currencyDigits ?? 2,
    balance: state.account?.balance ?? null,
    equity: state.equity,
    floating: floatingOf(state),
    minEquity: state.ledger?.low.equity ?? null,
    floors: book === null ? null : { daily: book.daily, total: book.total },
    positions: [...state.positions.values()].map((position) => {
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
        digits: state.instruments.get(position.symbol)?.digits ?? 0,
      };
    }),
    reservations: state.held.size,
    charts: { tradingMode: statesOf(state.mode) },
  };
};
