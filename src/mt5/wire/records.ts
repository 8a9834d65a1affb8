import * as Schema from 'effect/Schema';
import { BALANCE_OPERATIONS } from '../../domain/trading.ts';
import { Count, Decimal, Millis, Real, Side, Text, Ticket, TimeInForceName } from './fields.ts';

/**
 * What MetaTrader holds, as it travels: accounts, positions, orders, deals, symbols, bars, results
 * and calendar events. Formats and the base of every instant stand in `messages.ts`.
 */
export const QUERY_TOPICS = [
  'attempt',
  'account',
  'positions',
  'orders',
  'deals',
  'symbols',
  'sessions',
] as const;

export const WireAccount = Schema.Struct({
  login: Text,
  server: Text,
  company: Text,
  currency: Text,
  currencyDigits: Count,
  marginMode: Schema.Literals(['hedging', 'netting']),
  leverage: Count,
  stopOutLevelPercent: Real,
  balance: Decimal,
  equity: Decimal,
  margin: Decimal,
});
export const WireSwitches = Schema.Struct({
  terminal: Schema.Boolean,
  mql: Schema.Boolean,
  account: Schema.Boolean,
  expert: Schema.Boolean,
});
export const WirePosition = Schema.Struct({
  ticket: Ticket,
  symbol: Text,
  side: Side,
  volume: Decimal,
  open: Decimal,
  openedAtMs: Millis,
  stopLoss: Schema.NullOr(Decimal),
  takeProfit: Schema.NullOr(Decimal),
  magic: Ticket,
  swap: Decimal,
  comment: Text,
});
export const WireOrder = Schema.Struct({
  ticket: Ticket,
  symbol: Text,
  side: Side,
  kind: Schema.Literals(['market', 'limit', 'stop', 'stopLimit']),
  volume: Decimal,
  filled: Decimal,
  /** Level it waits for; of a stop-limit that has not triggered, the trigger. */
  price: Decimal,
  /** Stop-limit that has not triggered only: its limit. */
  stopLimitPrice: Schema.NullOr(Decimal),
  tif: TimeInForceName,
  /** Null for gtc. */
  expiresAtMs: Schema.NullOr(Millis),
  stopLoss: Schema.NullOr(Decimal),
  takeProfit: Schema.NullOr(Decimal),
  magic: Ticket,
  state: Schema.Literals(['placed', 'partial', 'filled', 'cancelled', 'expired', 'rejected']),
  placedAtMs: Millis,
  doneAtMs: Schema.NullOr(Millis),
  positionTicket: Schema.NullOr(Ticket),
  comment: Text,
});
export const WireDeal = Schema.Struct({
  ticket: Ticket,
  orderTicket: Ticket,
  positionTicket: Ticket,
  symbol: Text,
  side: Side,
  entry: Schema.Literals(['in', 'out', 'balance']),
  volume: Decimal,
  price: Decimal,
  profit: Decimal,
  commission: Decimal,
  swap: Decimal,
  magic: Ticket,
  reason: Schema.Literals(['client', 'expert', 'sl', 'tp', 'stopOut', 'rollover', 'balance']),
  /** Of entry `balance`: what kind of money moved; null for trades. An EA that is older than the
   * field does not write it: then the money counts as a deposit or withdrawal. */
  operation: Schema.optionalKey(Schema.NullOr(Schema.Literals(BALANCE_OPERATIONS))),
  atMs: Millis,
  comment: Text,
});
/** A stretch of a weekday (0 = Sunday) in seconds of the server's day; `toSec` may pass 86400. */
export const WireSessionWindow = Schema.Struct({ weekday: Count, fromSec: Count, toSec: Count });
export const WireSymbol = Schema.Struct({
  symbol: Text,
  digits: Count,
  baseCurrency: Text,
  quoteCurrency: Text,
  contractSize: Real,
  tickSizePoints: Count,
  volumeMin: Decimal,
  volumeMax: Decimal,
  volumeStep: Decimal,
  stopsLevelPoints: Count,
  freezeLevelPoints: Count,
  fillingModes: Schema.Array(Schema.Literals(['fok', 'ioc', 'return'])),
  tradeMode: Schema.Literals(['full', 'longOnly', 'shortOnly', 'closeOnly', 'disabled']),
  swapLongPoints: Real,
  swapShortPoints: Real,
  swapTripleWeekday: Count,
  /** Per lot and side, account currency. MT5 does not tell it; a real EA sends null. */
  commissionPerLot: Schema.NullOr(Decimal),
  sessions: Schema.Array(WireSessionWindow),
  /** Last quote, null before the first. */
  bid: Schema.NullOr(Decimal),
  ask: Schema.NullOr(Decimal),
});
/** `[openMs, open, high, low, close, tickVolume, spreadPoints, complete]`, prices in points. */
export const WireBar = Schema.Tuple([
  Millis,
  Schema.Int,
  Schema.Int,
  Schema.Int,
  Schema.Int,
  Count,
  Count,
  Schema.Boolean,
]);
/** Result of one attempt, as journalled by the EA before it is sent. */
export const WireResult = Schema.Struct({
  intent: Text,
  attempt: Count,
  retcode: Count,
  order: Schema.NullOr(Ticket),
  deal: Schema.NullOr(Ticket),
  price: Schema.NullOr(Decimal),
  volume: Schema.NullOr(Decimal),
  comment: Text,
});
/** Trading hours of a symbol, and whether one is open at the terminal's own instant. */
export const WireSessions = Schema.Struct({
  symbol: Text,
  open: Schema.Boolean,
  windows: Schema.Array(WireSessionWindow),
});
/** One release of the economic calendar. Values are decimal texts as the terminal shows them. */
export const WireCalendarEvent = Schema.Struct({
  id: Ticket,
  name: Text,
  currency: Text,
  importance: Schema.Literals(['none', 'low', 'moderate', 'high']),
  atMs: Millis,
  /** True when only the day is known: `atMs` is its beginning. */
  dayOnly: Schema.Boolean,
  actual: Schema.NullOr(Text),
  forecast: Schema.NullOr(Text),
  previous: Schema.NullOr(Text),
});
