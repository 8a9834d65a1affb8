import type { LotsE8, Minor, Points } from './units.ts';
import {
  divideRounded,
  formatDecimal,
  LOT_E8,
  lotsE8,
  minor,
  parseDecimal,
  points,
} from './units.ts';

/** Exact exchange rate: one unit of the quote currency is `num / den` account-currency units. */
export interface Rate {
  readonly num: bigint;
  readonly den: bigint;
}
export const UNIT_RATE: Rate = { num: 1n, den: 1n };

export type Side = 'buy' | 'sell';
export const opposite = (side: Side): Side => (side === 'buy' ? 'sell' : 'buy');
/** +1 for buy, -1 for sell. */
export const direction = (side: Side): 1 | -1 => (side === 'buy' ? 1 : -1);

export type FillingMode = 'fok' | 'ioc' | 'return';
export type TradeMode = 'full' | 'longOnly' | 'shortOnly' | 'closeOnly' | 'disabled';

/** Seconds of the server's day, [from, to); `to` may be 86400 or later (MT5 sessions do that). */
export interface SessionWindow {
  readonly weekday: 0 | 1 | 2 | 3 | 4 | 5 | 6;
  readonly fromSec: number;
  readonly toSec: number;
}

/** What the venue says of a symbol, plus the broker's costs which MT5's symbol info lacks. */
export interface Instrument {
  readonly symbol: string;
  readonly digits: number;
  readonly baseCurrency: string;
  /** Currency in which profit is counted before conversion into the account's. */
  readonly quoteCurrency: string;
  /** Units of the base per lot (100000 for FX, 100 for XAUUSD). */
  readonly contractSize: number;
  readonly tickSizePoints: Points;
  readonly volumeMinE8: LotsE8;
  readonly volumeMaxE8: LotsE8;
  readonly volumeStepE8: LotsE8;
  readonly stopsLevelPoints: Points;
  readonly freezeLevelPoints: Points;
  readonly fillingModes: readonly FillingMode[];
  readonly tradeMode: TradeMode;
  /** Points per lot and night, signed: negative costs. */
  readonly swapLongPoints: number;
  readonly swapShortPoints: number;
  /** Weekday (0 = Sunday) whose rollover books three nights. */
  readonly swapTripleWeekday: number;
  /** Account-currency minor units per lot and side; never negative. */
  readonly commissionPerLotMinor: Minor;
  readonly sessions: readonly SessionWindow[];
}

const pow10 = (exponent: number): bigint => 10n ** BigInt(exponent);

/**
 * Profit in account minor units, rounded half away from zero:
 * direction · (close − open) · volume · contractSize · rate (MT5 "Forex" and "CFD" calculation).
 * `accountDigits` is the number of minor digits of the account currency (2 for USD).
 */
export const profitMinor = (input: {
  readonly instrument: Pick<Instrument, 'digits' | 'contractSize'>;
  readonly side: Side;
  readonly open: Points;
  readonly close: Points;
  readonly volumeE8: LotsE8;
  readonly rate: Rate;
  readonly accountDigits: number;
}): Minor => {
  const { instrument, side, open, close, volumeE8, rate, accountDigits } = input;
  const contractE8 = BigInt(Math.round(instrument.contractSize * LOT_E8));
  const moved = BigInt(direction(side)) * BigInt(close - open);
  const numerator = moved * BigInt(volumeE8) * contractE8 * pow10(accountDigits) * rate.num;
  const denominator = pow10(instrument.digits + 16) * rate.den;
  return minor(divideRounded(numerator, denominator));
};

/** Commission of one side in minor units, rounded half away from zero; never negative. */
export const commissionMinor = (instrument: Instrument, volumeE8: LotsE8): Minor =>
  minor(divideRounded(instrument.commissionPerLotMinor * BigInt(volumeE8), BigInt(LOT_E8)));

export const formatPrice = (price: Points, digits: number): string =>
  formatDecimal(BigInt(price), digits);

/** Exact points of a decimal price string, or undefined when malformed or finer than `digits`. */
export const parsePrice = (text: string, digits: number): Points | undefined => {
  const value = parseDecimal(text, digits);
  return value === undefined ? undefined : points(Number(value));
};

/** Shortest decimal text of a volume: 0.1, 1, 0.01. */
export const formatLots = (volumeE8: LotsE8): string => {
  const text = formatDecimal(BigInt(volumeE8), 8).replace(/0+$/, '');
  return text.endsWith('.') ? text.slice(0, -1) : text;
};

export const parseLots = (text: string): LotsE8 | undefined => {
  const value = parseDecimal(text, 8);
  return value === undefined || value < 0n ? undefined : lotsE8(Number(value));
};

/** Rounds down to the instrument's step; 0 when below its minimum. */
export const floorToStep = (instrument: Instrument, volumeE8: number): LotsE8 => {
  const stepped = Math.floor(volumeE8 / instrument.volumeStepE8) * instrument.volumeStepE8;
  return lotsE8(stepped < instrument.volumeMinE8 ? 0 : stepped);
};
