import { describe, expect, it } from 'vitest';
import type { Instrument } from '../../../../src/domain/instrument.ts';
import { lotsE8, minor, points } from '../../../../src/domain/units.ts';
import { symbolFromWire, symbolToWire } from '../../../../src/mt5/wire/instrument-codec.ts';

const gold: Instrument = {
  symbol: 'XAUUSD',
  digits: 2,
  baseCurrency: 'XAU',
  quoteCurrency: 'USD',
  contractSize: 100,
  tickSizePoints: points(1),
  volumeMinE8: lotsE8(1_000_000),
  volumeMaxE8: lotsE8(5_000_000_000),
  volumeStepE8: lotsE8(1_000_000),
  stopsLevelPoints: points(10),
  freezeLevelPoints: points(0),
  fillingModes: ['fok', 'ioc'],
  tradeMode: 'full',
  swapLongPoints: -31.5,
  swapShortPoints: 12.25,
  swapTripleWeekday: 3,
  commissionPerLotMinor: minor(350n),
  sessions: [{ weekday: 1, fromSec: 3_600, toSec: 86_340 }],
};
const quote = { bid: points(129_550), ask: points(129_590) };
const configured = { currencyDigits: 2, commissionPerLotMinor: minor(700n) };

describe('an instrument', () => {
  it('is the same after the way over the wire, with its quote', () => {
    const wire = symbolToWire(gold, { currencyDigits: 2, quote });
    expect(wire).toMatchObject({ bid: '1295.50', ask: '1295.90', commissionPerLot: '3.50' });
    expect(symbolFromWire(wire, configured)).toEqual({
      ok: true,
      value: { instrument: gold, quote },
    });
  });

  it('has no quote before the first tick, also when the terminal writes 0', () => {
    const wire = symbolToWire(gold, { currencyDigits: 2 });
    expect(symbolFromWire(wire, configured)).toEqual({ ok: true, value: { instrument: gold } });
    expect(symbolFromWire({ ...wire, bid: '0.00', ask: '0.00' }, configured)).toEqual({
      ok: true,
      value: { instrument: gold },
    });
  });

  it('takes the configured commission when the venue does not tell one', () => {
    const wire = { ...symbolToWire(gold, { currencyDigits: 2 }), commissionPerLot: null };
    const converted = symbolFromWire(wire, configured);
    expect(converted.ok && converted.value.instrument.commissionPerLotMinor).toBe(700n);
  });

  it.each([
    [{ digits: 11 }, 'digits'],
    [{ volumeStep: '0' }, 'volumeStep'],
    [{ tickSizePoints: 0 }, 'tickSizePoints'],
    [{ contractSize: 0 }, 'contractSize'],
    [{ commissionPerLot: '-1.00' }, 'commissionPerLot'],
    [{ sessions: [{ weekday: 7, fromSec: 0, toSec: 1 }] }, 'sessions'],
    [{ sessions: [{ weekday: 1, fromSec: 5, toSec: 5 }] }, 'sessions'],
  ])('with %j is refused', (change, field) => {
    const wire = { ...symbolToWire(gold, { currencyDigits: 2 }), ...change };
    expect(symbolFromWire(wire, configured)).toMatchObject({
      ok: false,
      error: { code: 'bad_range', field, subject: 'symbol XAUUSD' },
    });
  });
});
