import { describe, expect, it } from 'vitest';
import type { Bar, Timeframe } from '../../../src/domain/market.ts';
import { TIMEFRAMES } from '../../../src/domain/market.ts';
import { epochMs, points } from '../../../src/domain/units.ts';
import { createBarBuilder } from '../../../src/strategy/bar-builder.ts';

const align = (at: number, timeframe: Timeframe) =>
  epochMs(Math.floor(at / TIMEFRAMES[timeframe]) * TIMEFRAMES[timeframe]);
const builder = (timeframe: Timeframe = 'M1') =>
  createBarBuilder({ symbol: 'EURUSD', timeframe, align });
const tick = (at: number, bid: number, spread = 10) => ({
  symbol: 'EURUSD',
  at: epochMs(at),
  bid: points(bid),
  ask: points(bid + spread),
});
const bar = (at: number, complete: boolean, close = 100): Bar => ({
  symbol: 'EURUSD',
  timeframe: 'M1',
  at: epochMs(at),
  open: points(100),
  high: points(110),
  low: points(90),
  close: points(close),
  tickVolume: 5,
  spreadPoints: points(8),
  complete,
  gap: false,
});

describe('building bars', () => {
  it('completes a bar when the first tick of a later one arrives', () => {
    const bars = builder();
    expect(bars.push(tick(60_000, 100, 12))).toBeUndefined();
    expect(bars.push(tick(75_000, 105, 9))).toBeUndefined();
    expect(bars.push(tick(119_999, 95, 15))).toBeUndefined();
    expect(bars.push(tick(120_000, 96))).toEqual({
      symbol: 'EURUSD',
      timeframe: 'M1',
      at: 60_000,
      open: 100,
      high: 105,
      low: 95,
      close: 95,
      tickVolume: 3,
      spreadPoints: 9,
      complete: true,
      gap: false,
    });
    expect(bars.running()).toMatchObject({ at: 120_000, tickVolume: 1, complete: false });
  });

  it('keeps the order of ticks in one millisecond', () => {
    const bars = builder();
    for (const bid of [100, 103, 101]) bars.push(tick(60_000, bid));
    expect(bars.running()).toMatchObject({ open: 100, high: 103, close: 101, tickVolume: 3 });
  });

  it('makes no bar of a minute without ticks', () => {
    const bars = builder();
    bars.push(tick(60_000, 100));
    expect(bars.push(tick(300_000, 101))?.at).toBe(60_000);
    expect(bars.running()?.at).toBe(300_000);
  });

  it('aligns long bars by the server day, also when a day has 23 hours', () => {
    const opensAt = [0, 23 * 3_600_000];
    const bars = createBarBuilder({
      symbol: 'EURUSD',
      timeframe: 'D1',
      align: (at) => epochMs(opensAt.findLast((open) => open <= at) ?? 0),
    });
    bars.push(tick(1, 100));
    expect(bars.push(tick(22.9 * 3_600_000, 101))).toBeUndefined();
    expect(bars.push(tick(23 * 3_600_000, 102))).toMatchObject({ at: 0, close: 101 });
  });

  it('goes on with the incomplete bar of its history, without counting a tick twice', () => {
    const bars = builder();
    const primed = bars.prime([bar(0, true), bar(60_000, false)], epochMs(80_000));
    expect(primed).toEqual([bar(0, true)]);
    expect(bars.push(tick(80_000, 200))).toBeUndefined();
    bars.push(tick(80_001, 111));
    expect(bars.push(tick(120_000, 100))).toEqual({
      ...bar(60_000, true, 111),
      high: 111,
      tickVolume: 6,
    });
  });

  it('does not build a bar again that its history had complete', () => {
    const bars = builder();
    bars.prime([bar(60_000, true)], epochMs(70_000));
    expect(bars.push(tick(90_000, 100))).toBeUndefined();
    expect(bars.running()).toBeUndefined();
    bars.push(tick(120_000, 100));
    expect(bars.running()?.at).toBe(120_000);
  });

  it('ignores a tick that comes after its bar is out', () => {
    const bars = builder();
    bars.push(tick(60_000, 100));
    bars.push(tick(120_000, 101));
    expect(bars.push(tick(119_999, 500))).toBeUndefined();
    expect(bars.running()).toMatchObject({ at: 120_000, high: 101 });
  });

  it('flags the bars beside a gap, and none after the history healed it', () => {
    const bars = builder();
    bars.push(tick(60_000, 100));
    bars.markGap();
    expect(bars.push(tick(200_000, 101))).toMatchObject({ at: 60_000, gap: true });
    expect(bars.push(tick(240_000, 101))).toMatchObject({ at: 180_000, gap: true });
    expect(bars.push(tick(300_000, 101))).toMatchObject({ at: 240_000, gap: false });
    bars.markGap();
    bars.prime([bar(300_000, false)], epochMs(310_000));
    expect(bars.push(tick(360_000, 101))).toMatchObject({ at: 300_000, gap: false });
  });

  it('completes the running bar at the end of the data, once', () => {
    const bars = builder();
    expect(bars.closeRunning()).toBeUndefined();
    bars.push(tick(60_000, 100));
    expect(bars.closeRunning()).toMatchObject({ at: 60_000, complete: true });
    expect(bars.closeRunning()).toBeUndefined();
    expect(bars.push(tick(61_000, 100))).toBeUndefined();
    expect(bars.running()).toBeUndefined();
  });
});
