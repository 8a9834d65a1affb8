import type { Deal } from '../domain/trading.ts';
import type { Minor } from '../domain/units.ts';
import { epochMs, minor } from '../domain/units.ts';
import type { Entry, EntryBody, EntryKind, StoredEntry } from './types.ts';

/** True when a bigint is anywhere inside T; JSON cannot carry one. */
type ContainsBigint<T> = T extends bigint
  ? true
  : T extends string | number | boolean | null | undefined
    ? false
    : T extends readonly (infer Item)[]
      ? ContainsBigint<Item>
      : T extends object
        ? { [Key in keyof T]-?: ContainsBigint<T[Key]> }[keyof T]
        : false;
type BodyOf<Kind extends EntryKind> = Extract<EntryBody, { readonly kind: Kind }>;
type BigintKind = {
  [Kind in EntryKind]: true extends ContainsBigint<BodyOf<Kind>> ? Kind : never;
}[EntryKind];
/** T as it comes back from JSON, with every bigint as a decimal string. */
type Jsonified<T> = T extends bigint
  ? string
  : T extends string | number | boolean | null | undefined
    ? T
    : { readonly [Key in keyof T]: Jsonified<T[Key]> };
interface BigintCodec<Kind extends EntryKind> {
  readonly encode: (body: BodyOf<Kind>) => Jsonified<BodyOf<Kind>>;
  readonly decode: (json: Jsonified<BodyOf<Kind>>) => BodyOf<Kind>;
}

const readMinor = (text: string): Minor => minor(BigInt(text));
const encodeDeal = (deal: Deal): Jsonified<Deal> => ({
  ...deal,
  profit: deal.profit.toString(),
  commission: deal.commission.toString(),
  swap: deal.swap.toString(),
});
const decodeDeal = (json: Jsonified<Deal>): Deal => ({
  ...json,
  profit: readMinor(json.profit),
  commission: readMinor(json.commission),
  swap: readMinor(json.swap),
});

/** Exactly the kinds that carry bigints: the compiler refuses a new one without a codec here. */
const BIGINT_CODECS: { readonly [Kind in BigintKind]: BigintCodec<Kind> } = {
  'deal.booked': {
    encode: (body) => ({ ...body, deal: encodeDeal(body.deal) }),
    decode: (json) => ({ ...json, deal: decodeDeal(json.deal) }),
  },
};

const KNOWN: Readonly<Record<EntryKind, true>> = {
  'session.started': true,
  'session.ended': true,
  'symbol.known': true,
  'signal.raised': true,
  'order.denied': true,
  'intent.planned': true,
  'attempt.sent': true,
  'attempt.result': true,
  'order.state': true,
  'deal.booked': true,
  'order.seen': true,
  'account.snapshot': true,
  'day.anchored': true,
  'ledger.saved': true,
  'mode.changed': true,
  'flatten.changed': true,
  'evaluation.changed': true,
  'strategies.switched': true,
  'epoch.claimed': true,
  'recovery.completed': true,
  event: true,
};
export const ENTRY_KINDS = Object.keys(KNOWN) as readonly EntryKind[];

/** One entry as the columns of `entries`; `payload` is the body as JSON without its kind. */
export interface EncodedEntry {
  readonly accountId: string;
  readonly atMs: number;
  readonly kind: EntryKind;
  readonly intentId: string | null;
  readonly payload: string;
}
export interface EntryRow {
  readonly seq: number;
  readonly account_id: string;
  readonly at_ms: number;
  readonly kind: string;
  readonly payload: string;
}

/** The intent an entry is about, or null. */
export const intentIdOf = (entry: EntryBody): string | null => {
  switch (entry.kind) {
    case 'intent.planned':
      return entry.intent.intentId;
    case 'order.denied':
    case 'attempt.sent':
    case 'attempt.result':
    case 'order.state':
    case 'deal.booked':
    case 'order.seen':
      return entry.intentId;
    default:
      return null;
  }
};

/** Throws a TypeError for a value JSON cannot carry: a defect of the caller. */
export const encodeEntry = (entry: Entry): EncodedEntry => {
  const { accountId, at, ...body } = entry;
  const json = body.kind === 'deal.booked' ? BIGINT_CODECS[body.kind].encode(body) : body;
  const { kind, ...payload } = json;
  return {
    accountId,
    atMs: at,
    kind,
    intentId: intentIdOf(body),
    payload: JSON.stringify(payload),
  };
};

const isKnownKind = (kind: string): kind is EntryKind => Object.hasOwn(KNOWN, kind);

/** Restores an entry as it was appended. Throws when the row is not one this version wrote. */
export const decodeEntry = (row: EntryRow): StoredEntry => {
  const { kind } = row;
  if (!isKnownKind(kind)) throw new TypeError(`journal entry ${row.seq} has unknown kind ${kind}`);
  const json = { kind, ...JSON.parse(row.payload) } as Jsonified<EntryBody>;
  const body = json.kind === 'deal.booked' ? BIGINT_CODECS[json.kind].decode(json) : json;
  const place = { accountId: row.account_id, at: epochMs(row.at_ms), seq: row.seq };
  return { ...(body as EntryBody), ...place };
};
