import type { Instrument, Rate, Side } from '../../../domain/instrument.ts';
import { profitMinor } from '../../../domain/instrument.ts';
import type { LotsE8, Minor, Points } from '../../../domain/units.ts';
import { divideRounded, minor, points } from '../../../domain/units.ts';
import { rateNow } from './conversion.ts';
import type { EngineEnvironment } from './environment.ts';
import type { BrokerAccount, BrokerPosition, BrokerQuote, BrokerRecord } from './records.ts';
import type { BrokerState } from './state.ts';

/** What every rule of the broker works with: the live state, the environment, and the pen. */
export interface Desk {
  readonly state: BrokerState;
  readonly env: EngineEnvironment;
  /** Applies a record to the state and keeps it for the log. */
  readonly emit: (record: BrokerRecord) => void;
}

export const accountOf = (desk: Desk): BrokerAccount => {
  if (desk.state.account === undefined) throw new Error('the broker has no account yet');
  return desk.state.account;
};

export const instrumentOf = (desk: Desk, symbol: string): Instrument => {
  const instrument = desk.env.instruments.get(symbol);
  if (instrument === undefined) throw new Error(`no instrument ${symbol}`);
  return instrument;
};

/** Quote currency → account currency now; undefined while a quote for it is missing. */
export const rateOf = (desk: Desk, symbol: string): Rate | undefined => {
  const conversion = desk.env.conversions.get(symbol);
  return conversion === undefined ? undefined : rateNow(conversion, desk.state.quotes);
};

/** Side of the quote at which a position of this side would be closed. */
export const exitPrice = (side: Side, quote: BrokerQuote): Points =>
  side === 'buy' ? quote.bid : quote.ask;
/** Side of the quote at which an order of this side is filled. */
export const entryPrice = (side: Side, quote: BrokerQuote): Points =>
  side === 'buy' ? quote.ask : quote.bid;

/** Profit of closing `volumeE8` of a position at a price, without swap and commission. */
export const profitAt = (
  desk: Desk,
  position: BrokerPosition,
  close: Points,
  volumeE8: LotsE8,
): Minor => {
  const rate = rateOf(desk, position.symbol);
  if (rate === undefined) throw new Error(`no rate for ${position.symbol} with a position open`);
  return profitMinor({
    instrument: instrumentOf(desk, position.symbol),
    side: position.side,
    open: position.open,
    close,
    volumeE8,
    rate,
    accountDigits: accountOf(desk).currencyDigits,
  });
};

/** Margin of a volume at a price: its value in account currency over the leverage. */
export const marginFor = (
  desk: Desk,
  symbol: string,
  price: Points,
  volumeE8: LotsE8,
): Minor | undefined => {
  const rate = rateOf(desk, symbol);
  if (rate === undefined) return undefined;
  const account = accountOf(desk);
  const value = profitMinor({
    instrument: instrumentOf(desk, symbol),
    side: 'buy',
    open: points(0),
    close: price,
    volumeE8,
    rate,
    accountDigits: account.currencyDigits,
  });
  return minor(divideRounded(value, BigInt(account.leverage)));
};

/** Takes the next ticket. Tickets count up and the fold sees them, so a restart goes on. */
export const nextTicket = (desk: Desk): string => {
  const ticket = desk.state.nextTicket;
  desk.state.nextTicket = ticket + 1;
  return String(ticket);
};
