import * as Schema from 'effect/Schema';
import { Count, Decimal, Millis, message, Text, Ticket, TimeframeName } from './fields.ts';
import {
  WireAccount,
  WireBar,
  WireCalendarEvent,
  WireDeal,
  WireOrder,
  WirePosition,
  WireResult,
  WireSessions,
  WireSwitches,
  WireSymbol,
} from './records.ts';

/** What only the EA says. The whole protocol, and its rules, are in `messages.ts`. */

/**
 * Introduces a session: the first message after every connection, with `session` '' and seq 1.
 * `clock` decides who moves the session clock. With it the terminal is clock master (only a
 * simulated one may be): it stands still between `clock.advance` and `clock.done`. With null it
 * runs freely: it pushes `ticks` and heartbeats, and results and trades count as they arrive.
 */
export const Hello = message('hello', {
  account: WireAccount,
  accountKind: Schema.Literals(['demo', 'contest', 'real']),
  terminalBuild: Count,
  eaVersion: Text,
  protocolVersions: Schema.Array(Count),
  tickLayout: Count,
  timeBase: Schema.Literals(['utc', 'server']),
  switches: WireSwitches,
  /** The terminal has a connection to its trade server. */
  connected: Schema.Boolean,
  instanceId: Text,
  startId: Text,
  simulated: Schema.Boolean,
  journalWatermark: Text,
  highestEpoch: Count,
  leaseHolder: Schema.NullOr(Text),
  token: Schema.NullOr(Text),
  /** The last advance that the runtime confirmed, of a terminal that is clock master. */
  clock: Schema.NullOr(
    Schema.Struct({ doneSeq: Count, atMs: Millis, endMs: Schema.NullOr(Millis) }),
  ),
});
export const ClaimGranted = message('claim.granted', { epoch: Count, leaseMs: Millis });
export const ClaimRefused = message('claim.refused', {
  reason: Schema.Literals(['lease_held', 'stale_expected', 'standby']),
  highestEpoch: Count,
  holder: Schema.NullOr(Text),
});

export const SnapshotBegin = message('snapshot.begin', {
  snapshotId: Text,
  historyFromMs: Millis,
  parts: Count,
});
export const SnapshotPart = message('snapshot.part', {
  snapshotId: Text,
  index: Count,
  account: Schema.NullOr(WireAccount),
  positions: Schema.Array(WirePosition),
  orders: Schema.Array(WireOrder),
  historyOrders: Schema.Array(WireOrder),
  deals: Schema.Array(WireDeal),
  symbols: Schema.Array(WireSymbol),
  /** Results of the EA's own journal since the watermark: what became of each attempt it saw. */
  results: Schema.Array(WireResult),
  unresolved: Schema.Array(Schema.Struct({ intent: Text, attempt: Count })),
});
/** hash = sha-256 (hex) over positions, orders, history orders and deals (`snapshot-hash.ts`). */
export const SnapshotEnd = message('snapshot.end', {
  snapshotId: Text,
  complete: Schema.Boolean,
  hash: Text,
  atMs: Millis,
  counts: Schema.Struct({
    positions: Count,
    orders: Count,
    historyOrders: Count,
    deals: Count,
    symbols: Count,
  }),
});

/** Each `heartbeatMs` of the welcome, a standby's too. */
export const EaHeartbeat = message('ea.heartbeat', {
  switches: WireSwitches,
  /** TERMINAL_CONNECTED: the terminal's own connection to the trade server. */
  connected: Schema.Boolean,
  /** Every subscribed symbol is synchronised with the server. */
  synchronised: Schema.Boolean,
  /** Last ping of the terminal to its server, ms; 0 when it is not known. */
  pingMs: Millis,
  build: Count,
  balance: Decimal,
  equity: Decimal,
  margin: Decimal,
  /** Of the open positions (`snapshot-hash.ts`): a difference to ours starts a reconciliation. */
  positionsHash: Text,
  /** Requests that the EA has taken and not finished. */
  queueDepth: Count,
  /** Age of the last tick of each subscribed symbol on the EA's own clock, ms. */
  lastTickAgeMs: Schema.Record(Text, Millis),
});

/** Answer to a command. `refused` is definite: nothing reached the broker. */
export const Ack = message('ack', {
  intent: Text,
  attempt: Count,
  status: Schema.Literals(['accepted', 'duplicate', 'refused', 'unknown']),
  reason: Schema.NullOr(
    Schema.Literals([
      'stale_epoch',
      'expired',
      'halted',
      'floor',
      'malformed',
      'unknown_symbol',
      'no_stop',
      'journal',
      'standby',
      'overloaded',
    ]),
  ),
  result: Schema.NullOr(WireResult),
});
/** What became of an accepted attempt. Carries the trace of its command. */
export const Result = message('result', { result: WireResult });
/** One transaction of the account, whole: what changed together arrives together. A hint. */
export const Trade = message('trade', {
  account: WireAccount,
  deals: Schema.Array(WireDeal),
  orders: Schema.Array(WireOrder),
  positions: Schema.Array(WirePosition),
  closedPositions: Schema.Array(Ticket),
});
/** MqlTradeCheckResult of an `order.check`: nothing was sent to the broker. retcode 0 is a yes. */
export const OrderChecked = message('order.checked', {
  retcode: Count,
  balance: Decimal,
  equity: Decimal,
  profit: Decimal,
  margin: Decimal,
  marginFree: Decimal,
  comment: Text,
});

/** Ticks in (previous toMs, toMs], ascending, as the binary frame. `why` says which wake ended it.
 * The terminal stands still until `clock.done` with the same clockSeq. */
export const ClockAdvance = message('clock.advance', {
  clockSeq: Count,
  toMs: Millis,
  why: Schema.Literals(['tick', 'bar', 'timer', 'account', 'equity', 'slice', 'end']),
  /** Source bars completed so far (base timeframe), all symbols, since the market began. */
  barsTotal: Count,
  ticksTotal: Count,
});
/**
 * Ticks of a terminal that is not clock master, as the binary frame: every tick of the subscribed
 * symbols since the previous batch, ascending, none twice. `complete` is false when some may be
 * missing (CopyTicks failed, or its own buffer ran over): the bars of that time have a gap.
 */
export const Ticks = message('ticks', {
  batch: Count,
  complete: Schema.Boolean,
  ticksTotal: Count,
});
/** Bars of a `history.request`, oldest first, in chunks. `nextMs` of the last chunk continues. */
export const History = message('history', {
  symbol: Text,
  timeframe: TimeframeName,
  chunk: Count,
  last: Schema.Boolean,
  nextMs: Schema.NullOr(Millis),
  bars: Schema.Array(WireBar),
});
/** Ticks of a `ticks.request` as the binary frame. A chunk ends between two milliseconds, so that
 * `nextMs` of the last one continues without a tick lost or told twice. */
export const TicksHistory = message('ticks.history', {
  symbol: Text,
  chunk: Count,
  last: Schema.Boolean,
  nextMs: Schema.NullOr(Millis),
});
/** Answer to `query`, in chunks. Lists that were not asked for are empty. `complete` is false when
 * the terminal cannot prove that nothing is missing: then absence means nothing. */
export const QueryReply = message('query.reply', {
  chunk: Count,
  last: Schema.Boolean,
  found: Schema.Boolean,
  complete: Schema.Boolean,
  account: Schema.NullOr(WireAccount),
  orders: Schema.Array(WireOrder),
  deals: Schema.Array(WireDeal),
  positions: Schema.Array(WirePosition),
  symbols: Schema.Array(WireSymbol),
  sessions: Schema.Array(WireSessions),
  result: Schema.NullOr(WireResult),
});
/** Answer to `calendar.request`, in chunks. `available` is false without a calendar. */
export const Calendar = message('calendar', {
  chunk: Count,
  last: Schema.Boolean,
  available: Schema.Boolean,
  events: Schema.Array(WireCalendarEvent),
});

export const GuardTripped = message('guard.tripped', {
  equity: Decimal,
  floor: Decimal,
  atMs: Millis,
});
/** Sent before a call that may block the terminal's only thread: no heartbeat is missed for
 * `maxMs`. `ready` ends it. */
export const Busy = message('busy', { op: Text, maxMs: Millis });
export const Ready = message('ready', {});
/** What a `notice` can be about. In the runtime's event log each is `terminal.<code>`. */
export const NOTICE_CODES = [
  'lease.lapsed',
  'deadMan.acted',
  'journal.lost',
  'ticks.lost',
  'instance.refused',
  'symbol.changed',
  'messages.lost',
  'messages.refused',
  'log',
] as const;
/** Something for the audit that the EA did or saw by itself. */
export const Notice = message('notice', {
  code: Schema.Literals(NOTICE_CODES),
  severity: Schema.Literals(['info', 'warning', 'error']),
  detail: Text,
});
