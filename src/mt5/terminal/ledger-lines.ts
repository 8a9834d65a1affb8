import { formatLots, formatPrice } from '../../domain/instrument.ts';
import type { LotsE8, Minor, Points } from '../../domain/units.ts';
import { absurd, formatDecimal } from '../../domain/units.ts';
import { retcodeName } from '../retcodes.ts';
import type { Transaction } from './broker-log.ts';
import type { LogRecord } from './ea/ea-records.ts';
import type {
  BrokerDeal,
  BrokerOrder,
  BrokerPosition,
  BrokerRequest,
  RequestBody,
  RequestOutcome,
} from './engine/records.ts';

/**
 * The broker's truth in words that an outsider can compare: decimal strings, UTC instants, and the
 * client's intent, attempt and magic where there are any. Each line carries the transaction and its
 * place in it (`n`, `i`), which makes it unique.
 */
export interface LedgerUnits {
  readonly digitsOf: (symbol: string) => number | undefined;
  readonly currencyDigits: number;
}
type Fields = Readonly<Record<string, unknown>>;

export class LedgerLines {
  readonly #units: LedgerUnits;
  constructor(units: LedgerUnits) {
    this.#units = units;
  }

  /** Lines of one transaction, in order; none when only the clock moved. */
  of(transaction: Transaction): readonly string[] {
    const lines: string[] = [];
    for (const record of transaction.records) {
      const fields = this.#fields(record);
      if (fields === undefined) continue;
      lines.push(JSON.stringify({ n: transaction.n, i: lines.length, ...fields }));
    }
    return lines;
  }

  #fields(record: LogRecord): Fields | undefined {
    switch (record.type) {
      case 'opened': {
        const { account } = record;
        return { type: 'account', ...instant(record.at), ...account, seed: record.seed };
      }
      case 'request.received':
        return this.#request(record.request);
      case 'request.done':
        return this.#outcome(record.outcome, {
          type: 'result',
          ...instant(record.at),
          request: record.id,
          intent: record.intent,
          attempt: record.attempt,
        });
      case 'order.placed':
        return this.#order(record.order, 'placed', record.order.placedAt);
      case 'order.changed':
        return this.#order(record.order, 'changed', record.at);
      case 'order.done':
        return this.#order(record.order, record.order.state, record.order.doneAt ?? 0);
      case 'deal':
        return this.#deal(record.deal);
      case 'position.opened':
        return this.#position(record.position, 'opened', record.position.openedAt);
      case 'position.changed':
        return this.#position(record.position, 'changed', record.at);
      case 'position.closed': {
        const { ticket, symbol } = record;
        return { type: 'position', event: 'closed', ...instant(record.at), ticket, symbol };
      }
      case 'margin.call':
        return { type: 'marginCall', ...instant(record.at), active: record.active };
      default:
        return undefined;
    }
  }

  #price(symbol: string, price: Points | null): string | null {
    const digits = this.#units.digitsOf(symbol);
    return price === null || digits === undefined ? null : formatPrice(price, digits);
  }

  #money(amount: Minor): string {
    return formatDecimal(amount, this.#units.currencyDigits);
  }

  #request(request: BrokerRequest): Fields {
    const { id, intent, attempt, receivedAt, dueAt, body } = request;
    const head = { type: 'request', ...instant(receivedAt), request: id, intent, attempt };
    return { ...head, dueMs: dueAt, action: body.type, ...this.#wanted(body) };
  }

  #wanted(body: RequestBody): Fields {
    switch (body.type) {
      case 'place': {
        const { type: _, volumeE8, ...rest } = body;
        const { symbol, price, stopLimitPrice } = body;
        return {
          ...rest,
          volume: lots(volumeE8),
          price: this.#price(symbol, price),
          stopLimitPrice: this.#price(symbol, stopLimitPrice),
          ...this.#stops(body),
        };
      }
      case 'modifyOrder': {
        const { ticket, symbol, price, stopLimitPrice, tif, expiresAt } = body;
        return {
          ticket,
          symbol,
          price: this.#price(symbol, price),
          stopLimitPrice: this.#price(symbol, stopLimitPrice),
          ...this.#stops(body),
          tif,
          expiresAt,
        };
      }
      case 'modifyPosition':
        return { ticket: body.ticket, symbol: body.symbol, ...this.#stops(body) };
      case 'close':
        return { ticket: body.ticket, volume: lots(body.volumeE8), filling: body.filling };
      case 'closeBy':
        return { ticket: body.ticket, byTicket: body.byTicket };
      case 'cancel':
        return { ticket: body.ticket };
      case 'nothing':
        return {};
      default:
        return absurd(body);
    }
  }

  #stops(of: {
    readonly symbol: string;
    readonly stopLoss: Points | null;
    readonly takeProfit: Points | null;
  }): Fields {
    const { symbol, stopLoss, takeProfit } = of;
    return {
      stopLoss: this.#price(symbol, stopLoss),
      takeProfit: this.#price(symbol, takeProfit),
    };
  }

  #outcome(outcome: RequestOutcome, head: Fields): Fields {
    const { retcode, symbol, order, deal, price, volumeE8, comment } = outcome;
    return {
      ...head,
      retcode,
      name: retcodeName(retcode) ?? 'UNKNOWN',
      symbol,
      order,
      deal,
      price: symbol === null ? null : this.#price(symbol, price),
      volume: volumeE8 === null ? null : lots(volumeE8),
      comment,
    };
  }

  #order(order: BrokerOrder, event: string, at: number): Fields {
    const { symbol, volumeE8, filledE8, ...rest } = order;
    return {
      type: 'order',
      event,
      ...instant(at),
      ...rest,
      symbol,
      volume: lots(volumeE8),
      filled: lots(filledE8),
      price: this.#price(symbol, order.price),
      stopLimitPrice: this.#price(symbol, order.stopLimitPrice),
      stopLoss: this.#price(symbol, order.stopLoss),
      takeProfit: this.#price(symbol, order.takeProfit),
    };
  }

  #deal(deal: BrokerDeal): Fields {
    const { volumeE8, profitMinor, commissionMinor, swapMinor, at, ...rest } = deal;
    return {
      type: 'deal',
      ...instant(at),
      ...rest,
      volume: lots(volumeE8),
      price: this.#price(deal.symbol, deal.price),
      profit: this.#money(profitMinor),
      commission: this.#money(commissionMinor),
      swap: this.#money(swapMinor),
    };
  }

  #position(position: BrokerPosition, event: string, at: number): Fields {
    const { symbol } = position;
    return {
      type: 'position',
      event,
      ...instant(at),
      ticket: position.ticket,
      symbol,
      side: position.side,
      volume: lots(position.volumeE8),
      open: this.#price(symbol, position.open),
      stopLoss: this.#price(symbol, position.stopLoss),
      takeProfit: this.#price(symbol, position.takeProfit),
      swap: this.#money(position.swapMinor),
      magic: position.magic,
      intent: position.intent,
      attempt: position.attempt,
    };
  }
}

const lots = (volumeE8: LotsE8): string => formatLots(volumeE8);

const instant = (at: number): Fields => ({ at: new Date(at).toISOString(), atMs: at });
