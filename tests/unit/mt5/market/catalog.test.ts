import { describe, expect, it } from 'vitest';
import { minor, points } from '../../../../src/domain/units.ts';
import {
  CATALOG_SYMBOLS,
  instrumentFor,
  resolveInstrument,
} from '../../../../src/mt5/terminal/catalog.ts';

const known = (symbol: string, digits?: number) => {
  const instrument = instrumentFor(symbol, digits === undefined ? {} : { digits });
  if (instrument === undefined) throw new Error(`${symbol} is not known`);
  return instrument;
};

describe('the catalogue', () => {
  it('describes every symbol with figures that a broker could have', () => {
    expect(CATALOG_SYMBOLS).toHaveLength(19);
    for (const symbol of CATALOG_SYMBOLS) {
      const it = known(symbol);
      expect(it.contractSize).toBeGreaterThan(0);
      expect(it.volumeMinE8 % it.volumeStepE8).toBe(0);
      expect(it.volumeMaxE8).toBeGreaterThan(it.volumeMinE8);
      expect(Number.isInteger(it.stopsLevelPoints)).toBe(true);
      // A broker never pays on both sides.
      expect(it.swapLongPoints + it.swapShortPoints).toBeLessThan(0);
      expect(it.sessions.length).toBeGreaterThanOrEqual(5);
      for (const session of it.sessions) expect(session.toSec).toBeGreaterThan(session.fromSec);
    }
  });

  it('charges commission on FX and metals, none on indices and crypto', () => {
    expect(known('EURUSD').commissionPerLotMinor).toBe(minor(300n));
    expect(known('XAUUSD').commissionPerLotMinor).toBe(minor(300n));
    expect(known('US100').commissionPerLotMinor).toBe(minor(0n));
    expect(known('BTCUSD').commissionPerLotMinor).toBe(minor(0n));
    expect(instrumentFor('EURUSD', { accountCurrency: 'JPY' })?.commissionPerLotMinor).toBe(
      minor(450n),
    );
  });

  it('books three nights on Wednesday for FX', () => {
    expect(known('EURUSD').swapTripleWeekday).toBe(3);
  });

  it.each([
    ['EURUSD.r', 'EUR'],
    ['EURUSDm', 'EUR'],
    ['EURUSD-ecn', 'EUR'],
    ['XAUUSD#', 'XAU'],
    ['US100.cash', 'USD'],
  ])('resolves %s to its base and keeps its name', (symbol, base) => {
    expect(known(symbol).baseCurrency).toBe(base);
    expect(known(symbol).symbol).toBe(symbol);
  });

  it.each(['', 'ABCXYZ', 'EURUSDT2', 'EUR', 'eurusd', 'EURUSDGBP'])(
    'does not know %j',
    (symbol) => {
      expect(instrumentFor(symbol)).toBeUndefined();
    },
  );

  it('rescales figures in points to the digits of the data', () => {
    const [two, three] = [known('XAUUSD', 2), known('XAUUSD', 3)];
    expect(three.stopsLevelPoints).toBe(two.stopsLevelPoints * 10);
    expect(three.swapLongPoints).toBe(two.swapLongPoints * 10);
    // A tenth of a point cannot be quoted: the level is rounded up, never to nothing.
    expect(known('US100', 0).stopsLevelPoints).toBe(1);
    expect(known('US100', 0).swapLongPoints).toBe(-3.7);
  });
});

describe('resolveInstrument', () => {
  const base = { accountCurrency: 'USD' } as const;

  it('lets an override win over the catalogue', () => {
    const override = { stopsLevelPoints: points(7), digits: 4 };
    const instrument = resolveInstrument({ ...base, symbol: 'EURUSD', digits: 5, override });
    expect(instrument).toMatchObject({ stopsLevelPoints: 7, digits: 4, contractSize: 100_000 });
  });

  it('admits a symbol outside of the catalogue only when contract and currencies are given', () => {
    const override = { contractSize: 10, baseCurrency: 'ABC', quoteCurrency: 'USD' };
    expect(resolveInstrument({ ...base, symbol: 'ABCUSD', digits: 3, override })).toMatchObject({
      symbol: 'ABCUSD',
      digits: 3,
      contractSize: 10,
      commissionPerLotMinor: 0n,
    });
    expect(
      resolveInstrument({ ...base, symbol: 'ABCUSD', override: { contractSize: 10 } }),
    ).toBeUndefined();
    expect(resolveInstrument({ ...base, symbol: 'ABCUSD' })).toBeUndefined();
  });
});
