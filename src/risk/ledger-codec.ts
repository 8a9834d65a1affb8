import { minor, ZERO_MINOR } from '../domain/units.ts';
import type { LedgerState } from './ledger-state.ts';

const FORMAT = 1;

/** Members that hold money. JSON has no bigint; they are written as decimal strings. */
const MONEY = new Set([
  'initial',
  'balance',
  'credit',
  'equity',
  'level',
  'before',
  'shift',
  'balanceAtOpen',
  'equityAtOpen',
  'localAtOpen',
  'transfers',
  'bestDayProfit',
  'netTransfers',
]);

/** The whole ledger as JSON text, money as decimal strings of minor units. */
export const serialise = (state: LedgerState): string =>
  JSON.stringify({ format: FORMAT, state }, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );

/** The inverse of `serialise`. Throws when the text is not a ledger of this format: guessing at
 * floors would be worse than stopping. */
export const restore = (text: string): LedgerState => {
  const parsed: unknown = JSON.parse(text, (key, value: unknown) =>
    MONEY.has(key) && typeof value === 'string' ? minor(BigInt(value)) : value,
  );
  const stored = parsed as { readonly format?: unknown; readonly state?: LedgerState };
  if (stored.format !== FORMAT || stored.state === undefined) {
    throw new RangeError(`not a ledger of format ${FORMAT}`);
  }
  // Written before these were kept: nothing is known of them, and no floor depends on them.
  const { lastOpenedAt } = stored.state;
  const unkept = { bestDayDate: null, netTransfers: ZERO_MINOR, equityIsCurrent: false };
  return { ...unkept, ...{ firstOpenedAt: lastOpenedAt }, ...stored.state };
};
