import * as Schema from 'effect/Schema';
import { Count, Decimal, Millis, message, Side, Text, Ticket, TimeframeName } from './fields.ts';

/** What only the runtime says. The whole protocol, and its rules, are in `messages.ts`. */

/** Every command names its intent and attempt; `ttlMs` counts from `seenMono`, the last monotonic
 * clock of the EA that the runtime had seen, on the EA's own clock. */
const command = { intent: Text, attempt: Count, seenMono: Millis, ttlMs: Millis };

export const Welcome = message('welcome', {
  role: Schema.Literals(['active', 'standby']),
  protocolVersion: Count,
  heartbeatMs: Millis,
  runtimeInstance: Text,
});
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
export const RuntimeHeartbeat = message('runtime.heartbeat', { leaseMs: Millis });
export const OrderPlace = message('order.place', {
  ...command,
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
  tif: Schema.Literals(['gtc', 'day', 'specified']),
  expiresAtMs: Schema.NullOr(Millis),
  comment: Text,
});
export const OrderModify = message('order.modify', {
  ...command,
  ticket: Ticket,
  price: Decimal,
  stopLoss: Decimal,
  takeProfit: Schema.NullOr(Decimal),
});
export const OrderCancel = message('order.cancel', { ...command, ticket: Ticket });
export const PositionModify = message('position.modify', {
  ...command,
  ticket: Ticket,
  stopLoss: Decimal,
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
export const Flatten = message('flatten', { ...command, reason: Text });
/** Targeted query: what became of this magic or intent since `fromMs`? */
export const Query = message('query', {
  intent: Text,
  attempt: Count,
  magic: Schema.NullOr(Ticket),
  fromMs: Millis,
});
export const HistoryRequest = message('history.request', {
  symbol: Text,
  timeframe: TimeframeName,
  count: Count,
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
