import { formatLots, formatPrice } from '../../../domain/instrument.ts';
import type { AccountState, Deal, Position, VenueOrder } from '../../../domain/trading.ts';
import type { WireUnits } from '../../wire/domain-codec.ts';
import { accountToWire, dealToWire, orderToWire, positionToWire } from '../../wire/domain-codec.ts';
import type { EaMessageOf } from '../../wire/messages.ts';
import type { WireAccount, WireDeal, WireOrder, WirePosition } from '../../wire/records.ts';
import type { BrokerDeal, BrokerOrder, BrokerPosition, RequestOutcome } from '../engine/records.ts';
import type { Broker } from './broker.ts';
import type { AttemptResult, LogRecord } from './ea-records.ts';

/** The broker's records in the words of the wire, which are the words of the domain. */
const positionOf = (position: BrokerPosition): Position => ({
  ticket: position.ticket,
  symbol: position.symbol,
  side: position.side,
  volumeE8: position.volumeE8,
  open: position.open,
  openedAt: position.openedAt,
  ...(position.stopLoss === null ? {} : { stopLoss: position.stopLoss }),
  ...(position.takeProfit === null ? {} : { takeProfit: position.takeProfit }),
  magic: position.magic,
  swap: position.swapMinor,
  comment: position.comment,
});

const orderOf = (order: BrokerOrder): VenueOrder => ({
  ticket: order.ticket,
  symbol: order.symbol,
  side: order.side,
  kind: order.kind,
  volumeE8: order.volumeE8,
  filledE8: order.filledE8,
  price: order.price,
  ...(order.stopLimitPrice === null ? {} : { stopLimitPrice: order.stopLimitPrice }),
  tif: order.tif,
  ...(order.expiresAt === null ? {} : { expiresAt: order.expiresAt }),
  ...(order.stopLoss === null ? {} : { stopLoss: order.stopLoss }),
  ...(order.takeProfit === null ? {} : { takeProfit: order.takeProfit }),
  magic: order.magic,
  state: order.state,
  placedAt: order.placedAt,
  ...(order.doneAt === null ? {} : { doneAt: order.doneAt }),
  ...(order.positionTicket === null ? {} : { positionTicket: order.positionTicket }),
  comment: order.comment,
});

const dealOf = (deal: BrokerDeal): Deal => ({
  ticket: deal.ticket,
  orderTicket: deal.orderTicket,
  positionTicket: deal.positionTicket,
  symbol: deal.symbol,
  side: deal.side,
  entry: deal.entry,
  volumeE8: deal.volumeE8,
  price: deal.price,
  profit: deal.profitMinor,
  commission: deal.commissionMinor,
  swap: deal.swapMinor,
  magic: deal.magic,
  reason: deal.reason,
  ...(deal.operation === undefined ? {} : { operation: deal.operation }),
  at: deal.at,
  comment: deal.comment,
});

export class WireView {
  readonly #engine: Broker;
  readonly #units: WireUnits;

  constructor(engine: Broker, digitsOf: WireUnits['digitsOf']) {
    this.#engine = engine;
    this.#units = { digitsOf, currencyDigits: this.#account().currencyDigits };
  }

  #account() {
    const { account } = this.#engine.state;
    if (account === undefined) throw new Error('the broker has no account yet');
    return account;
  }

  get units(): WireUnits {
    return this.#units;
  }

  account(): typeof WireAccount.Type {
    const account = this.#account();
    const state: AccountState = {
      ...account,
      balance: this.#engine.state.balanceMinor,
      equity: this.#engine.equity(),
      margin: this.#engine.margin(),
    };
    return accountToWire(state, account.company);
  }

  position(position: BrokerPosition): typeof WirePosition.Type {
    return positionToWire(positionOf(position), this.#units);
  }

  order(order: BrokerOrder): typeof WireOrder.Type {
    return orderToWire(orderOf(order), this.#units);
  }

  deal(deal: BrokerDeal): typeof WireDeal.Type {
    return dealToWire(dealOf(deal), this.#units);
  }

  result(intent: string, attempt: number, outcome: RequestOutcome): AttemptResult {
    const { symbol, price, volumeE8 } = outcome;
    const digits = symbol === null ? undefined : this.#units.digitsOf(symbol);
    return {
      intent,
      attempt,
      retcode: outcome.retcode,
      order: outcome.order,
      deal: outcome.deal,
      price: price === null || digits === undefined ? null : formatPrice(price, digits),
      volume: volumeE8 === null ? null : formatLots(volumeE8),
      comment: outcome.comment,
    };
  }

  /** What changed together, or undefined when the account did not change. */
  trade(records: readonly LogRecord[]): EaMessageOf<'trade'> | undefined {
    const deals: BrokerDeal[] = [];
    const orders = new Map<string, BrokerOrder>();
    const positions = new Map<string, BrokerPosition>();
    const closed: string[] = [];
    for (const record of records) {
      if (record.type === 'deal') deals.push(record.deal);
      else if (record.type === 'position.closed') {
        closed.push(record.ticket);
        positions.delete(record.ticket);
      } else if (record.type === 'position.opened' || record.type === 'position.changed')
        positions.set(record.position.ticket, record.position);
      else if (
        record.type === 'order.placed' ||
        record.type === 'order.changed' ||
        record.type === 'order.done'
      )
        orders.set(record.order.ticket, record.order);
    }
    if (deals.length + orders.size + positions.size + closed.length === 0) return undefined;
    return {
      kind: 'trade',
      account: this.account(),
      deals: deals.map((deal) => this.deal(deal)),
      orders: [...orders.values()].map((order) => this.order(order)),
      positions: [...positions.values()].map((position) => this.position(position)),
      closedPositions: closed,
    };
  }
}
