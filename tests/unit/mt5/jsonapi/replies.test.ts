import { describe, expect, it } from 'vitest';
import { decimalOf, parseExact } from '../../../../src/mt5/jsonapi/exact-json.ts';
import { readReply } from '../../../../src/mt5/jsonapi/replies.ts';
import { encodeRequest, isAddressable } from '../../../../src/mt5/jsonapi/requests.ts';
import { fc } from '../../../support/property-seed.ts';

describe('replies of a JsonAPI EA', () => {
  it('are read by their fields, an empty list from its one empty element', () => {
    const account =
      '{"error":false,"broker":"B","currency":"USD","server":"S","trading_allowed":1,' +
      '"bot_trading":0,"balance":1.5,"equity":1.5,"margin":0.0}';
    expect(readReply(account)).toMatchObject({
      type: 'account',
      isTradingAllowed: true,
      isBotTrading: false,
      balance: '1.5',
    });
    expect(readReply('{"positions":[{}]}')).toMatchObject({ items: [], isWhole: true });
    expect(readReply('{"orders":[null]}')).toMatchObject({ type: 'orders', items: [] });
    expect(readReply('{"data":[[1,1.1,1.2]],"symbol":"X","timeframe":"TICK"}')).toMatchObject({
      rows: [['1', '1.1', '1.2']],
    });
  });

  it('read deals, which name neither their order nor their position', () => {
    const deal =
      '{"ticket":18446744073709551615,"time":1700000000,"price":1.1,"volume":0.1,' +
      '"symbol":"EURUSD","type":"buy","entry":0,"profit":-3.25}';
    expect(readReply(`{"trades":[${deal}]}`)).toEqual({
      type: 'trades',
      trades: [
        {
          ticket: '18446744073709551615',
          atSec: 1_700_000_000,
          price: '1.1',
          volume: '0.1',
          symbol: 'EURUSD',
          kind: 'buy',
          entry: 0,
          profit: '-3.25',
        },
      ],
    });
  });

  it('are read although a list that was never set leaves its comma behind', () => {
    // What the EA says of the ticks of a symbol that does not exist.
    const echo = '{,"symbol":"{,no-such","timeframe":"TICK"}';
    expect(readReply(echo)).toEqual({
      type: 'data',
      symbol: '{,no-such',
      timeframe: 'TICK',
      rows: [],
    });
    expect(readReply('{"positions":[,{}]}')).toMatchObject({ items: [] });
    expect(readReply('{"positions":[{},]}').type).toBe('unreadable');
  });

  it('never pass a list with a hole for a list', () => {
    const hole = '{"positions":[{"id":1,"symbol":"EURUSD"}]}';
    expect(readReply(hole)).toEqual({ type: 'unreadable', text: hole });
    expect(readReply('{"trades":[{"ticket":-1}]}').type).toBe('unreadable');
    expect(readReply('{"retcode":"x"}').type).toBe('unreadable');
  });

  it('never throw, whatever comes', () => {
    const anything = fc.oneof(fc.string(), fc.json());
    fc.assert(
      fc.property(anything, (text) => {
        expect(readReply(text)).toHaveProperty('type');
      }),
    );
  });

  it('keep the digits of a decimal', () => {
    const decimal = fc
      .tuple(fc.integer({ min: 0 }), fc.nat(8))
      .map(([whole, places]) => (whole / 10 ** places).toFixed(places));
    fc.assert(
      fc.property(decimal, (text) => {
        expect(parseExact(`{"a":${text}}`)).toEqual({ a: text });
      }),
    );
  });

  it('write out exponents, and know what is no number', () => {
    expect(['1e5', '1.25E-3', '-2.5e0', '12e-1', '1e99', '', 'x'].map(decimalOf)).toEqual([
      '100000',
      '0.00125',
      '-2.5',
      '1.2',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('requests to a JsonAPI EA', () => {
  it('keep the digits of numbers and quote everything else', () => {
    const request = {
      action: 'TRADE',
      actionType: 'POSITION_PARTIAL',
      symbol: 'EURUSD',
      id: '2147483647',
      volume: '0.10',
      comment: 'say "hi"',
    } as const;
    expect(encodeRequest(request)).toBe(
      '{"action":"TRADE","actionType":"POSITION_PARTIAL","symbol":"EURUSD","id":2147483647,' +
        '"volume":0.10,"comment":"say \\"hi\\""}',
    );
  });

  it('know which tickets the EA can name again', () => {
    expect(['2147483647', '2147483648', '0', '', '-1'].map(isAddressable)).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
  });
});
