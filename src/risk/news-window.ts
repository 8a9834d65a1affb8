import type { Instrument } from '../domain/instrument.ts';
import type { EpochMs } from '../domain/units.ts';
import { epochMs } from '../domain/units.ts';
import type { Closure, NewsCalendar, NewsRelease } from './market-context.ts';
import { isSymbol } from './market-context.ts';
import type { NewsRule } from './rule-set.ts';

const MINUTE_MS = 60_000;

/** What of a rule says which releases count, and for how long. */
export type NewsScope = Pick<NewsRule, 'minutesBefore' | 'minutesAfter' | 'targets' | 'symbols'>;

type Concerned = Pick<Instrument, 'symbol' | 'baseCurrency' | 'quoteCurrency'>;

/** A currency that the rule maps concerns the symbols it names; any other what it is quoted in or
 * made of. */
const concerns = (rule: NewsScope, release: NewsRelease, instrument: Concerned): boolean => {
  const named = Object.hasOwn(rule.symbols, release.currency)
    ? rule.symbols[release.currency]
    : undefined;
  if (named !== undefined) return named.some((name) => isSymbol(name, instrument.symbol));
  return [instrument.baseCurrency, instrument.quoteCurrency].includes(release.currency);
};

/** `targeted` rules go by the firm's own mark; without one a release of high impact counts. */
const isTarget = (rule: NewsScope, { impact, targeted }: NewsRelease): boolean =>
  rule.targets === 'targeted' ? (targeted ?? impact === 'high') : impact === 'high';

/** Is the calendar recent, and does it cover [at, until]? Neither means: nothing is known. */
export const isCalendarFresh = (
  rule: NewsRule,
  calendar: NewsCalendar | null,
  at: EpochMs,
): calendar is NewsCalendar => {
  if (calendar === null) return false;
  const ageMs = at - calendar.updatedAt;
  const ahead = rule.minutesBefore * MINUTE_MS;
  const behind = rule.minutesAfter * MINUTE_MS;
  return (
    ageMs <= rule.staleAfterMinutes * MINUTE_MS &&
    at - behind >= calendar.from &&
    at + ahead <= calendar.until
  );
};

/** A restricted stretch around a release, both ends included: [from, to]. */
export interface NewsWindow extends Closure {
  readonly release: NewsRelease;
}

/** Windows of an instrument that have not ended at `at`, soonest first. */
export const newsWindows = (
  rule: NewsScope,
  calendar: NewsCalendar,
  instrument: Concerned,
  at: EpochMs,
): readonly NewsWindow[] =>
  calendar.releases
    .filter((release) => isTarget(rule, release) && concerns(rule, release, instrument))
    .map((release) => ({
      release,
      from: epochMs(release.at - rule.minutesBefore * MINUTE_MS),
      to: epochMs((release.latest ?? release.at) + rule.minutesAfter * MINUTE_MS),
    }))
    .filter(({ to }) => to >= at)
    .sort((a, b) => a.from - b.from);
