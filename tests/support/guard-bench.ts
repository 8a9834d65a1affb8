import type { GuardOptions } from '../../src/actors/guard/guard-state.ts';
import type { GuardSummary } from '../../src/actors/guard/guard-summary.ts';
import { riskGuard } from '../../src/actors/guard/risk-guard.ts';
import type { GuardMessage, Snapshot } from '../../src/actors/messages.ts';
import type { Position } from '../../src/domain/trading.ts';
import type { Entry } from '../../src/journal/types.ts';
import { type DeskBench, deskBench } from './desk-bench.ts';
import { guardOptions, NOW, snapshotOf, tick } from './guard-fixtures.ts';

/** A risk guard alone on its desk. */
export const guardBench = (
  change: Partial<GuardOptions> = {},
  before: readonly Entry[] = [],
): Promise<DeskBench> =>
  deskBench('risk-guard', (deps) => riskGuard(deps, guardOptions(change)), before);

export const guardOf = (desk: DeskBench): GuardSummary => desk.summary<GuardSummary>('risk-guard');
export const say = (desk: DeskBench, message: GuardMessage): Promise<void> =>
  desk.tell('risk-guard', message);

/** The account as a recovery has compared it. */
export const shown = (
  desk: DeskBench,
  open: readonly Position[],
  more: Partial<Snapshot> = {},
): Promise<void> =>
  say(desk, {
    type: 'recovery.balance',
    snapshot: snapshotOf({ positions: open, ...more }),
    epoch: 2,
  });

/** Reconciled with these positions, the gate open, quotes fresh. */
export const ready = async (desk: DeskBench, ...open: readonly Position[]): Promise<void> => {
  await shown(desk, open);
  await say(desk, { type: 'link.live' });
  await say(desk, { type: 'gate.granted', grantedBy: 1 });
  await say(desk, { type: 'market.ticks', ticks: [tick(0, 110_000)], at: NOW });
};
