import type { Clock } from '../../domain/ports.ts';
import type { LinkNotice } from './connection-state.ts';

/** Notices that a stranger can cause at will: each code may be told this often, and the rest is
 * counted, because every one of them is written to the disk. */
const NOISY: ReadonlySet<string> = new Set([
  'link.claimRefused',
  'link.handshakeFailed',
  'link.malformed',
  'link.peerError',
  'link.refused',
  'link.standby',
  'link.unknownKind',
]);
export const NOTICE_LIMITS = { perCode: 10, periodMs: 60_000 } as const;

/** Passes notices on, at most `perCode` of each noisy code in a period; the first of the next period
 * tells how many were left out. */
export const throttled = (
  tell: (notice: LinkNotice) => void,
  wall: Pick<Clock, 'now'>,
): ((notice: LinkNotice) => void) => {
  const seen = new Map<string, { since: number; told: number; left: number }>();
  return (notice) => {
    const { code } = notice;
    if (!NOISY.has(code)) {
      tell(notice);
      return;
    }
    const now = wall.now();
    const count = seen.get(code) ?? { since: now, told: 0, left: 0 };
    seen.set(code, count);
    if (now - count.since >= NOTICE_LIMITS.periodMs) {
      count.since = now;
      count.told = 0;
    }
    if (count.told >= NOTICE_LIMITS.perCode) {
      count.left += 1;
      return;
    }
    count.told += 1;
    const { left } = count;
    count.left = 0;
    const more = left === 0 ? '' : ` (and ${left} more that were not written down)`;
    tell({ ...notice, detail: `${notice.detail}${more}` });
  };
};
