import { hashWords } from './synthetic-random.ts';

/** How a symbol of the catalogue moves in the synthetic market. */
export interface SyntheticProfile {
  /** Price around which it wanders. */
  readonly price: number;
  /** Standard deviation of a day's change, as a fraction of the price. */
  readonly dailyVolatility: number;
  /** Quiet spread as a fraction of the price. */
  readonly spread: number;
}

const profile = (price: number, dailyPercent: number, spread: number): SyntheticProfile => ({
  price,
  dailyVolatility: dailyPercent / 100,
  spread: spread / price,
});

/** Price, daily volatility in percent, quiet spread in price units. */
const PROFILES: Readonly<Record<string, SyntheticProfile>> = {
  EURUSD: profile(1.085, 0.5, 0.00007),
  GBPUSD: profile(1.27, 0.55, 0.0001),
  USDJPY: profile(150, 0.6, 0.009),
  USDCHF: profile(0.88, 0.5, 0.00012),
  USDCAD: profile(1.36, 0.42, 0.00013),
  AUDUSD: profile(0.66, 0.6, 0.00009),
  NZDUSD: profile(0.61, 0.62, 0.00014),
  EURGBP: profile(0.855, 0.36, 0.00011),
  EURJPY: profile(163, 0.6, 0.014),
  GBPJPY: profile(190, 0.66, 0.02),
  EURCHF: profile(0.955, 0.36, 0.00015),
  AUDJPY: profile(99, 0.7, 0.016),
  XAUUSD: profile(2350, 0.9, 0.2),
  XAGUSD: profile(28, 1.6, 0.022),
  US30: profile(39_000, 0.8, 2),
  US100: profile(18_500, 1.1, 1.2),
  US500: profile(5300, 0.85, 0.45),
  GER40: profile(18_500, 0.95, 1.2),
  BTCUSD: profile(64_000, 2.5, 15),
};

export const profileOf = (catalogSymbol: string): SyntheticProfile | undefined =>
  PROFILES[catalogSymbol];

/** Volatility by server hour (New York + 7 h): quiet Asia, London from 10, New York from 15. */
const HOURLY_ACTIVITY = [
  0.45, 0.5, 0.6, 0.65, 0.6, 0.55, 0.5, 0.55, 0.7, 0.95, 1.35, 1.3, 1.1, 1, 1.1, 1.5, 1.6, 1.5, 1.2,
  0.95, 0.85, 0.7, 0.55, 0.45,
] as const;
const MEAN_SQUARE =
  HOURLY_ACTIVITY.reduce((sum, activity) => sum + activity * activity, 0) / HOURLY_ACTIVITY.length;
const ROOT_MEAN_SQUARE = Math.sqrt(MEAN_SQUARE);

/** Activity of a server hour relative to the day's root mean square. */
export const activityAt = (hour: number): number => (HOURLY_ACTIVITY[hour] ?? 1) / ROOT_MEAN_SQUARE;

/** Ticks of one minute, 10 to 30: more where more happens. */
export const ticksInMinute = (hour: number, noise: number): number => {
  const busy = Math.round((((HOURLY_ACTIVITY[hour] ?? 1) - 0.45) / 1.15) * 14);
  return 10 + busy + (noise % 7);
};

/** Factor on the quiet spread by minute of the server's day: liquidity leaves around rollover. */
export const spreadFactorAt = (minute: number): number => {
  if (minute >= 1435) return 4;
  if (minute < 5) return 6;
  if (minute < 15) return 4;
  if (minute < 30) return 2;
  if (minute < 60) return 1.4;
  return minute < 540 ? 1.2 : 1;
};

/** Minutes of the server's day at which figures are published: none to three, on the half hours
 * from 10:00 to 20:30, the same for all symbols. None at the weekend. */
export const newsMinutes = (seed: number, day: number): readonly number[] => {
  const weekday = (day + 4) % 7;
  if (weekday === 0 || weekday === 6) return [];
  const count = hashWords(seed, day, 0x4e455753) % 4;
  return Array.from(
    { length: count },
    (_, nth) => 600 + 30 * (hashWords(seed, day, nth, 0x484f5552) % 22),
  );
};
