import type { Side } from '../../domain/instrument.ts';
import { parseLots, parsePrice } from '../../domain/instrument.ts';
import type { BalanceOperationKind, OrderKind } from '../../domain/trading.ts';
import type { EpochMs, LotsE8, Minor, Points } from '../../domain/units.ts';
import { epochMs, lotsE8, minor, parseDecimal, points } from '../../domain/units.ts';
import type { ServerZone } from '../venue-time.ts';
import type { ListedDeal, ListedItem } from './replies.ts';

/** The EA's doubles in our units. They come with eight digits; what is finer than the unit is the
 * rounding of a double, or the mean price of a netted position, and is rounded here. */
const rounded = (text: string, digits: number): string => Number(text).toFixed(digits);

export const priceOf = (text: string, digits: number): Points =>
  parsePrice(text, digits) ?? parsePrice(rounded(text, digits), digits) ?? points(0);

export const levelOf = (text: string | null, digits: number): Points | null =>
  text === null ? null : priceOf(text, digits);

export const volumeOf = (text: string): LotsE8 => parseLots(text) ?? lotsE8(0);

export const moneyOf = (text: string, currencyDigits: number): Minor =>
  minor(
    parseDecimal(text, currencyDigits) ??
      parseDecimal(rounded(text, currencyDigits), currencyDigits) ??
      0n,
  );

export const instantOf = (seconds: number, zone: ServerZone): EpochMs =>
  epochMs(zone.toUtc(seconds * 1000));

export const sideOf = ({ kind }: ListedItem): Side => (kind.includes('_SELL') ? 'sell' : 'buy');

/** ORDER_TYPE_BUY_STOP_LIMIT is one that somebody else placed. */
export const orderKindOf = ({ kind }: ListedItem): OrderKind => {
  if (kind.endsWith('_STOP_LIMIT')) return 'stopLimit';
  if (kind.endsWith('_LIMIT')) return 'limit';
  return kind.endsWith('_STOP') ? 'stop' : 'market';
};

/** CDealInfo::TypeDescription of MetaTrader's own library, which is English in every terminal. */
const OPERATIONS: Readonly<Record<string, BalanceOperationKind>> = {
  balance: 'balance',
  credit: 'credit',
  charge: 'charge',
  correction: 'correction',
  bonus: 'bonus',
};

export const isTrade = ({ kind }: ListedDeal): boolean => kind === 'buy' || kind === 'sell';

export const operationOf = ({ kind }: ListedDeal): BalanceOperationKind => {
  const known = OPERATIONS[kind];
  if (known !== undefined) return known;
  return kind.includes('commission') ? 'commission' : 'correction';
};
