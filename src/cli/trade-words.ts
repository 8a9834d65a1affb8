import type { Notice } from '../actors/runtime.ts';
import { formatLots, formatPrice } from '../domain/instrument.ts';
import type { Deal } from '../domain/trading.ts';
import { formatDecimal } from '../domain/units.ts';
import type { Entry } from '../journal/types.ts';

const REASONS: Readonly<Record<Deal['reason'], string>> = {
  client: 'by hand',
  expert: 'by the strategy',
  sl: 'at its stop',
  tp: 'at its target',
  stopOut: 'by the stop-out',
  rollover: 'by the rollover',
  balance: 'balance',
};

/** Events that only the journal tells: the guard writes them together with what it decided. */
const GUARD_CODES: ReadonlySet<string> = new Set([
  'floor.near',
  'floor.breached',
  'ledger.mismatch',
  'position.naked',
  'position.stopSet',
  'external.forbidden',
  'reset.swept',
  'reset.short',
  'journal.failed',
  'operator.halt',
  'operator.resume',
  'operator.flatten',
  'operator.kill',
  'operator.rearm',
  'operator.refused',
  'evaluation.review',
  'evaluation.payout',
  'evaluation.scaling',
]);

/** Journal entries that a person watching wants to read, as sentences. Remembers each symbol's
 * digits from the entries themselves. */
export const tradeWords = (currencyDigits: number): ((entry: Entry) => Notice | undefined) => {
  const digits = new Map<string, number>();
  const dealWords = (deal: Deal): string | undefined => {
    if (deal.entry === 'balance') return undefined;
    const price = formatPrice(deal.price, digits.get(deal.symbol) ?? 0);
    const what = `${formatLots(deal.volumeE8)} lots ${deal.symbol} at ${price}`;
    if (deal.entry === 'in') return `${deal.side === 'buy' ? 'bought' : 'sold'} ${what}`;
    const net = deal.profit + deal.commission + deal.swap;
    return `closed ${what} ${REASONS[deal.reason]}: ${formatDecimal(net, currencyDigits)}`;
  };
  return (entry) => {
    const { at } = entry;
    switch (entry.kind) {
      case 'symbol.known':
        digits.set(entry.symbol, entry.digits);
        return undefined;
      case 'deal.booked': {
        const detail = dealWords(entry.deal);
        return detail === undefined ? undefined : { at, severity: 'info', code: 'deal', detail };
      }
      case 'order.denied': {
        const detail = `${entry.symbol} ${entry.code}: ${entry.detail}`;
        return { at, severity: 'info', code: 'denied', detail };
      }
      case 'mode.changed': {
        const detail = `${entry.from} → ${entry.to} (${entry.reason})`;
        const severity =
          entry.to === 'locked' ? 'error' : entry.to === 'active' ? 'info' : 'warning';
        return { at, severity, code: 'mode', detail };
      }
      case 'flatten.changed': {
        const detail = `${entry.to} (${entry.reason})`;
        const severity = entry.to === 'stuck' ? 'error' : 'warning';
        return { at, severity, code: 'flatten', detail };
      }
      case 'evaluation.changed': {
        const detail = `${entry.id} ${entry.from} → ${entry.to}`;
        const severity = entry.to === 'breached' ? 'error' : 'info';
        return { at, severity, code: 'evaluation', detail };
      }
      case 'event': {
        // What else is an event was told as a notice before it was journalled.
        if (!GUARD_CODES.has(entry.code)) return undefined;
        const { severity, code, detail } = entry;
        return { at, severity, code, detail };
      }
      default:
        return undefined;
    }
  };
};
