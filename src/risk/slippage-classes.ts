import type { Instrument } from '../domain/instrument.ts';
import type { EpochMs } from '../domain/units.ts';
import { isWeekend } from './flat-deadline.ts';
import type { Closure, MarketContext } from './market-context.ts';
import { isCalendarFresh, type NewsScope, newsWindows } from './news-window.ts';
import type { NewsRule } from './rule-set.ts';
import type { SlippageClass } from './slippage.ts';

/**
 * Which gaps a position may live through from now on. Any position sees the normal market. A closure
 * counts from `leadMs` before it until it is over, and a release likewise: that is how long before it
 * the guard makes room, or closes what does not fit. Earlier there is still time to be out.
 */
export interface GapsAhead {
  readonly context: Pick<MarketContext, 'closures' | 'calendar'>;
  /** The firm's rule about news; null: two minutes around releases of high impact. */
  readonly news: NewsRule | null;
  readonly instrument: Pick<Instrument, 'symbol' | 'baseCurrency' | 'quoteCurrency'>;
  readonly at: EpochMs;
  readonly leadMs: number;
}

/** How releases are looked for where the firm has no rule about them. */
const ANY_NEWS: NewsScope = {
  minutesBefore: 2,
  minutesAfter: 2,
  targets: 'highImpact',
  symbols: {},
};

const isNear = ({ from, to }: Closure, at: EpochMs, leadMs: number): boolean =>
  at >= from - leadMs && at < to;

export const slippageClasses = (ahead: GapsAhead): readonly SlippageClass[] => {
  const { context, news, instrument, at, leadMs } = ahead;
  const { closures, calendar } = context;
  const classes = new Set<SlippageClass>(['normal']);
  for (const closure of closures) {
    if (!isNear(closure, at, leadMs)) continue;
    classes.add(isWeekend(closure) ? 'weekend' : 'dailyBreak');
  }
  // Where the firm has a rule and nobody knows what comes, something may come.
  if (news !== null && !isCalendarFresh(news, calendar, at)) classes.add('news');
  if (calendar !== null) {
    const windows = newsWindows(news ?? ANY_NEWS, calendar, instrument, at);
    if (windows.some(({ from }) => at >= from - leadMs)) classes.add('news');
  }
  return [...classes];
};

/** The next closure of a symbol that has not begun, and when room has to be made for it. */
export const nextGap = (
  closures: readonly Closure[],
  at: EpochMs,
  leadMs: number,
): { readonly closure: Closure; readonly from: number } | undefined => {
  const closure = closures.find(({ from }) => from > at);
  return closure === undefined ? undefined : { closure, from: closure.from - leadMs };
};
