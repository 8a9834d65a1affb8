import * as Schema from 'effect/Schema';
import {
  CalendarRequest,
  Claim,
  ClockDone,
  Flatten,
  Guard,
  HistoryRequest,
  OrderCancel,
  OrderCheck,
  OrderModify,
  OrderPlace,
  PositionClose,
  PositionCloseBy,
  PositionModify,
  Query,
  RuntimeHeartbeat,
  SnapshotRequest,
  Subscribe,
  TicksRequest,
  Welcome,
} from './commands.ts';
import {
  Ack,
  Busy,
  Calendar,
  ClaimGranted,
  ClaimRefused,
  ClockAdvance,
  EaHeartbeat,
  GuardTripped,
  Hello,
  History,
  Notice,
  OrderChecked,
  QueryReply,
  Ready,
  Result,
  SnapshotBegin,
  SnapshotEnd,
  SnapshotPart,
  Ticks,
  TicksHistory,
  Trade,
} from './ea-messages.ts';
import { Count, Millis, message, Text } from './fields.ts';

/**
 * Bulwark Wire Protocol 1 (BWP/1): the union that is the document.
 *
 * One JSON object per message; money, prices, volumes, tickets and magics are decimal strings
 * (64-bit numbers do not fit a JS number). Field names are the same on both sides. The sender
 * rounds prices to the symbol's digits and money to the currency's. Nobody sends an empty message:
 * the gateway's socket uses it to tell that the peer is gone. A tick batch travels as a second,
 * binary frame (`tick-batch.ts`).
 *
 * Instants are integer milliseconds and end in `Ms`. Their base is what `hello.timeBase` says, in
 * both directions and in tick batches: `utc`, or `server`, the wall clock of the trade server as
 * MetaTrader shows it, which the runtime converts (`time-base.ts`). Durations have no base.
 *
 * What only the runtime says is in `commands.ts`, what only the EA says in `ea-messages.ts`, and
 * what both carry in `records.ts`.
 */

/** Codes of `error`. A receiver that does not know one treats it as text for people. */
export const ERROR_CODES = [
  /** The receiver does not know the kind; nothing happened. */
  'unknown_kind',
  /** The session is not, or no longer, known: say hello again. */
  'unknown_session',
  /** The claim in the envelope is not the one that was granted last: another controller has it. */
  'stale_epoch',
  'malformed',
  /** No protocol version in common. */
  'version',
  /** The hello is for another login or server than the runtime is configured for. */
  'wrong_account',
  /** The hello's token is not the one that belongs to this account and key. */
  'wrong_token',
  /** What was asked for does not exist here (a symbol, a range). */
  'not_found',
  /** Too much is waiting already; ask again later. */
  'overloaded',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

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
  OrderChecked,
  ClockAdvance,
  Ticks,
  History,
  TicksHistory,
  QueryReply,
  Calendar,
  GuardTripped,
  Busy,
  Ready,
  Notice,
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
  OrderCheck,
  PositionModify,
  PositionClose,
  PositionCloseBy,
  Flatten,
  Query,
  HistoryRequest,
  TicksRequest,
  CalendarRequest,
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
 * and has no gaps.
 *
 * `ts` is always raw, whatever `timeBase` says: msc = the sender's market clock (a clock master's
 * session time; a real terminal's TimeCurrent, which stands still without quotes; the runtime's
 * session time), server = TimeTradeServer as server wall clock, gmt = TimeGMT of its PC, mono = its
 * monotonic clock. The runtime fills msc and mono only.
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
  /** W3C `traceparent` of a command; its ack and its result carry it back. Opaque to the EA. */
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
