import * as Schema from 'effect/Schema';
import {
  Count,
  Decimal,
  Millis,
  message,
  Side,
  Text,
  Ticket,
  TimeframeName,
  TimeInForceName,
} from './fields.ts';
import { QUERY_TOPICS } from './records.ts';

/** What only the runtime says. The whole protocol, and its rules, are in `messages.ts`. */

/** Every command names its intent and attempt; `ttlMs` counts from `seenMono`, the last monotonic
 * clock of the EA that the runtime had seen, on the EA's own clock. */
const command = { intent: Text, attempt: Count, seenMono: Millis, ttlMs: Millis };

/** `standby`: another instance has the account; say heartbeats, send no ticks, take no command. */
export const Welcome = message('welcome', {
  role: Schema.Literals(['active', 'standby']),
  protocolVersion: Count,
  heartbeatMs: Millis,
  runtimeInstance: Text,
});
/** The EA grants epoch `expected` + 1 when the lease lapsed, the claimant holds it, or the operator's
 * takeover token is shown; it writes the grant down first. */
export const Claim = message('claim', {
  expected: Count,
  instanceId: Text,
  leaseMs: Millis,
  takeoverToken: Schema.NullOr(Text),
});
export const SnapshotRequest = message('snapshot.request', {
  snapshotId: Text,
  historyFromMs: Millis,
});
/** wakeOnBar: a simulated terminal ends an advance at the first tick that completes such a bar. */
export const Subscribe = message('subscribe', {
  symbols: Schema.Array(
    Schema.Struct({
      symbol: Text,
      wakeOnBar: Schema.NullOr(TimeframeName),
      wakeOnTick: Schema.Boolean,
    }),
  ),
});
/** Everything of instant `clockSeq` is handled and sent. The next advance ends at the earliest of:
 * `wakeAtMs`, equity at or below `equityAtOrBelow`, a subscribed bar or tick, an account change.
 * After a hello, `clock.done` with the hello's doneSeq starts the clock. */
export const ClockDone = message('clock.done', {
  clockSeq: Count,
  wakeAtMs: Schema.NullOr(Millis),
  equityAtOrBelow: Schema.NullOr(Decimal),
});
/** Renews the lease. With a claim that is not the one granted last it is answered by
 * `error{stale_epoch}`, so that the older controller learns of the newer one. */
export const RuntimeHeartbeat = message('runtime.heartbeat', { leaseMs: Millis });
/** What an order is, whether it is placed or only checked. */
const order = {
  symbol: Text,
  side: Side,
  type: Schema.Literals(['market', 'limit', 'stop', 'stopLimit']),
  volume: Decimal,
  price: Decimal,
  stopLimitPrice: Schema.NullOr(Decimal),
  stopLoss: Decimal,
  takeProfit: Schema.NullOr(Decimal),
  deviationPoints: Count,
  magic: Ticket,
  filling: Schema.Literals(['fok', 'ioc', 'return']),
  tif: TimeInForceName,
  expiresAtMs: Schema.NullOr(Millis),
  comment: Text,
};
export const OrderPlace = message('order.place', { ...command, ...order });
/** Asks whether the order could be placed (OrderCheck): answered by `order.checked`, no effect. */
export const OrderCheck = message('order.check', order);
/** Every level is stated: null takes it away. An order keeps its stop. */
export const OrderModify = message('order.modify', {
  ...command,
  ticket: Ticket,
  price: Decimal,
  stopLimitPrice: Schema.NullOr(Decimal),
  stopLoss: Decimal,
  takeProfit: Schema.NullOr(Decimal),
  tif: TimeInForceName,
  expiresAtMs: Schema.NullOr(Millis),
});
export const OrderCancel = message('order.cancel', { ...command, ticket: Ticket });
/** Both levels are stated: null takes one away. */
export const PositionModify = message('position.modify', {
  ...command,
  ticket: Ticket,
  stopLoss: Schema.NullOr(Decimal),
  takeProfit: Schema.NullOr(Decimal),
});
export const PositionClose = message('position.close', {
  ...command,
  ticket: Ticket,
  volume: Decimal,
  price: Decimal,
  deviationPoints: Count,
  filling: Schema.Literals(['fok', 'ioc', 'return']),
});
/** Closes two opposite positions of one symbol by each other; hedging accounts only. */
export const PositionCloseBy = message('position.closeBy', {
  ...command,
  ticket: Ticket,
  byTicket: Ticket,
});
export const Flatten = message('flatten', { ...command, reason: Text });
/**
 * Reads the terminal, answered by `query.reply`. `attempt`: what became of this attempt, by the
 * EA's journal and by its magic since `fromMs`. `orders`: live ones, and those of history since
 * `fromMs`. `deals`: since `fromMs`. `symbols` and `sessions`: of the named symbols, or of all when
 * the list is empty. Fields that a topic does not use are null, 0 or empty.
 */
export const Query = message('query', {
  what: Schema.Literals(QUERY_TOPICS),
  intent: Schema.NullOr(Text),
  attempt: Schema.NullOr(Count),
  magic: Schema.NullOr(Ticket),
  symbols: Schema.Array(Text),
  fromMs: Millis,
});
/**
 * Bars by their opening instant. With `fromMs` null: the newest `count` that opened before `toMs`.
 * With `fromMs`: the oldest `count` in [fromMs, toMs); a transfer that was cut is resumed by asking
 * again from the last bar received.
 */
export const HistoryRequest = message('history.request', {
  symbol: Text,
  timeframe: TimeframeName,
  count: Count,
  fromMs: Schema.NullOr(Millis),
  toMs: Millis,
});
/** The oldest `count` ticks in [fromMs, toMs), a few more where the last millisecond holds several.
 * Answered by `ticks.history`. */
export const TicksRequest = message('ticks.request', {
  symbol: Text,
  count: Count,
  fromMs: Millis,
  toMs: Millis,
});
/** Releases of the economic calendar in [fromMs, toMs) for the currencies, all when none is named. */
export const CalendarRequest = message('calendar.request', {
  currencies: Schema.Array(Text),
  fromMs: Millis,
  toMs: Millis,
});
/** Floors for the EA's own guard; amounts in account currency. */
export const Guard = message('guard', {
  dailyAmount: Decimal,
  anchor: Decimal,
  ratchet: Schema.Literals(['none', 'atReset', 'realtime']),
  totalFloor: Decimal,
  buffer: Decimal,
  resetsMs: Schema.Array(Millis),
  deadMan: Schema.Struct({
    policy: Schema.Literals(['none', 'tighten', 'flatten']),
    afterMs: Millis,
  }),
});
