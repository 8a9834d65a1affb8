import type { EpochMs, Minor } from '../domain/units.ts';
import { epochMs, minor, ZERO_MINOR } from '../domain/units.ts';
import type { EvaluationContext } from '../machines/evaluation.events.ts';
import { minMinor, shareOf } from './floors.ts';
import type { LedgerState } from './ledger-state.ts';
import { objectivesOf } from './objectives.ts';

const DAY_MS = 86_400_000;

/** What keeps a payout from being asked for. cycle: its days are not over, or have not begun.
 * open: something is open or works, and the firm wants to see nothing. */
export type PayoutBlock = 'cycle' | 'profit' | 'consistency' | 'open';

/** The running payout cycle of a funded account, account currency. */
export interface PayoutProgress {
  readonly everyDays: number;
  /** Begin of the cycle; null: it begins with the first trade, and there was none. */
  readonly from: EpochMs | null;
  readonly dueAt: EpochMs | null;
  /** What is above I, closed and floating; and the trader's part of it. */
  readonly withdrawable: Minor;
  readonly share: Minor;
  /** Empty: it can be asked for now. */
  readonly blockedBy: readonly PayoutBlock[];
}

type Cycle = Pick<EvaluationContext, 'cycleFrom' | 'payouts'>;

/** Where the payout cycle stands; null where the phase has none, or is not funded. `isFlat`: nothing
 * is open or works. */
export const payoutProgress = (
  state: LedgerState,
  { cycleFrom, payouts }: Cycle,
  isFlat: boolean,
): PayoutProgress | null => {
  const { payout, consistency } = state.rules.phase;
  if (payout === null || cycleFrom === null) return null;
  const isFirst = payouts === 0;
  const from = isFirst && payout.countFrom === 'firstTrade' ? state.firstOpenedAt : cycleFrom;
  const days = isFirst ? payout.firstAfterDays : payout.everyDays;
  const dueAt = from === null ? null : epochMs(from + days * DAY_MS);
  const above = minor(minMinor(state.balance, state.equity) - state.initial);
  const withdrawable = above > 0n ? above : ZERO_MINOR;
  const { bestDayHolds } = objectivesOf(state, state.equity);
  const blocks: readonly (readonly [PayoutBlock, boolean])[] = [
    ['cycle', dueAt === null || state.at < dueAt],
    ['profit', state.balance <= state.initial],
    ['consistency', consistency?.blocks === 'payout' && !bestDayHolds],
    ['open', payout.requiresFlat && !isFlat],
  ];
  return {
    everyDays: payout.everyDays,
    from,
    dueAt,
    withdrawable,
    share: shareOf(withdrawable, payout.sharePpm),
    blockedBy: blocks.flatMap(([block, stands]) => (stands ? [block] : [])),
  };
};

/** Days, profit and consistency are met. What is open does not count: it comes and goes with every
 * trade, and closing it is the trader's to do when he asks. */
export const isPayoutDue = (progress: PayoutProgress): boolean =>
  progress.blockedBy.every((block) => block === 'open');
