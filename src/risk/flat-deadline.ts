import type { Instrument } from '../domain/instrument.ts';
import type { EpochMs } from '../domain/units.ts';
import type { Closure, MarketContext } from './market-context.ts';
import { newsWindows } from './news-window.ts';
import type { RiskLimits } from './risk-limits.ts';
import type { PhaseRules } from './rule-set.ts';

const HOUR_MS = 3_600_000;
/** A closure this long is a weekend (or a holiday, which gaps alike); a daily break is shorter. */
const WEEKEND_MS = 24 * HOUR_MS;

export const isWeekend = ({ from, to }: Closure): boolean => to - from >= WEEKEND_MS;

export interface FlatDeadline {
  /** Nothing may be open in the symbol from this instant on. */
  readonly at: EpochMs;
  readonly reason: 'weekend' | 'break' | 'news';
}

const closureReason = (
  phase: Pick<PhaseRules, 'holding'>,
  limits: Pick<RiskLimits, 'flatBeforeWeekend'>,
  closure: Closure,
): 'weekend' | 'break' | undefined => {
  const { flatBeforeWeekend, flatBeforeBreakHours } = phase.holding;
  const isLong = isWeekend(closure);
  if (isLong && (flatBeforeWeekend || limits.flatBeforeWeekend)) return 'weekend';
  const hours = (closure.to - closure.from) / HOUR_MS;
  return flatBeforeBreakHours !== null && hours > flatBeforeBreakHours ? 'break' : undefined;
};

/**
 * The next instant at which a symbol must be flat: before a weekend or a long break, where the firm
 * or the trader says so, and before a news window in which even a stop may not fill. Undefined where
 * positions may be held. A guard closes `limits.flatLeadMs` earlier, and nothing opens after that.
 */
export const flatDeadline = (input: {
  readonly phase: Pick<PhaseRules, 'holding' | 'news'>;
  readonly limits: Pick<RiskLimits, 'flatBeforeWeekend'>;
  readonly context: Pick<MarketContext, 'closures' | 'calendar'>;
  readonly instrument: Pick<Instrument, 'symbol' | 'baseCurrency' | 'quoteCurrency'>;
  readonly at: EpochMs;
}): FlatDeadline | undefined => {
  const { phase, limits, context, instrument, at } = input;
  const found: FlatDeadline[] = [];
  for (const closure of context.closures) {
    const reason = closureReason(phase, limits, closure);
    if (reason !== undefined && closure.to > at) found.push({ at: closure.from, reason });
  }
  const { news } = phase;
  // A calendar that is too old does not say that nothing comes; what it names comes all the same.
  if (news?.operations.includes('stopHit') && context.calendar !== null) {
    for (const { from } of newsWindows(news, context.calendar, instrument, at)) {
      found.push({ at: from, reason: 'news' });
    }
  }
  return found.sort((a, b) => a.at - b.at)[0];
};
