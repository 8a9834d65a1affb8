/**
 * Hand-written field parsers over bytes: half a million rows would spend most of their time
 * in strings otherwise. They return NaN for what they refuse; the caller names column and line.
 */
const ZERO = 48;
const DOT = 46;
const MINUS = 45;
const COLON = 58;
const TAB = 9;

const DAY_MS = 86_400_000;
const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** Digits [from, to) as an integer; NaN when empty, longer than 15, or anything but digits. */
export const parseDigits = (bytes: Buffer, from: number, to: number): number => {
  if (to <= from || to - from > 15) return Number.NaN;
  let value = 0;
  for (let index = from; index < to; index += 1) {
    const digit = (bytes[index] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
};

/** `YYYY.MM.DD` as milliseconds of its midnight; NaN unless it is a date of 1970..2199. */
export const parseDate = (bytes: Buffer, from: number, to: number): number => {
  if (to - from !== 10 || bytes[from + 4] !== DOT || bytes[from + 7] !== DOT) return Number.NaN;
  const year = parseDigits(bytes, from, from + 4);
  const month = parseDigits(bytes, from + 5, from + 7);
  const day = parseDigits(bytes, from + 8, from + 10);
  if (!(year >= 1970 && year < 2200 && month >= 1 && month <= 12 && day >= 1)) return Number.NaN;
  const leapDay = month === 2 && isLeap(year) ? 1 : 0;
  if (day > (MONTH_DAYS[month - 1] ?? 0) + leapDay) return Number.NaN;
  const leaps =
    Math.floor((year - 1) / 4) - Math.floor((year - 1) / 100) + Math.floor((year - 1) / 400);
  // 477 leap days precede 1970.
  const days = (year - 1970) * 365 + leaps - 477 + (DAYS_BEFORE_MONTH[month - 1] ?? 0) + day - 1;
  return (days + (month > 2 && isLeap(year) ? 1 : 0)) * DAY_MS;
};

/** `HH:MM`, `HH:MM:SS` or `HH:MM:SS.mmm` (1 to 3 decimals) as milliseconds of the day, or NaN. */
export const parseTime = (bytes: Buffer, from: number, to: number): number => {
  const length = to - from;
  if (length < 5 || length === 6 || length === 7 || length > 12) return Number.NaN;
  if (bytes[from + 2] !== COLON) return Number.NaN;
  const hours = parseDigits(bytes, from, from + 2);
  const minutes = parseDigits(bytes, from + 3, from + 5);
  if (!(hours < 24 && minutes < 60)) return Number.NaN;
  const wholeMinutes = (hours * 60 + minutes) * 60_000;
  if (length === 5) return wholeMinutes;
  if (bytes[from + 5] !== COLON) return Number.NaN;
  const seconds = parseDigits(bytes, from + 6, from + 8);
  if (!(seconds < 60)) return Number.NaN;
  if (length === 8) return wholeMinutes + seconds * 1000;
  const decimals = length - 9;
  if (bytes[from + 8] !== DOT || decimals < 1) return Number.NaN;
  const fraction = parseDigits(bytes, from + 9, to) * 10 ** (3 - decimals);
  return wholeMinutes + seconds * 1000 + fraction;
};

/** Parses plain decimals such as `1.38676` exactly: an integer and the number of its decimals. */
export class DecimalParser {
  /** Decimals of the last number parsed. */
  decimals = 0;

  /** The digits without the dot as an integer, negative after a `-`; NaN when not a number or of
   * more than 15 digits, which a double could not hold exactly. */
  parse(bytes: Buffer, from: number, to: number): number {
    const negative = bytes[from] === MINUS;
    const start = negative ? from + 1 : from;
    let value = 0;
    let dot = -1;
    for (let index = start; index < to; index += 1) {
      const byte = bytes[index] ?? 0;
      if (byte === DOT && dot === -1) {
        dot = index;
        continue;
      }
      const digit = byte - ZERO;
      if (digit < 0 || digit > 9) return Number.NaN;
      value = value * 10 + digit;
    }
    const digits = to - start - (dot === -1 ? 0 : 1);
    // A number begins and ends with a digit: `.5` and `5.` are damage, not prices.
    if (digits < 1 || digits > 15 || dot === start || dot === to - 1) return Number.NaN;
    this.decimals = dot === -1 ? 0 : to - dot - 1;
    return negative ? -value : value;
  }
}

/**
 * Fills `bounds` with the start and end of each tab-separated field ([start0, end0, start1, …]) and
 * returns the number of fields; of more fields than fit only the number is known.
 */
export const splitTabs = (bytes: Buffer, from: number, to: number, bounds: Int32Array): number => {
  let count = 0;
  let start = from;
  for (let index = from; index <= to; index += 1) {
    if (index < to && bytes[index] !== TAB) continue;
    if (2 * count + 1 < bounds.length) {
      bounds[2 * count] = start;
      bounds[2 * count + 1] = index;
    }
    count += 1;
    start = index + 1;
  }
  return count;
};
