import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import * as Schema from 'effect/Schema';
import { LedgerRefused } from './errors.ts';

/**
 * Reads the simulated broker's ledger: one JSON object per line, decimal strings, UTC instants.
 * Only what a comparison needs is decoded; lines of other types and fields we do not know are
 * passed over, so that the ledger may say more in time.
 */
const Text = Schema.String;
const NullableText = Schema.NullOr(Schema.String);
const Decimal = Schema.String.check(Schema.isPattern(/^-?\d+(\.\d+)?$/));
const Side = Schema.Literals(['buy', 'sell']);

const AccountLine = Schema.Struct({
  type: Schema.Literal('account'),
  login: Text,
  currency: Text,
  currencyDigits: Schema.Int,
});
const RequestLine = Schema.Struct({
  type: Schema.Literal('request'),
  action: Text,
  intent: Text,
  attempt: Schema.Int,
  symbol: Schema.optionalKey(Text),
  side: Schema.optionalKey(Side),
  kind: Schema.optionalKey(Text),
  volume: Schema.optionalKey(Decimal),
  price: Schema.optionalKey(NullableText),
  stopLoss: Schema.optionalKey(NullableText),
  takeProfit: Schema.optionalKey(NullableText),
  magic: Schema.optionalKey(Text),
  ticket: Schema.optionalKey(Text),
});
const ResultLine = Schema.Struct({
  type: Schema.Literal('result'),
  intent: Text,
  attempt: Schema.Int,
  retcode: Schema.Int,
});
const OrderLine = Schema.Struct({
  type: Schema.Literal('order'),
  ticket: Text,
  intent: Text,
  state: Text,
});
const DealLine = Schema.Struct({
  type: Schema.Literal('deal'),
  at: Text,
  ticket: Text,
  orderTicket: Text,
  positionTicket: Text,
  intent: Text,
  symbol: Text,
  side: Side,
  entry: Schema.Literals(['in', 'out', 'balance']),
  volume: Decimal,
  price: NullableText,
  profit: Decimal,
  commission: Decimal,
  swap: Decimal,
  reason: Text,
  operation: Schema.optionalKey(Text),
});
const PositionLine = Schema.Struct({
  type: Schema.Literal('position'),
  event: Text,
  ticket: Text,
});
/** The ledger was deleted and begins in the middle of the broker's life. */
const GapLine = Schema.Struct({ type: Schema.Literal('gap') });

const DECODERS = {
  account: Schema.decodeUnknownSync(AccountLine),
  request: Schema.decodeUnknownSync(RequestLine),
  result: Schema.decodeUnknownSync(ResultLine),
  order: Schema.decodeUnknownSync(OrderLine),
  deal: Schema.decodeUnknownSync(DealLine),
  position: Schema.decodeUnknownSync(PositionLine),
  gap: Schema.decodeUnknownSync(GapLine),
} as const;

export type LedgerDeal = typeof DealLine.Type;
export type LedgerRequest = typeof RequestLine.Type;
export type LedgerResult = typeof ResultLine.Type;
export type LedgerOrder = typeof OrderLine.Type;

/** The broker's truth, arranged for comparison. */
export interface LedgerTruth {
  readonly account: typeof AccountLine.Type;
  /** False when a part of the broker's life is missing. */
  readonly complete: boolean;
  readonly deals: readonly LedgerDeal[];
  readonly requests: readonly LedgerRequest[];
  readonly results: readonly LedgerResult[];
  /** Last state of each order. */
  readonly orders: ReadonlyMap<string, LedgerOrder>;
  readonly openPositions: ReadonlySet<string>;
}

class TruthBuilder {
  account: typeof AccountLine.Type | undefined;
  complete = true;
  readonly deals: LedgerDeal[] = [];
  readonly requests: LedgerRequest[] = [];
  readonly results: LedgerResult[] = [];
  readonly orders = new Map<string, LedgerOrder>();
  readonly openPositions = new Set<string>();

  add(json: unknown): void {
    const type =
      typeof json === 'object' && json !== null && 'type' in json ? json.type : undefined;
    switch (type) {
      case 'account':
        this.account = DECODERS.account(json);
        break;
      case 'request':
        this.requests.push(DECODERS.request(json));
        break;
      case 'result':
        this.results.push(DECODERS.result(json));
        break;
      case 'deal':
        this.deals.push(DECODERS.deal(json));
        break;
      case 'order': {
        const order = DECODERS.order(json);
        this.orders.set(order.ticket, order);
        break;
      }
      case 'position': {
        const { ticket, event } = DECODERS.position(json);
        if (event === 'closed') this.openPositions.delete(ticket);
        else this.openPositions.add(ticket);
        break;
      }
      case 'gap':
        this.complete = false;
        break;
      default:
        if (typeof type !== 'string') throw new TypeError('a line without a type');
    }
  }
}

const refused = (file: string, line: number | null, detail: string): LedgerRefused =>
  new LedgerRefused({ file, line, detail });

/** Reads a whole ledger. Rejects with LedgerRefused, naming the line. */
export const readLedger = async (file: string): Promise<LedgerTruth> => {
  const truth = new TruthBuilder();
  let line = 0;
  try {
    for await (const text of createInterface({ input: createReadStream(file, 'utf8') })) {
      line += 1;
      if (text !== '') truth.add(JSON.parse(text));
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw refused(file, line === 0 ? null : line, detail);
  }
  const { account } = truth;
  if (account === undefined) throw refused(file, null, 'no line names the account');
  return { ...truth, account };
};
