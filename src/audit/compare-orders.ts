import { formatLots, parseLots } from '../domain/instrument.ts';
import { lotsE8 } from '../domain/units.ts';
import { retcodeClass } from '../mt5/retcodes.ts';
import type { AuditFacts } from './audit-facts.ts';
import type { Finding } from './findings.ts';
import { differences } from './findings.ts';
import type { LedgerDeal, LedgerRequest, LedgerTruth } from './ledger-file.ts';

type OrderRow = AuditFacts['orders'][number];
type Texts = Readonly<Record<string, string | null>>;

/** What the broker says became of one intent. */
interface Trace {
  readonly request: LedgerRequest | undefined;
  readonly retcode: number | undefined;
  readonly fills: readonly LedgerDeal[];
  /** Final or present state of the broker's order that carried the last attempt. */
  readonly orderState: string | undefined;
}

const grouped = <Item extends { readonly intent: string }>(items: Iterable<Item>) => {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.intent);
    if (group === undefined) groups.set(item.intent, [item]);
    else group.push(item);
  }
  return (intent: string): readonly Item[] => groups.get(intent) ?? [];
};

/** What leaves deals: the audit must know of every one. */
const TRADES: readonly string[] = ['place', 'close', 'closeBy'];

interface Wanted {
  readonly intent: string;
  readonly entry: 'in' | 'out';
  /** Two positions that close each other have a deal each; the intent names one of them. */
  readonly position: string | undefined;
}
const wantedOf = (row: OrderRow): Wanted => ({
  intent: String(row.intent_id),
  entry: row.action === 'open' ? 'in' : 'out',
  position: row.action === 'closeBy' ? String(row.position_ticket) : undefined,
});

const tracesOf = (truth: LedgerTruth) => {
  const requests = grouped(truth.requests);
  const results = grouped(truth.results);
  const orders = grouped(truth.orders.values());
  const deals = grouped(truth.deals);
  return ({ intent, entry, position }: Wanted): Trace => ({
    request: requests(intent).at(-1),
    retcode: results(intent).at(-1)?.retcode,
    fills: deals(intent).filter(
      (deal) =>
        deal.entry === entry && (position === undefined || deal.positionTicket === position),
    ),
    orderState: orders(intent).at(-1)?.state,
  });
};

const isDone = (retcode: number): boolean => retcodeClass(retcode) === 'success';

const text = (value: string | number | null): string | null =>
  value === null ? null : String(value);

/** Fields of a request about something that is there already. */
const changeFields = (request: LedgerRequest): Texts => {
  const { action, ticket = null, volume = null } = request;
  if (action === 'close') return { volume, position: ticket };
  if (action === 'closeBy') return { position: ticket };
  // What is gone by then has no symbol any more, and a level without a symbol is no price.
  const isGone = request.symbol === '';
  const stops = { stopLoss: request.stopLoss ?? null, takeProfit: request.takeProfit ?? null };
  const levels = isGone ? {} : stops;
  if (action === 'modifyPosition') return { position: ticket, ...levels };
  const price = isGone ? {} : { price: request.price ?? null };
  if (action === 'modifyOrder') return { order: ticket, ...price, ...levels };
  return action === 'cancel' ? { order: ticket } : {};
};

/** Fields of the request as it left, where the broker's request names them. */
const requestFields = (row: OrderRow, request: LedgerRequest) => {
  const ours: Texts = {
    symbol: text(row.symbol),
    side: text(row.side),
    kind: text(row.kind),
    volume: text(row.volume),
    price: text(row.price),
    stopLoss: text(row.stop_loss),
    takeProfit: text(row.take_profit),
    magic: text(row.magic),
    position: text(row.position_ticket),
    order: text(row.order_ticket),
  };
  const theirs: Texts =
    request.action !== 'place'
      ? changeFields(request)
      : {
          symbol: request.symbol ?? null,
          side: request.side ?? null,
          kind: request.kind ?? null,
          volume: request.volume ?? null,
          stopLoss: request.stopLoss ?? null,
          takeProfit: request.takeProfit ?? null,
          magic: request.magic ?? null,
          // A market order's price is only the quote it was decided on.
          ...(request.kind === 'market' ? {} : { price: request.price ?? null }),
        };
  return { ours, theirs };
};

const listOf = (values: readonly string[]): string => [...new Set(values)].join(' ');

/** States that claim something about the broker, and what its ledger must show for each. */
const stateFindings = (id: string, state: string, trace: Trace): readonly Finding[] => {
  const finding = (field: string, ledger: string | null): Finding => ({
    what: 'order',
    id,
    field,
    audit: state,
    ledger,
  });
  const filled = trace.fills.length > 0;
  switch (state) {
    case 'filled':
    case 'partiallyFilled':
      return filled ? [] : [finding('state', trace.orderState ?? null)];
    case 'expired':
      // It never left, or every try of it came to nothing, until its moment was over.
      if (trace.orderState === undefined && !filled) return [];
      return trace.orderState === state ? [] : [finding('state', trace.orderState ?? null)];
    case 'done':
      return trace.retcode !== undefined && isDone(trace.retcode)
        ? []
        : [finding('retcode', text(trace.retcode ?? null))];
    case 'cancelled':
      // An immediate-or-cancel order of which only a part was there ends so at the broker.
      return trace.orderState === state || trace.orderState === 'partial'
        ? []
        : [finding('state', trace.orderState ?? null)];
    case 'refused':
    case 'denied':
    // Every try of it was refused so far; where a run has ended, that is how it stands.
    case 'waiting':
      return filled ? [finding('state', 'filled')] : [];
    case 'accepted':
    case 'triggered':
      return trace.orderState === 'placed' && !filled
        ? []
        : [finding('state', trace.orderState ?? null)];
    default:
      // planned, sent, unknown …: the audit does not know how it ended, and that is a finding.
      return [finding('unresolved', filled ? 'filled' : (trace.orderState ?? null))];
  }
};

const fillTexts = (row: OrderRow): Texts => ({
  order: text(row.order_ticket),
  deals: text(row.deal_tickets),
  position: text(row.position_ticket),
  filled: text(row.filled_volume),
  fillPrice: text(row.fill_price),
});
const ledgerFill = (fills: readonly LedgerDeal[]): Texts => {
  const total = fills.reduce((sum, { volume }) => sum + (parseLots(volume) ?? 0), 0);
  return {
    order: listOf(fills.map((deal) => deal.orderTicket)),
    deals: listOf(fills.map((deal) => deal.ticket)),
    position: listOf(fills.map((deal) => deal.positionTicket)),
    filled: formatLots(lotsE8(total)),
    // The mean of several fills is checked deal by deal; one fill is its own mean.
    ...(fills.length === 1 ? { fillPrice: fills[0]?.price ?? null } : {}),
  };
};

const compareOrder = (row: OrderRow, trace: Trace): readonly Finding[] => {
  const id = String(row.intent_id);
  const state = String(row.state);
  const findings = [...stateFindings(id, state, trace)];
  if (state === 'denied') {
    return trace.request === undefined
      ? findings
      : [...findings, { what: 'order', id, field: 'sent', audit: 'denied', ledger: 'requested' }];
  }
  if (trace.request !== undefined) {
    const { ours, theirs } = requestFields(row, trace.request);
    findings.push(...differences('order', id, ours, theirs));
  }
  if (trace.retcode !== undefined && row.retcode !== null) {
    const retcode = { retcode: String(trace.retcode) };
    findings.push(...differences('order', id, { retcode: String(row.retcode) }, retcode));
  }
  return trace.fills.length === 0
    ? findings
    : [...findings, ...differences('order', id, fillTexts(row), ledgerFill(trace.fills))];
};

/**
 * Order by order: every audited order against what the broker did for its intent (two broker orders
 * for one intent show up as two tickets), and every broker request against the audit.
 */
export const compareOrders = (facts: AuditFacts, truth: LedgerTruth): readonly Finding[] => {
  const traceOf = tracesOf(truth);
  const audited = new Set(facts.orders.map((row) => row.intent_id));
  const unknownToAudit = truth.requests.filter(
    ({ action, intent }) => TRADES.includes(action) && intent !== '' && !audited.has(intent),
  );
  return [
    ...facts.orders.flatMap((row) => compareOrder(row, traceOf(wantedOf(row)))),
    ...unknownToAudit.map(
      ({ intent, action }): Finding => ({
        what: 'order',
        id: intent,
        field: 'existence',
        audit: null,
        ledger: action,
      }),
    ),
  ];
};
