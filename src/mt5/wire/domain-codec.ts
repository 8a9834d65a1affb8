import { formatLots, formatPrice } from '../../domain/instrument.ts';
import type { Bar, Timeframe } from '../../domain/market.ts';
import type { AccountState, Deal, Position, VenueOrder } from '../../domain/trading.ts';
import type { Points } from '../../domain/units.ts';
import { epochMs, points } from '../../domain/units.ts';
import { type Converted, type DigitsOf, fieldReader, formatMoney } from './conversion.ts';
import type { WireAccount, WireBar, WireDeal, WireOrder, WirePosition } from './records.ts';

type WireOf<S extends { readonly Type: unknown }> = S['Type'];

/** What the wire's records leave out because it is the same for all of them. */
export interface WireUnits {
  readonly digitsOf: DigitsOf;
  /** Minor digits of the account currency. */
  readonly currencyDigits: number;
}

const levelToWire = (level: Points | undefined, digits: number): string | null =>
  level === undefined ? null : formatPrice(level, digits);

/** Throws for a symbol without digits: only what came from the venue is ever sent back to it. */
const knownDigits = (units: WireUnits, symbol: string): number => {
  const digits = units.digitsOf(symbol);
  if (digits === undefined) throw new RangeError(`digits of ${symbol} are not known`);
  return digits;
};

export const positionFromWire = (
  wire: WireOf<typeof WirePosition>,
  units: WireUnits,
): Converted<Position> => {
  const read = fieldReader(`position ${wire.ticket}`);
  const digits = read.digits(units.digitsOf, wire.symbol);
  const stopLoss = read.level('stopLoss', wire.stopLoss, digits);
  const takeProfit = read.level('takeProfit', wire.takeProfit, digits);
  return read.done({
    ticket: wire.ticket,
    symbol: wire.symbol,
    side: wire.side,
    volumeE8: read.volume('volume', wire.volume),
    open: read.price('open', wire.open, digits),
    openedAt: epochMs(wire.openedAtMs),
    ...(stopLoss === undefined ? {} : { stopLoss }),
    ...(takeProfit === undefined ? {} : { takeProfit }),
    magic: wire.magic,
    swap: read.money('swap', wire.swap, units.currencyDigits),
    comment: wire.comment,
  });
};

export const positionToWire = (
  position: Position,
  units: WireUnits,
): WireOf<typeof WirePosition> => {
  const digits = knownDigits(units, position.symbol);
  return {
    ticket: position.ticket,
    symbol: position.symbol,
    side: position.side,
    volume: formatLots(position.volumeE8),
    open: formatPrice(position.open, digits),
    openedAtMs: position.openedAt,
    stopLoss: levelToWire(position.stopLoss, digits),
    takeProfit: levelToWire(position.takeProfit, digits),
    magic: position.magic,
    swap: formatMoney(position.swap, units.currencyDigits),
    comment: position.comment,
  };
};

export const orderFromWire = (
  wire: WireOf<typeof WireOrder>,
  units: WireUnits,
): Converted<VenueOrder> => {
  const read = fieldReader(`order ${wire.ticket}`);
  const digits = read.digits(units.digitsOf, wire.symbol);
  const stopLimitPrice = read.level('stopLimitPrice', wire.stopLimitPrice, digits);
  const stopLoss = read.level('stopLoss', wire.stopLoss, digits);
  const takeProfit = read.level('takeProfit', wire.takeProfit, digits);
  return read.done({
    ticket: wire.ticket,
    symbol: wire.symbol,
    side: wire.side,
    kind: wire.kind,
    volumeE8: read.volume('volume', wire.volume),
    filledE8: read.volume('filled', wire.filled),
    price: read.price('price', wire.price, digits),
    ...(stopLimitPrice === undefined ? {} : { stopLimitPrice }),
    tif: wire.tif,
    ...(wire.expiresAtMs === null ? {} : { expiresAt: epochMs(wire.expiresAtMs) }),
    ...(stopLoss === undefined ? {} : { stopLoss }),
    ...(takeProfit === undefined ? {} : { takeProfit }),
    magic: wire.magic,
    state: wire.state,
    placedAt: epochMs(wire.placedAtMs),
    ...(wire.doneAtMs === null ? {} : { doneAt: epochMs(wire.doneAtMs) }),
    ...(wire.positionTicket === null ? {} : { positionTicket: wire.positionTicket }),
    comment: wire.comment,
  });
};

export const orderToWire = (order: VenueOrder, units: WireUnits): WireOf<typeof WireOrder> => {
  const digits = knownDigits(units, order.symbol);
  return {
    ticket: order.ticket,
    symbol: order.symbol,
    side: order.side,
    kind: order.kind,
    volume: formatLots(order.volumeE8),
    filled: formatLots(order.filledE8),
    price: formatPrice(order.price, digits),
    stopLimitPrice: levelToWire(order.stopLimitPrice, digits),
    tif: order.tif,
    expiresAtMs: order.expiresAt ?? null,
    stopLoss: levelToWire(order.stopLoss, digits),
    takeProfit: levelToWire(order.takeProfit, digits),
    magic: order.magic,
    state: order.state,
    placedAtMs: order.placedAt,
    doneAtMs: order.doneAt ?? null,
    positionTicket: order.positionTicket ?? null,
    comment: order.comment,
  };
};

/** Deposits, fees and corrections name no symbol; their price is 0 and needs no digits. */
const dealDigits = (units: WireUnits, symbol: string): number | undefined =>
  symbol === '' ? 0 : units.digitsOf(symbol);

export const dealFromWire = (wire: WireOf<typeof WireDeal>, units: WireUnits): Converted<Deal> => {
  const read = fieldReader(`deal ${wire.ticket}`);
  read.range('symbol', wire.symbol !== '' || wire.entry === 'balance', wire.symbol);
  const digits = read.digits((symbol) => dealDigits(units, symbol), wire.symbol);
  const operation = wire.operation ?? undefined;
  read.range('operation', operation === undefined || wire.entry === 'balance', operation);
  return read.done({
    ticket: wire.ticket,
    orderTicket: wire.orderTicket,
    positionTicket: wire.positionTicket,
    symbol: wire.symbol,
    side: wire.side,
    entry: wire.entry,
    volumeE8: read.volume('volume', wire.volume),
    price: read.price('price', wire.price, digits),
    profit: read.money('profit', wire.profit, units.currencyDigits),
    commission: read.money('commission', wire.commission, units.currencyDigits),
    swap: read.money('swap', wire.swap, units.currencyDigits),
    magic: wire.magic,
    reason: wire.reason,
    ...(operation === undefined ? {} : { operation }),
    at: epochMs(wire.atMs),
    comment: wire.comment,
  });
};

export const dealToWire = (deal: Deal, units: WireUnits): WireOf<typeof WireDeal> => ({
  ticket: deal.ticket,
  orderTicket: deal.orderTicket,
  positionTicket: deal.positionTicket,
  symbol: deal.symbol,
  side: deal.side,
  entry: deal.entry,
  volume: formatLots(deal.volumeE8),
  price: formatPrice(deal.price, deal.symbol === '' ? 0 : knownDigits(units, deal.symbol)),
  profit: formatMoney(deal.profit, units.currencyDigits),
  commission: formatMoney(deal.commission, units.currencyDigits),
  swap: formatMoney(deal.swap, units.currencyDigits),
  magic: deal.magic,
  reason: deal.reason,
  operation: deal.operation ?? (deal.entry === 'balance' ? 'balance' : null),
  atMs: deal.at,
  comment: deal.comment,
});

export const accountFromWire = (wire: WireOf<typeof WireAccount>): Converted<AccountState> => {
  const read = fieldReader(`account ${wire.login}`);
  read.range('currencyDigits', wire.currencyDigits <= 8, wire.currencyDigits);
  read.range('leverage', wire.leverage >= 1, wire.leverage);
  return read.done({
    login: wire.login,
    server: wire.server,
    currency: wire.currency,
    currencyDigits: wire.currencyDigits,
    leverage: wire.leverage,
    marginMode: wire.marginMode,
    stopOutLevelPercent: wire.stopOutLevelPercent,
    balance: read.money('balance', wire.balance, wire.currencyDigits),
    equity: read.money('equity', wire.equity, wire.currencyDigits),
    margin: read.money('margin', wire.margin, wire.currencyDigits),
  });
};

/** `company` is the broker's legal name, which the domain does not keep. */
export const accountToWire = (
  account: AccountState,
  company: string,
): WireOf<typeof WireAccount> => ({
  login: account.login,
  server: account.server,
  company,
  currency: account.currency,
  currencyDigits: account.currencyDigits,
  marginMode: account.marginMode,
  leverage: account.leverage,
  stopOutLevelPercent: account.stopOutLevelPercent,
  balance: formatMoney(account.balance, account.currencyDigits),
  equity: formatMoney(account.equity, account.currencyDigits),
  margin: formatMoney(account.margin, account.currencyDigits),
});

/** The wire does not carry `gap`: whether bars are missing between messages is the reader's to
 * find. */
export const barFromWire = (
  symbol: string,
  timeframe: Timeframe,
  wire: WireOf<typeof WireBar>,
): Bar => {
  const [at, open, high, low, close, tickVolume, spread, complete] = wire;
  return {
    symbol,
    timeframe,
    at: epochMs(at),
    open: points(open),
    high: points(high),
    low: points(low),
    close: points(close),
    tickVolume,
    spreadPoints: points(spread),
    complete,
    gap: false,
  };
};

export const barToWire = (bar: Bar): WireOf<typeof WireBar> => [
  bar.at,
  bar.open,
  bar.high,
  bar.low,
  bar.close,
  bar.tickVolume,
  bar.spreadPoints,
  bar.complete,
];
