import { describe, expect, it } from 'vitest';
import {
  decodeRequest,
  encodeRequest,
  transferOf,
} from '../../../../src/actors/isolation/engine-codec.ts';
import type { EngineRequest } from '../../../../src/actors/isolation/engine-protocol.ts';
import type { Bar, Tick } from '../../../../src/domain/market.ts';
import { epochMs, points } from '../../../../src/domain/units.ts';
import { workingOrder } from '../../../support/guard-fixtures.ts';
import { fc } from '../../../support/property-seed.ts';
import { EURUSD } from '../../../support/risk-fixtures.ts';
import { position } from '../../../support/strategy-engines.ts';

const OF = { symbol: 'EURUSD', timeframe: 'M5' } as const;
const price = fc.integer({ min: 0, max: 10_000_000 }).map(points);
const instant = fc.integer({ min: 0, max: 4_000_000_000_000 }).map(epochMs);
const tick: fc.Arbitrary<Tick> = fc.record({
  symbol: fc.constant(OF.symbol),
  at: instant,
  bid: price,
  ask: price,
});
const bar: fc.Arbitrary<Bar> = fc.record({
  symbol: fc.constant(OF.symbol),
  timeframe: fc.constant(OF.timeframe),
  at: instant,
  open: price,
  high: price,
  low: price,
  close: price,
  tickVolume: fc.nat(),
  spreadPoints: price,
  complete: fc.boolean(),
  gap: fc.boolean(),
});

/** Through the codec and through what postMessage does to it. */
const crossed = (request: EngineRequest): EngineRequest =>
  decodeRequest(structuredClone(encodeRequest(request)), OF);

describe('the codec of engine requests', () => {
  it('brings every batch of ticks over unchanged', () => {
    fc.assert(
      fc.property(fc.array(tick), instant, (ticks, at) => {
        const request = { type: 'feed', ticks, at, holdings: null } as const;
        expect(crossed(request)).toEqual(request);
      }),
      { seed: 4711 },
    );
  });

  it('brings every history over unchanged, with instrument and holdings', () => {
    fc.assert(
      fc.property(fc.array(bar), instant, instant, (bars, now, includedUpTo) => {
        const holdings = { positions: [position('1', 'buy')], orders: [workingOrder('9')] };
        const instrument = EURUSD;
        const request = { type: 'warm', instrument, holdings, now, bars, includedUpTo } as const;
        expect(crossed(request)).toEqual(request);
      }),
      { seed: 4711 },
    );
  });

  it('hands out nothing that the sender still holds', () => {
    const holdings = { positions: [position('1', 'buy')], orders: [] };
    const ticks: readonly Tick[] = [
      { symbol: 'EURUSD', at: epochMs(1), bid: points(2), ask: points(3) },
    ];
    const encoded = encodeRequest({ type: 'feed', ticks, at: epochMs(1), holdings });
    const decoded = decodeRequest(encoded, OF);
    if (decoded.type !== 'feed') throw new Error('another request');
    expect(decoded.holdings).toEqual(holdings);
    expect(decoded.holdings?.positions[0]).not.toBe(holdings.positions[0]);
    expect(decoded.ticks[0]).not.toBe(ticks[0]);
  });

  it('gives its buffer away instead of having it copied', () => {
    const encoded = encodeRequest({ type: 'feed', ticks: [], at: epochMs(1), holdings: null });
    expect(encoded.type === 'feed' && transferOf(encoded)[0]).toBe(
      encoded.type === 'feed' && encoded.ticks.buffer,
    );
  });
});
