import { describe, expect, it } from 'vitest';
import type { AccountState, Deal, Position, VenueOrder } from '../../../../src/domain/trading.ts';
import { epochMs, lotsE8, minor, points } from '../../../../src/domain/units.ts';
import { convertAll } from '../../../../src/mt5/wire/conversion.ts';
import {
  accountFromWire,
  accountToWire,
  barFromWire,
  barToWire,
  dealFromWire,
  dealToWire,
  orderFromWire,
  orderToWire,
  positionFromWire,
  positionToWire,
  type WireUnits,
} from '../../../../src/mt5/wire/domain-codec.ts';

const units: WireUnits = {
  digitsOf: (symbol) => ({ EURUSD: 5, XAUUSD: 2 })[symbol],
  currencyDigits: 2,
};
const position: Position = {
  ticket: '18446744073709551615',
  symbol: 'EURUSD',
  side: 'buy',
  volumeE8: lotsE8(10_000_000),
  open: points(138_012),
  openedAt: epochMs(1_400_000_000_000),
  stopLoss: points(137_900),
  magic: '9223372036854775807',
  swap: minor(-123n),
  comment: 'by hand',
};
const order: VenueOrder = {
  ticket: '7',
  symbol: 'XAUUSD',
  side: 'sell',
  kind: 'stopLimit',
  stopLimitPrice: points(129_600),
  tif: 'specified',
  expiresAt: epochMs(3),
  volumeE8: lotsE8(1_000_000),
  filledE8: lotsE8(0),
  price: points(129_550),
  stopLoss: points(129_900),
  takeProfit: points(128_000),
  magic: '0',
  state: 'filled',
  placedAt: epochMs(1),
  doneAt: epochMs(2),
  positionTicket: '8',
  comment: '',
};
const deal: Deal = {
  ticket: '9',
  orderTicket: '7',
  positionTicket: '8',
  symbol: 'XAUUSD',
  side: 'sell',
  entry: 'out',
  volumeE8: lotsE8(1_000_000),
  price: points(129_540),
  profit: minor(-1_005n),
  commission: minor(-7n),
  swap: minor(0n),
  magic: '0',
  reason: 'sl',
  at: epochMs(3),
  comment: '[sl 1295.40]',
};
const account: AccountState = {
  login: '5012345',
  server: 'Demo',
  currency: 'USD',
  currencyDigits: 2,
  leverage: 100,
  marginMode: 'hedging',
  stopOutLevelPercent: 50,
  balance: minor(10_000_000n),
  equity: minor(9_999_995n),
  margin: minor(0n),
};

describe('a record of the venue', () => {
  it('is the same after the way over the wire', () => {
    const live = { ...order, state: 'placed' } as const;
    const { doneAt: _doneAt, positionTicket: _positionTicket, ...open } = live;
    expect(positionFromWire(positionToWire(position, units), units)).toEqual({
      ok: true,
      value: position,
    });
    expect(orderFromWire(orderToWire(order, units), units)).toEqual({ ok: true, value: order });
    expect(orderFromWire(orderToWire(open, units), units)).toEqual({ ok: true, value: open });
    expect(dealFromWire(dealToWire(deal, units), units)).toEqual({ ok: true, value: deal });
    expect(accountFromWire(accountToWire(account, 'Demo Ltd'))).toEqual({
      ok: true,
      value: account,
    });
  });

  it('is written with the digits of its symbol and currency', () => {
    const wire = positionToWire(position, units);
    expect(wire).toMatchObject({
      open: '1.38012',
      stopLoss: '1.37900',
      volume: '0.1',
      swap: '-1.23',
    });
    expect(wire.takeProfit).toBeNull();
    expect(accountToWire(account, 'Demo Ltd')).toMatchObject({
      balance: '100000.00',
      equity: '99999.95',
    });
  });

  it('is an error, not a rounded value, when a price is finer than the symbol', () => {
    const wire = { ...positionToWire(position, units), open: '1.380125' };
    expect(positionFromWire(wire, units)).toEqual({
      ok: false,
      error: {
        code: 'bad_price',
        subject: 'position 18446744073709551615',
        field: 'open',
        text: '1.380125',
      },
    });
  });

  it.each([
    [{ swap: '-1.234' }, 'bad_money', 'swap'],
    [{ volume: '0.000000001' }, 'bad_volume', 'volume'],
    [{ volume: '-0.1' }, 'bad_volume', 'volume'],
    [{ volume: '999999999999' }, 'bad_volume', 'volume'],
    [{ open: '-1.38012' }, 'bad_price', 'open'],
    [{ open: '99999999999999.00000' }, 'bad_price', 'open'],
    [{ stopLoss: '1.3e5' }, 'bad_price', 'stopLoss'],
    [{ symbol: 'GBPUSD' }, 'unknown_symbol', 'symbol'],
  ])('with %j is refused as %s', (change, code, field) => {
    const converted = positionFromWire({ ...positionToWire(position, units), ...change }, units);
    expect(converted).toMatchObject({ ok: false, error: { code, field } });
  });

  it('has no stop when the venue writes 0, which must not pass for protection', () => {
    const wire = { ...positionToWire(position, units), stopLoss: '0.00000' };
    const converted = positionFromWire(wire, units);
    expect(converted.ok && 'stopLoss' in converted.value).toBe(false);
  });

  it('that moves money needs no symbol, a trade does', () => {
    const deposit: Deal = {
      ...deal,
      symbol: '',
      entry: 'balance',
      reason: 'balance',
      operation: 'correction',
      price: points(0),
      volumeE8: lotsE8(0),
      profit: minor(10_000_000n),
    };
    const wire = dealToWire(deposit, units);
    expect(dealFromWire(wire, units)).toEqual({ ok: true, value: deposit });
    expect(dealFromWire({ ...wire, entry: 'in' }, units)).toMatchObject({
      ok: false,
      error: { code: 'bad_range', field: 'symbol' },
    });
    expect(dealFromWire({ ...wire, entry: 'in', symbol: 'EURUSD' }, units)).toMatchObject({
      ok: false,
      error: { code: 'bad_range', field: 'operation' },
    });
  });

  it('of an EA that is older than the kinds of money has none', () => {
    const { operation, ...old } = dealToWire(deal, units);
    expect(operation).toBeNull();
    expect(dealFromWire(old, units)).toEqual({ ok: true, value: deal });
  });

  it('in a list that holds one bad record makes the whole list an error', () => {
    const good = positionToWire(position, units);
    const convert = (wire: typeof good) => positionFromWire(wire, units);
    expect(convertAll([good, good], convert)).toEqual({ ok: true, value: [position, position] });
    expect(convertAll([good, { ...good, open: 'x' }], convert).ok).toBe(false);
  });

  it('cannot be sent for a symbol that the venue never described', () => {
    expect(() => positionToWire({ ...position, symbol: 'GBPUSD' }, units)).toThrow(/GBPUSD/);
  });

  it('of bars keeps every number', () => {
    const wire = [60_000, 4, 5, 1, 2, 9, 3, true] as const;
    expect(barToWire(barFromWire('EURUSD', 'M1', wire))).toEqual(wire);
    expect(barFromWire('EURUSD', 'M1', wire)).toMatchObject({ high: 5, low: 1, gap: false });
  });
});
