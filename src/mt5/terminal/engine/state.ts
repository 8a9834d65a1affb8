import type { EpochMs, Minor } from '../../../domain/units.ts';
import { epochMs, ZERO_MINOR } from '../../../domain/units.ts';
import type {
  BrokerAccount,
  BrokerDeal,
  BrokerOrder,
  BrokerPosition,
  BrokerQuote,
  BrokerRequest,
} from './records.ts';

/**
 * Everything the broker knows. Values inside are immutable records; the maps and scalars change
 * only in `fold.ts` (and the quotes in `applyQuote`), so whoever holds it sees the live state.
 */
export interface BrokerState {
  account: BrokerAccount | undefined;
  /** Session time. */
  now: EpochMs;
  /** Ticks of the market consumed. */
  position: number;
  /** State of the broker's generator (random.ts). */
  random: number;
  /** Orders and deals share one sequence of tickets. */
  nextTicket: number;
  balanceMinor: Minor;
  /** Lent by the broker: part of equity, not of the balance. */
  creditMinor: Minor;
  worstMinor: Minor;
  nextRolloverAt: EpochMs;
  marginCall: boolean;
  readonly quotes: Map<string, BrokerQuote>;
  /** By request id, in the order received. */
  readonly requests: Map<string, BrokerRequest>;
  /** Live pending orders by ticket, in the order placed. */
  readonly orders: Map<string, BrokerOrder>;
  readonly positions: Map<string, BrokerPosition>;
  /** Final orders, oldest first. */
  readonly historyOrders: BrokerOrder[];
  readonly deals: BrokerDeal[];
}

export const FIRST_TICKET = 1_000_001;

export const emptyState = (): BrokerState => ({
  account: undefined,
  now: epochMs(0),
  position: 0,
  random: 0,
  nextTicket: FIRST_TICKET,
  balanceMinor: ZERO_MINOR,
  creditMinor: ZERO_MINOR,
  worstMinor: ZERO_MINOR,
  nextRolloverAt: epochMs(0),
  marginCall: false,
  quotes: new Map(),
  requests: new Map(),
  orders: new Map(),
  positions: new Map(),
  historyOrders: [],
  deals: [],
});

/** State as plain JSON data: maps become entry lists. `fromSnapshot` is its exact inverse. */
export type BrokerSnapshot = ReturnType<typeof toSnapshot>;

export const toSnapshot = (state: BrokerState) => ({
  ...state,
  account: state.account ?? null,
  quotes: [...state.quotes],
  requests: [...state.requests],
  orders: [...state.orders],
  positions: [...state.positions],
  historyOrders: [...state.historyOrders],
  deals: [...state.deals],
});

export const fromSnapshot = (snapshot: BrokerSnapshot): BrokerState => ({
  // A checkpoint of version 0.1 knows no credit.
  ...{ creditMinor: ZERO_MINOR },
  ...snapshot,
  account: snapshot.account ?? undefined,
  quotes: new Map(snapshot.quotes),
  requests: new Map(snapshot.requests),
  orders: new Map(snapshot.orders),
  positions: new Map(snapshot.positions),
  historyOrders: [...snapshot.historyOrders],
  deals: [...snapshot.deals],
});
