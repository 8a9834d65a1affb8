import { barFile, rowTime, tickFile } from './market-files.ts';

/**
 * Market files that a test makes itself: a seeded random walk with trends of some hours, so that a
 * breakout finds something to follow. Times are server time; Saturdays and Sundays have no rows.
 */
export interface WalkOptions {
  readonly seed: number;
  /** Server time, `2024-02-08 00:00:00`. */
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
  readonly stepMinutes?: number;
  /** First price in points, and the digits that turn points into a price. */
  readonly startPoints?: number;
  readonly digits?: number;
  /** Typical movement within one bar, points. */
  readonly stepPoints?: number;
}

const MINUTE = 60_000;
const at = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);

/** mulberry32: small, and the same on every machine. */
const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

interface Step {
  readonly atMs: number;
  readonly path: readonly number[];
}

/** Prices in points along each bar: open, two turns, close. */
function* walk(options: WalkOptions): Generator<Step> {
  const { stepMinutes = 1, startPoints = 110_000, stepPoints = 8 } = options;
  const random = randomOf(options.seed);
  const trendBars = Math.max(30, Math.round(240 / stepMinutes));
  let [price, drift, left] = [startPoints, 0, 0];
  for (let ms = at(options.from); ms < at(options.to); ms += stepMinutes * MINUTE) {
    const weekday = new Date(ms).getUTCDay();
    if (weekday === 0 || weekday === 6) continue;
    // The last quote of a Friday comes five minutes before midnight.
    if (weekday === 5 && (ms % 86_400_000) / MINUTE >= 1430) continue;
    if (left === 0) {
      drift = (random() - 0.5) * 0.8 * stepPoints;
      left = trendBars;
    }
    left -= 1;
    const move = (): number => Math.round(drift / 3 + (random() - 0.5) * 2 * stepPoints);
    const path = [
      price,
      price + move(),
      price + move(),
      price + 3 * Math.round(drift / 3) + move(),
    ];
    yield { atMs: ms, path };
    price = path.at(-1) ?? price;
  }
}

const text = (points: number, digits: number): string => (points / 10 ** digits).toFixed(digits);

/** An MT5 export of bars. */
export const walkedBars = (options: WalkOptions): string => {
  const { digits = 5 } = options;
  const lines: string[] = [];
  for (const { atMs, path } of walk(options)) {
    const [open = 0, , , close = 0] = path;
    const prices = [open, Math.max(...path), Math.min(...path), close];
    const row = [rowTime(atMs), ...prices.map((price) => text(price, digits)), 4, 0, 8];
    lines.push(row.join(' '));
  }
  return barFile(lines);
};

/** An MT5 export of quotes: four a bar, some of them in the same millisecond. */
export const walkedTicks = (options: WalkOptions): string => {
  const { digits = 5, stepMinutes = 1 } = options;
  const lines: string[] = [];
  const quarter = (stepMinutes * MINUTE) / 4;
  for (const { atMs, path } of walk(options)) {
    path.forEach((price, index) => {
      // Every third bar quotes its two turns at one instant, as real files do.
      const slot = index === 2 && (atMs / MINUTE) % 3 === 0 ? 1 : index;
      const bid = text(price, digits);
      const ask = text(price + 8, digits);
      // Blanks stand for tabs: LAST and VOLUME stay empty, as they do for currencies.
      lines.push(`${rowTime(atMs + slot * quarter)}.000 ${bid} ${ask}   6`);
    });
  }
  return tickFile(lines);
};

/** Two weekdays, the weekend, and one more. */
export const OVER_A_WEEKEND = { from: '2024-02-08 00:00:00', to: '2024-02-13 00:00:00' } as const;

/** A day and a half of weekdays: enough to warm up on and then to trade. */
export const A_DAY_AND_A_HALF = {
  from: '2024-02-08 00:00:00',
  to: '2024-02-09 12:00:00',
} as const;
