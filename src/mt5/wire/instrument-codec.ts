import type { Instrument, SessionWindow } from '../../domain/instrument.ts';
import { formatLots, formatPrice } from '../../domain/instrument.ts';
import type { Minor, Points } from '../../domain/units.ts';
import { points } from '../../domain/units.ts';
import { type Converted, fieldReader, formatMoney } from './conversion.ts';
import type { WireSymbol } from './records.ts';

type WireSymbolRecord = typeof WireSymbol.Type;

export interface Quote {
  readonly bid: Points;
  readonly ask: Points;
}
export interface SymbolFromWire {
  readonly instrument: Instrument;
  /** Last quote of the venue, absent before the first. */
  readonly quote?: Quote;
}

const isWeekday = (value: number): value is SessionWindow['weekday'] =>
  Number.isInteger(value) && value >= 0 && value <= 6;

/**
 * `commissionPerLotMinor` (account minor units per lot and side) is used when the venue does not
 * tell a commission, which no real MT5 does: it comes from the operator's configuration.
 */
export const symbolFromWire = (
  wire: WireSymbolRecord,
  options: { readonly currencyDigits: number; readonly commissionPerLotMinor: Minor },
): Converted<SymbolFromWire> => {
  const read = fieldReader(`symbol ${wire.symbol}`);
  read.range('digits', wire.digits <= 10, wire.digits);
  const digits = Math.min(wire.digits, 10);
  const volumeStepE8 = read.volume('volumeStep', wire.volumeStep);
  read.range('volumeStep', volumeStepE8 > 0, wire.volumeStep);
  read.range('tickSizePoints', wire.tickSizePoints >= 1, wire.tickSizePoints);
  read.range('contractSize', wire.contractSize > 0, wire.contractSize);
  const commission =
    wire.commissionPerLot === null
      ? options.commissionPerLotMinor
      : read.money('commissionPerLot', wire.commissionPerLot, options.currencyDigits);
  read.range('commissionPerLot', commission >= 0n, wire.commissionPerLot);
  const sessions: SessionWindow[] = [];
  for (const { weekday, fromSec, toSec } of wire.sessions) {
    read.range('sessions', isWeekday(weekday) && fromSec < toSec, `${weekday} ${fromSec}-${toSec}`);
    if (isWeekday(weekday)) sessions.push({ weekday, fromSec, toSec });
  }
  const bid = read.level('bid', wire.bid, digits);
  const ask = read.level('ask', wire.ask, digits);
  const instrument: Instrument = {
    symbol: wire.symbol,
    digits,
    baseCurrency: wire.baseCurrency,
    quoteCurrency: wire.quoteCurrency,
    contractSize: wire.contractSize,
    tickSizePoints: points(wire.tickSizePoints),
    volumeMinE8: read.volume('volumeMin', wire.volumeMin),
    volumeMaxE8: read.volume('volumeMax', wire.volumeMax),
    volumeStepE8,
    stopsLevelPoints: points(wire.stopsLevelPoints),
    freezeLevelPoints: points(wire.freezeLevelPoints),
    fillingModes: wire.fillingModes,
    tradeMode: wire.tradeMode,
    swapLongPoints: wire.swapLongPoints,
    swapShortPoints: wire.swapShortPoints,
    swapTripleWeekday: wire.swapTripleWeekday,
    commissionPerLotMinor: commission,
    sessions,
  };
  const quoted = bid !== undefined && ask !== undefined ? { quote: { bid, ask } } : {};
  return read.done({ instrument, ...quoted });
};

export const symbolToWire = (
  instrument: Instrument,
  options: { readonly currencyDigits: number; readonly quote?: Quote | undefined },
): WireSymbolRecord => {
  const { quote } = options;
  const price = (value: Points | undefined): string | null =>
    value === undefined ? null : formatPrice(value, instrument.digits);
  return {
    symbol: instrument.symbol,
    digits: instrument.digits,
    baseCurrency: instrument.baseCurrency,
    quoteCurrency: instrument.quoteCurrency,
    contractSize: instrument.contractSize,
    tickSizePoints: instrument.tickSizePoints,
    volumeMin: formatLots(instrument.volumeMinE8),
    volumeMax: formatLots(instrument.volumeMaxE8),
    volumeStep: formatLots(instrument.volumeStepE8),
    stopsLevelPoints: instrument.stopsLevelPoints,
    freezeLevelPoints: instrument.freezeLevelPoints,
    fillingModes: instrument.fillingModes,
    tradeMode: instrument.tradeMode,
    swapLongPoints: instrument.swapLongPoints,
    swapShortPoints: instrument.swapShortPoints,
    swapTripleWeekday: instrument.swapTripleWeekday,
    commissionPerLot: formatMoney(instrument.commissionPerLotMinor, options.currencyDigits),
    sessions: instrument.sessions,
    bid: price(quote?.bid),
    ask: price(quote?.ask),
  };
};
