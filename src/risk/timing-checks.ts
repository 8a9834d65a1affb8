import type { EpochMs } from '../domain/units.ts';
import { flatDeadline } from './flat-deadline.ts';
import { isCalendarFresh, newsWindows } from './news-window.ts';
import { refuse } from './refuse.ts';
import type { Assessment, Refusal } from './verdict-types.ts';

/** Checks of the moment: news, and what is about to close. An order takes up to `executionMs` to be
 * executed, so every window begins that much earlier for it. */

const HOUR_MS = 3_600_000;
const text = (at: EpochMs): string => new Date(at).toISOString();

/** Is a release too near, or is none known? */
export const checkNews = (a: Assessment): Refusal | undefined => {
  const { news } = a.ledger.rules.phase;
  if (news === null) return undefined;
  const opens = a.order.signal.kind === 'market' ? 'open' : 'activation';
  if (!news.operations.includes('open') && !news.operations.includes(opens)) return undefined;
  const { calendar } = a.context;
  if (!isCalendarFresh(news, calendar, a.at)) {
    const detail =
      a.context.calendar === null
        ? 'The rules restrict news, and no calendar of releases is known.'
        : `The rules restrict news, and the calendar of ${text(a.context.calendar.updatedAt)} is too old or does not cover this moment.`;
    return refuse('NEWS_UNKNOWN', detail, { staleAfterMinutes: String(news.staleAfterMinutes) });
  }
  const [next] = newsWindows(news, calendar, a.symbol.instrument, a.at);
  if (next === undefined || a.at + a.limits.executionMs < next.from) return undefined;
  const { release, from, to } = next;
  const detail = `${release.currency} ${release.title} is released at ${text(release.at)}; nothing opens on ${a.order.symbol} from ${text(from)} to ${text(to)}.`;
  return refuse('NEWS', detail, { from: text(from), to: text(to) });
};

/** Is a closure, or an instant by which the symbol must be flat, too near? */
export const checkHolding = (a: Assessment): Refusal | undefined => {
  const { phase } = a.ledger.rules;
  const { limits, context, symbol, at } = a;
  const until = at + limits.executionMs;
  const ban = phase.holding.noOpenBeforeBreak;
  const into =
    ban === null
      ? undefined
      : context.closures.find(
          ({ from, to }) =>
            to - from >= ban.breakHours * HOUR_MS && until >= from - ban.withinHours * HOUR_MS,
        );
  if (into !== undefined) {
    const { from, to } = into;
    const hours = (to - from) / HOUR_MS;
    const detail = `The market closes at ${text(from)} for ${hours.toFixed(1)} h; nothing opens in the ${ban?.withinHours} h before (gap trading).`;
    return refuse('BREAK_AHEAD', detail, { closesAt: text(from), hours: hours.toFixed(1) });
  }
  const deadline = flatDeadline({ phase, limits, context, instrument: symbol.instrument, at });
  if (deadline === undefined || until < deadline.at - limits.flatLeadMs) return undefined;
  const detail = `${a.order.symbol} must be flat at ${text(deadline.at)} (${deadline.reason}); nothing opens that shortly before.`;
  return refuse('FLAT_AHEAD', detail, { flatAt: text(deadline.at), reason: deadline.reason });
};

/** May anything be opened at this moment? */
export const checkTiming = (a: Assessment): Refusal | undefined => checkNews(a) ?? checkHolding(a);
