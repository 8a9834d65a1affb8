import type { Bar, Tick, Timeframe } from '../../domain/market.ts';
import { epochMs, points } from '../../domain/units.ts';
import type { EncodedRequest, EngineRequest } from './engine-protocol.ts';

/**
 * Requests cross into an engine through this codec wherever the engine lives, so that a strategy
 * sees the same bits inline and in a worker, and never an object that somebody else also holds.
 */
const TICK_COLUMNS = 3;
const BAR_COLUMNS = 8;
const COMPLETE = 1;
const GAP = 2;

const encodeTicks = (ticks: readonly Tick[]): Float64Array => {
  const columns = new Float64Array(ticks.length * TICK_COLUMNS);
  let at = 0;
  for (const tick of ticks) {
    columns[at] = tick.at;
    columns[at + 1] = tick.bid;
    columns[at + 2] = tick.ask;
    at += TICK_COLUMNS;
  }
  return columns;
};

const decodeTicks = (columns: Float64Array, symbol: string): readonly Tick[] => {
  const ticks: Tick[] = [];
  for (let i = 0; i < columns.length; i += TICK_COLUMNS) {
    const [at = 0, bid = 0, ask = 0] = columns.subarray(i, i + TICK_COLUMNS);
    ticks.push({ symbol, at: epochMs(at), bid: points(bid), ask: points(ask) });
  }
  return ticks;
};

const encodeBars = (bars: readonly Bar[]): Float64Array => {
  const columns = new Float64Array(bars.length * BAR_COLUMNS);
  bars.forEach((bar, index) => {
    const { at, open, high, low, close, tickVolume, spreadPoints } = bar;
    const flags = (bar.complete ? COMPLETE : 0) | (bar.gap ? GAP : 0);
    const row = [at, open, high, low, close, tickVolume, spreadPoints, flags];
    columns.set(row, index * BAR_COLUMNS);
  });
  return columns;
};

const decodeBars = (
  columns: Float64Array,
  symbol: string,
  timeframe: Timeframe,
): readonly Bar[] => {
  const bars: Bar[] = [];
  for (let i = 0; i < columns.length; i += BAR_COLUMNS) {
    const row = columns.subarray(i, i + BAR_COLUMNS);
    const [at = 0, open = 0, high = 0, low = 0, close = 0, tickVolume = 0, spread = 0] = row;
    const flags = row[BAR_COLUMNS - 1] ?? 0;
    bars.push({
      symbol,
      timeframe,
      at: epochMs(at),
      open: points(open),
      high: points(high),
      low: points(low),
      close: points(close),
      tickVolume,
      spreadPoints: points(spread),
      complete: (flags & COMPLETE) !== 0,
      gap: (flags & GAP) !== 0,
    });
  }
  return bars;
};

export const encodeRequest = (request: EngineRequest): EncodedRequest =>
  request.type === 'warm'
    ? {
        ...request,
        instrument: structuredClone(request.instrument),
        holdings: structuredClone(request.holdings),
        bars: encodeBars(request.bars),
      }
    : {
        ...request,
        holdings: structuredClone(request.holdings),
        ticks: encodeTicks(request.ticks),
      };

/** An engine knows one symbol and one timeframe: they are not repeated in every row. */
export const decodeRequest = (
  encoded: EncodedRequest,
  of: { readonly symbol: string; readonly timeframe: Timeframe },
): EngineRequest =>
  encoded.type === 'warm'
    ? { ...encoded, bars: decodeBars(encoded.bars, of.symbol, of.timeframe) }
    : { ...encoded, ticks: decodeTicks(encoded.ticks, of.symbol) };

/** What may be handed over instead of copied. */
export const transferOf = (encoded: EncodedRequest): readonly ArrayBuffer[] => {
  const { buffer } = encoded.type === 'warm' ? encoded.bars : encoded.ticks;
  return buffer instanceof ArrayBuffer ? [buffer] : [];
};
