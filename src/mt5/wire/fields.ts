import * as Schema from 'effect/Schema';

/** The kinds of values on the wire, and how a message is made of them. Formats: `messages.ts`. */
export const Text = Schema.String;
export const Decimal = Schema.String.check(Schema.isPattern(/^-?\d{1,18}(\.\d{1,10})?$/));
export const Ticket = Schema.String.check(Schema.isPattern(/^\d{1,20}$/));
export const Millis = Schema.Int;
/** A whole number, never negative. */
export const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));
/** JSON can write 1e999, which JavaScript reads as Infinity; no amount is infinite. */
export const Real = Schema.Finite;
export const Side = Schema.Literals(['buy', 'sell']);
export const TimeInForceName = Schema.Literals(['gtc', 'day', 'specified']);
export const TimeframeName = Schema.Literals(['M1', 'M5', 'M15', 'M30', 'H1', 'H4', 'D1']);

export const message = <Kind extends string, Fields extends Schema.Struct.Fields>(
  kind: Kind,
  fields: Fields,
) => Schema.Struct({ kind: Schema.Literal(kind), ...fields });
