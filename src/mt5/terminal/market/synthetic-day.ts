import type { SessionWindow } from '../../../domain/instrument.ts';
import type { ServerZone } from '../../venue-time.ts';
import { isInSession } from './sessions.ts';
import type { SyntheticProfile } from './synthetic-profile.ts';
import { activityAt, newsMinutes, spreadFactorAt, ticksInMinute } from './synthetic-profile.ts';
import { hashWords, SyntheticRandom, signedNoise } from './synthetic-random.ts';

/*
 * One server day of one symbol, generated from (seed, symbol, day) alone, so that any day can be
 * made without the days before it. A slow, bounded walk (`anchorAt`) says where each day begins; within
 * it a path with volatility clustering (GARCH(1,1) per minute), regimes (trend, mean reversion,
 * neither) and news jumps is bent so that it ends where the next day begins.
 */
export interface SyntheticSymbol {
  readonly seed: number;
  /** Hash of the symbol's name. */
  readonly code: number;
  readonly digits: number;
  readonly profile: SyntheticProfile;
  readonly sessions: readonly SessionWindow[];
  readonly zone: ServerZone;
}

const MINUTE = 60_000;
const DAY = 86_400_000;

/** What is known of a day without generating it: its open minutes, and ticks in each. */
export interface DayPlan {
  readonly startsAt: number;
  /** Ticks of each minute since `startsAt`; 0 = closed. Days of a clock change are 1380 or 1500 long. */
  readonly ticks: Uint8Array;
  readonly tickTotal: number;
  readonly openMinutes: number;
}

/** `day` counts server days since 1970-01-01. */
export const planDay = (of: SyntheticSymbol, day: number): DayPlan => {
  const startsAt = of.zone.toUtc(day * DAY);
  const minutes = Math.round((of.zone.toUtc((day + 1) * DAY) - startsAt) / MINUTE);
  const ticks = new Uint8Array(minutes);
  let [tickTotal, openMinutes] = [0, 0];
  for (let minute = 0; minute < minutes; minute += 1) {
    const serverMs = of.zone.toServer(startsAt + minute * MINUTE);
    if (!isInSession(of.sessions, serverMs)) continue;
    const hour = Math.floor(serverMs / 3_600_000) % 24;
    const count = ticksInMinute(hour, hashWords(of.seed, of.code, day, minute));
    ticks[minute] = count;
    tickTotal += count;
    openMinutes += 1;
  }
  return { startsAt, ticks, tickTotal, openMinutes };
};

const ANCHOR_SCALES = [1, 2, 4, 8, 16, 32, 64] as const;

/** Trading days before `day`; weekends do not count where the symbol is closed then. */
const ordinalOf = (of: SyntheticSymbol, day: number): number => {
  const weekendOpen = of.sessions.some(({ weekday }) => weekday === 0 || weekday === 6);
  if (weekendOpen) return day;
  const weekday = (day + 4) % 7;
  return Math.floor((day + 4) / 7) * 5 + Math.min(Math.max(weekday - 1, 0), 5);
};

/** Price at which a trading day begins: value noise on scales of 1 to 64 days, within about twenty
 * daily moves of the profile's price, so that an endless market stays plausible. */
const anchorAt = (of: SyntheticSymbol, ordinal: number): number => {
  let deviation = 0;
  for (const scale of ANCHOR_SCALES) {
    const cellIndex = Math.floor(ordinal / scale);
    const fraction = ordinal / scale - cellIndex;
    const from = signedNoise(of.seed, of.code, scale, cellIndex);
    const to = signedNoise(of.seed, of.code, scale, cellIndex + 1);
    deviation += (from + (to - from) * fraction) * Math.sqrt(scale);
  }
  return of.profile.price * (1 + deviation * 0.8 * of.profile.dailyVolatility);
};

/** State of the path within a day; all amounts are fractions of the day's opening price. */
interface PathState {
  readonly random: SyntheticRandom;
  readonly news: readonly number[];
  /** Standard deviation of a quiet average minute. */
  readonly sigma: number;
  moved: number;
  variance: number;
  regimeLeft: number;
  /** Drift per minute in standard deviations, and pull towards `regimeHome` per minute. */
  drift: number;
  pull: number;
  regimeHome: number;
  /** Extra spread after news, as a factor; decays. */
  alarm: number;
}

const enterRegime = (path: PathState): void => {
  const { random } = path;
  path.regimeLeft = 40 + Math.floor(random.uniform() * 200);
  path.regimeHome = path.moved;
  const kind = random.uniform();
  const sign = random.bits() % 2 === 0 ? 1 : -1;
  path.drift = kind < 0.35 ? sign * (0.08 + 0.16 * random.uniform()) : 0;
  path.pull = kind >= 0.35 && kind < 0.75 ? 0.04 : 0;
};

/** Moves the state to a minute's beginning; returns the standard deviation of that minute. */
const enterMinute = (path: PathState, minuteOfDay: number): number => {
  if (path.regimeLeft === 0) enterRegime(path);
  path.regimeLeft -= 1;
  const quiet = path.sigma * activityAt(Math.floor(minuteOfDay / 60));
  path.alarm *= 0.7;
  if (path.news.includes(minuteOfDay)) {
    const size = 4 + 8 * path.random.uniform();
    path.moved += (path.random.bits() % 2 === 0 ? 1 : -1) * size * path.sigma;
    path.variance = Math.min(12, path.variance + 5);
    path.alarm = 4;
  }
  return quiet * Math.sqrt(path.variance);
};

/** GARCH(1,1) with unit mean: a minute that moved much makes the next ones move. */
const leaveMinute = (path: PathState, surprise: number): void => {
  const next = 0.06 + (0.1 * surprise * surprise + 0.84) * path.variance;
  path.variance = Math.min(12, next);
};

const newPath = (of: SyntheticSymbol, day: number): PathState => {
  // Whole days are quieter or wilder than others, in stretches.
  const mood =
    1 +
    0.25 * signedNoise(of.seed, of.code, 4, Math.floor(day / 4), 7) +
    0.25 * signedNoise(of.seed, of.code, 1, day, 7);
  return {
    random: new SyntheticRandom(hashWords(of.seed, of.code, day, 0x50415448)),
    news: newsMinutes(of.seed, day),
    sigma: (of.profile.dailyVolatility / Math.sqrt(1440)) * mood,
    moved: 0,
    variance: 1,
    regimeLeft: 0,
    drift: 0,
    pull: 0,
    regimeHome: 0,
    alarm: 0,
  };
};

export interface DayQuotes {
  readonly at: Float64Array;
  readonly bid: Float64Array;
  readonly ask: Float64Array;
}

/** Free path of the day: instants, relative moves (in `bid`, for now) and spreads (in `ask`). */
const walk = (of: SyntheticSymbol, day: number, plan: DayPlan): DayQuotes => {
  const path = newPath(of, day);
  const { random } = path;
  const [at, moves, spreads] = [
    new Float64Array(plan.tickTotal),
    new Float64Array(plan.tickTotal),
    new Float64Array(plan.tickTotal),
  ];
  const quietSpread = of.profile.spread * of.profile.price * 10 ** of.digits;
  let [index, sinceOpen] = [0, 0];
  for (let minute = 0; minute < plan.ticks.length; minute += 1) {
    const count = plan.ticks[minute] ?? 0;
    sinceOpen = count === 0 ? 0 : sinceOpen + 1;
    if (count === 0) continue;
    const startsAt = plan.startsAt + minute * MINUTE;
    const minuteOfDay = Math.floor(of.zone.toServer(startsAt) / MINUTE) % 1440;
    const deviation = enterMinute(path, minuteOfDay);
    const steady = (path.drift * deviation + path.pull * (path.regimeHome - path.moved)) / count;
    const thin = spreadFactorAt(minuteOfDay) * (sinceOpen <= 10 ? 1.5 : 1);
    const spread =
      quietSpread * (thin + path.alarm + 0.2 * Math.max(0, Math.sqrt(path.variance) - 1));
    const scale = 1 / Math.sqrt(count);
    let surprise = 0;
    for (let nth = 0; nth < count; nth += 1) {
      const shock = random.normal() * scale;
      surprise += shock;
      path.moved += steady + shock * deviation;
      at[index] = startsAt + Math.floor(((nth + random.uniform()) / count) * MINUTE);
      moves[index] = path.moved;
      spreads[index] = Math.max(1, Math.round(spread * (0.85 + 0.3 * random.uniform())));
      index += 1;
    }
    leaveMinute(path, surprise);
  }
  return { at, bid: moves, ask: spreads };
};

/** Opening gap as a fraction of the price: the weekend's is wide, a daily break's narrow. */
const openingGap = (of: SyntheticSymbol, day: number): number => {
  const monday = (day + 4) % 7 === 1;
  const size = signedNoise(of.seed, of.code, day, 0x474150);
  return size * of.profile.dailyVolatility * (monday ? 0.35 : 0.03);
};

/** All quotes of a server day in integer points; empty arrays on a closed day. */
export const generateDay = (
  of: SyntheticSymbol,
  day: number,
  plan = planDay(of, day),
): DayQuotes => {
  const free = walk(of, day, plan);
  const count = plan.tickTotal;
  const ordinal = ordinalOf(of, day);
  const anchor = anchorAt(of, ordinal);
  const gap = openingGap(of, day);
  const target = anchorAt(of, ordinal + 1) / anchor - 1;
  const excess = target - gap - (free.bid[count - 1] ?? 0);
  const scale = anchor * 10 ** of.digits;
  const { at, bid, ask } = free;
  for (let index = 0; index < count; index += 1) {
    const moved = gap + (bid[index] ?? 0) + (excess * (index + 1)) / count;
    const spread = ask[index] ?? 1;
    const price = Math.max(1, Math.round(scale * (1 + moved) - spread / 2));
    bid[index] = price;
    ask[index] = price + spread;
  }
  return { at, bid, ask };
};
