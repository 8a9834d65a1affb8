import type { Tick } from '../../domain/market.ts';
import { epochMs, points } from '../../domain/units.ts';
import { WIRE_LIMITS } from './limits.ts';

/**
 * Tick batch, layout 1, little endian, no padding:
 *
 *   u8  layout (1)            u8  reserved (0)
 *   u16 number of symbols     u32 number of ticks
 *   per symbol: u8 length, then that many bytes of UTF-8
 *   per tick:   u16 symbol index, f64 time (ms UTC), f64 bid (points), f64 ask (points)
 *
 * Numbers are doubles that hold integers: MQL5 and JavaScript both read them natively and exactly
 * up to 2^53, while 32 bits do not hold a Bitcoin price with three digits. The order of ticks is
 * the sender's and is kept; several may share a millisecond.
 */
export const TICK_LAYOUT = 1;
const HEADER_BYTES = 8;
const TICK_BYTES = 26;

export type TickBatchRefusal =
  | 'truncated'
  | 'layout'
  | 'tooManyTicks'
  | 'tooManySymbols'
  | 'badSymbol'
  | 'badNumber'
  | 'trailingBytes';

export type DecodedTicks =
  | { readonly ok: true; readonly ticks: readonly Tick[] }
  | { readonly ok: false; readonly reason: TickBatchRefusal };

const symbolTable = (
  ticks: readonly Tick[],
): { readonly index: ReadonlyMap<string, number>; readonly names: readonly Uint8Array[] } => {
  const index = new Map<string, number>();
  const names: Uint8Array[] = [];
  for (const tick of ticks) {
    if (index.has(tick.symbol)) continue;
    const name = new TextEncoder().encode(tick.symbol);
    if (name.length === 0 || name.length > 255) {
      throw new RangeError(`symbol name of ${name.length} bytes`);
    }
    index.set(tick.symbol, names.length);
    names.push(name);
  }
  if (names.length > WIRE_LIMITS.symbolsPerBatch) {
    throw new RangeError(`${names.length} symbols in one tick batch`);
  }
  return { index, names };
};

/** Encodes at most `WIRE_LIMITS.ticksPerBatch` ticks; more of them is the caller's defect and
 * throws, because dropping ticks silently would break the promise that none is lost. */
export const encodeTicks = (ticks: readonly Tick[]): Uint8Array => {
  if (ticks.length > WIRE_LIMITS.ticksPerBatch) {
    throw new RangeError(`${ticks.length} ticks in one batch`);
  }
  const { index, names } = symbolTable(ticks);
  const tableBytes = names.reduce((sum, name) => sum + 1 + name.length, 0);
  const bytes = new Uint8Array(HEADER_BYTES + tableBytes + ticks.length * TICK_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, TICK_LAYOUT);
  view.setUint16(2, names.length, true);
  view.setUint32(4, ticks.length, true);
  let offset = HEADER_BYTES;
  for (const name of names) {
    view.setUint8(offset, name.length);
    bytes.set(name, offset + 1);
    offset += 1 + name.length;
  }
  let lastSymbol = '';
  let symbolIndex = 0;
  for (const tick of ticks) {
    if (tick.symbol !== lastSymbol) {
      lastSymbol = tick.symbol;
      symbolIndex = index.get(lastSymbol) ?? 0;
    }
    view.setUint16(offset, symbolIndex, true);
    view.setFloat64(offset + 2, tick.at, true);
    view.setFloat64(offset + 10, tick.bid, true);
    view.setFloat64(offset + 18, tick.ask, true);
    offset += TICK_BYTES;
  }
  return bytes;
};

const readSymbols = (
  view: DataView,
  count: number,
):
  | { readonly ok: true; readonly symbols: readonly string[]; readonly offset: number }
  | { readonly ok: false; readonly reason: TickBatchRefusal } => {
  const symbols: string[] = [];
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let offset = HEADER_BYTES;
  for (let i = 0; i < count; i += 1) {
    if (offset >= view.byteLength) return { ok: false, reason: 'truncated' };
    const length = view.getUint8(offset);
    if (length === 0) return { ok: false, reason: 'badSymbol' };
    if (offset + 1 + length > view.byteLength) return { ok: false, reason: 'truncated' };
    try {
      symbols.push(
        decoder.decode(new Uint8Array(view.buffer, view.byteOffset + offset + 1, length)),
      );
    } catch {
      return { ok: false, reason: 'badSymbol' };
    }
    offset += 1 + length;
  }
  return { ok: true, symbols, offset };
};

/** Decodes a whole batch, or says why not; never throws and never returns part of a batch. */
export const decodeTicks = (bytes: Uint8Array): DecodedTicks => {
  if (bytes.length < HEADER_BYTES) return { ok: false, reason: 'truncated' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(0) !== TICK_LAYOUT || view.getUint8(1) !== 0) {
    return { ok: false, reason: 'layout' };
  }
  const symbolCount = view.getUint16(2, true);
  const tickCount = view.getUint32(4, true);
  if (symbolCount > WIRE_LIMITS.symbolsPerBatch) return { ok: false, reason: 'tooManySymbols' };
  if (tickCount > WIRE_LIMITS.ticksPerBatch) return { ok: false, reason: 'tooManyTicks' };
  const table = readSymbols(view, symbolCount);
  if (!table.ok) return table;
  const { symbols } = table;
  let { offset } = table;
  const end = offset + tickCount * TICK_BYTES;
  if (end > bytes.length) return { ok: false, reason: 'truncated' };
  if (end < bytes.length) return { ok: false, reason: 'trailingBytes' };
  const ticks: Tick[] = [];
  for (; offset < end; offset += TICK_BYTES) {
    const symbol = symbols[view.getUint16(offset, true)];
    if (symbol === undefined) return { ok: false, reason: 'badSymbol' };
    const at = view.getFloat64(offset + 2, true);
    const bid = view.getFloat64(offset + 10, true);
    const ask = view.getFloat64(offset + 18, true);
    if (!(Number.isSafeInteger(at) && Number.isSafeInteger(bid) && Number.isSafeInteger(ask))) {
      return { ok: false, reason: 'badNumber' };
    }
    ticks.push({ symbol, at: epochMs(at), bid: points(bid), ask: points(ask) });
  }
  return { ok: true, ticks };
};
