import * as Schema from 'effect/Schema';
import {
  Claim,
  ClockDone,
  Flatten,
  Guard,
  HistoryRequest,
  OrderCancel,
  OrderModify,
  OrderPlace,
  PositionClose,
  PositionModify,
  Query,
  RuntimeHeartbeat,
  SnapshotRequest,
  Subscribe,
  Welcome,
} from './commands.ts';
import {
  Count,
  Decimal,
  Millis,
  message,
  Real,
  Side,
  Text,
  Ticket,
  TimeframeName,
} from './fields.ts';

/**
 * Bulwark Wire Protocol 1 (BWP/1): the union that is the document.
 *
 * One JSON object per message; money, prices, volumes, tickets and magics are decimal strings
 * (64-bit numbers do not fit a JS number). Instants are integer milliseconds UTC. A tick batch
 * travels as a second, binary frame (`tick-batch.ts`). Field names are the same on both sides.
 * The sender rounds prices to the symbol's digits and money to the currency's. Nobody sends
 * an empty message: the gateway's socket uses it to tell that the peer is gone.
 * What only the runtime says is in `commands.ts`.
 */
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
  price: Decimal,
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
  atMs: Millis,
  comment: Text,
});
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
  sessions: Schema.Array(Schema.Struct({ weekday: Count, fromSec: Count, toSec: Count })),
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

// ---- EA → runtime ------------------------------------------------------------------------------
export const Hello = message('hello', {
  account: WireAccount,
  terminalBuild: Count,
  eaVersion: Text,
  protocolVersions: Schema.Array(Count),
  tickLayout: Count,
  switches: WireSwitches,
  instanceId: Text,
  startId: Text,
  /** True only for a simulated terminal: it may be clock master. */
  simulated: Schema.Boolean,
  journalWatermark: Text,
  highestEpoch: Count,
  leaseHolder: Schema.NullOr(Text),
  token: Schema.NullOr(Text),
  /** Session clock of a simulated terminal: the last advance that the runtime confirmed. */
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
/** hash = sha-256 (hex) over positions, orders, history orders and deals, canonical JSON (`snapshot-hash.ts`). */
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
export const EaHeartbeat = message('ea.heartbeat', {
  switches: WireSwitches,
  connected: Schema.Boolean,
  pingMs: Millis,
  balance: Decimal,
  equity: Decimal,
  margin: Decimal,
  positionsHash: Text,
  queueDepth: Count,
  lastTickAgeMs: Schema.Record(Text, Millis),
});
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
    ]),
  ),
  result: Schema.NullOr(WireResult),
});
export const Result = message('result', { result: WireResult });
/** One transaction of the account, whole: what changed together arrives together. A hint. */
export const Trade = message('trade', {
  account: WireAccount,
  deals: Schema.Array(WireDeal),
  orders: Schema.Array(WireOrder),
  positions: Schema.Array(WirePosition),
  closedPositions: Schema.Array(Ticket),
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
export const History = message('history', {
  symbol: Text,
  timeframe: TimeframeName,
  chunk: Count,
  last: Schema.Boolean,
  bars: Schema.Array(WireBar),
});
export const QueryReply = message('query.reply', {
  found: Schema.Boolean,
  complete: Schema.Boolean,
  orders: Schema.Array(WireOrder),
  deals: Schema.Array(WireDeal),
  positions: Schema.Array(WirePosition),
  result: Schema.NullOr(WireResult),
});
export const GuardTripped = message('guard.tripped', {
  equity: Decimal,
  floor: Decimal,
  atMs: Millis,
});
export const Busy = message('busy', { op: Text, maxMs: Millis });
export const Ready = message('ready', {});

// ---- both ways ---------------------------------------------------------------------------------
export const WireError = message('error', { code: Text, detail: Text });
export const Goodbye = message('goodbye', { reason: Text });

export const EaBody = Schema.Union([
  Hello,
  ClaimGranted,
  ClaimRefused,
  SnapshotBegin,
  SnapshotPart,
  SnapshotEnd,
  EaHeartbeat,
  Ack,
  Result,
  Trade,
  ClockAdvance,
  History,
  QueryReply,
  GuardTripped,
  Busy,
  Ready,
  WireError,
  Goodbye,
]);
export const RuntimeBody = Schema.Union([
  Welcome,
  Claim,
  SnapshotRequest,
  Subscribe,
  ClockDone,
  RuntimeHeartbeat,
  OrderPlace,
  OrderModify,
  OrderCancel,
  PositionModify,
  PositionClose,
  Flatten,
  Query,
  HistoryRequest,
  Guard,
  WireError,
  Goodbye,
]);
export type EaBody = typeof EaBody.Type;
export type RuntimeBody = typeof RuntimeBody.Type;
export type EaMessageOf<Kind extends EaBody['kind']> = Extract<EaBody, { readonly kind: Kind }>;
export type RuntimeMessageOf<Kind extends RuntimeBody['kind']> = Extract<
  RuntimeBody,
  { readonly kind: Kind }
>;

/**
 * Around every body. `id` names a message, `re` the one it answers. `session` is '' until welcome.
 * `claim` is the controller's fence, required on commands. `seq` starts at 1 per session and side
 * and has no gaps. `ts`: msc = session clock of the sender (UTC ms), mono = its monotonic clock.
 */
export const Envelope = Schema.Struct({
  v: Schema.Literal(1),
  id: Text,
  re: Schema.NullOr(Text),
  session: Text,
  claim: Schema.NullOr(Schema.Struct({ epoch: Count, instance: Text })),
  seq: Count,
  ts: Schema.Struct({
    msc: Millis,
    server: Schema.NullOr(Millis),
    gmt: Schema.NullOr(Millis),
    mono: Millis,
  }),
  /** W3C trace context (`traceparent`), so that one trace spans the link. */
  trace: Schema.NullOr(Text),
});
export type Envelope = typeof Envelope.Type;
export type EaFrame = {
  readonly envelope: Envelope;
  readonly body: EaBody;
  readonly attachment?: Uint8Array;
};
export type RuntimeFrame = {
  readonly envelope: Envelope;
  readonly body: RuntimeBody;
  readonly attachment?: Uint8Array;
};
