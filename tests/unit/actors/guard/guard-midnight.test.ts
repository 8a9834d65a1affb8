import { describe, expect, it } from 'vitest';
import type { GuardSummary } from '../../../../src/actors/guard/guard-summary.ts';
import { riskGuard } from '../../../../src/actors/guard/risk-guard.ts';
import { advanceSettled } from '../../../../src/actors/kernel/virtual-clock.ts';
import { packMagic } from '../../../../src/domain/magic.ts';
import type { Deal, Position } from '../../../../src/domain/trading.ts';
import { type EpochMs, epochMs, minor, points } from '../../../../src/domain/units.ts';
import { type DeskBench, deskBench } from '../../../support/desk-bench.ts';
import { guardOptions, KEY, position, quote, snapshotOf } from '../../../support/guard-fixtures.ts';
import { account, at, lots, usd } from '../../../support/risk-fixtures.ts';

const MINUTE = 60_000;
/** Minutes of the story: the reset stands in the middle of them. */
const MINUTES = Array.from({ length: 41 }, (_, minute) => minute);
const RESET = 20;

/** Nights in Prague: an ordinary one, the one before a day of 23 hours, the one before one of 25. */
const NIGHTS = [
  { night: 'in winter', reset: at('2024-01-09T23:00:00Z'), day: '2024-01-10' },
  { night: 'before a day of 23 hours', reset: at('2024-03-30T23:00:00Z'), day: '2024-03-31' },
  { night: 'after a day of 23 hours', reset: at('2024-03-31T22:00:00Z'), day: '2024-04-01' },
  { night: 'before a day of 25 hours', reset: at('2024-10-26T22:00:00Z'), day: '2024-10-27' },
  { night: 'after a day of 25 hours', reset: at('2024-10-27T23:00:00Z'), day: '2024-10-28' },
];

/** What is won or lost in the minute, in dollars, by closing one of the positions. */
const CLOSED: ReadonlyMap<number, number> = new Map([
  [3, 700],
  [RESET - 1, -250],
  [RESET, 90],
  [RESET + 1, 400],
]);
const TICKETS = [...CLOSED.keys()].map((minute) => `p${minute}`);
/** Each position is of an order of its own. */
const magicOf = (ticket: string): string =>
  packMagic({ strategy: KEY.number, epoch: 1, sequence: TICKETS.indexOf(ticket) + 1 });

/** The account as the terminal has it, minute by minute: four closes, and equity that never rests. */
const worldAt = (start: EpochMs, minute: number) => {
  const deals = [...CLOSED].filter(([closed]) => closed <= minute);
  const balance = deals.reduce((sum, [, profit]) => sum + profit, 100_000);
  const closed = new Set(deals.map(([when]) => `p${when}`));
  const open = TICKETS.filter((ticket) => !closed.has(ticket));
  return {
    account: account({ balance: usd(balance), equity: usd(balance - 10 * (minute % 7)) }),
    positions: open.map(
      (ticket): Position => position(ticket, { openedAt: start, magic: magicOf(ticket) }),
    ),
    deals: deals.map(([when, profit]) => dealOf(start, when, profit)),
  };
};
const dealOf = (start: EpochMs, minute: number, profit: number): Deal => ({
  ...{ ticket: `d${minute}`, orderTicket: `o${minute}`, positionTicket: `p${minute}` },
  ...{ symbol: 'EURUSD', side: 'sell', entry: 'out', volumeE8: lots(1) },
  ...{ price: points(110_000), profit: usd(profit), commission: minor(0n), swap: minor(0n) },
  ...{
    magic: magicOf(`p${minute}`),
    reason: 'expert',
    at: epochMs(start + minute * MINUTE),
    comment: '',
  },
});

const guardOf = (desk: DeskBench): GuardSummary => desk.summary<GuardSummary>('risk-guard');

/** What recovery tells a guard that has begun anew. */
const reconcile = async (desk: DeskBench, start: EpochMs, minute: number): Promise<void> => {
  const world = worldAt(start, minute);
  const snapshot = snapshotOf({ ...world, at: epochMs(desk.clock.now()) });
  await desk.tell('risk-guard', { type: 'recovery.balance', snapshot, epoch: 2 });
  await desk.tell('risk-guard', { type: 'link.live' });
  await desk.tell('risk-guard', { type: 'gate.granted', grantedBy: 1 });
};

/** Plays the night; in the minutes named the guard is killed, and begins anew. */
const played = async (reset: EpochMs, killedIn: readonly number[]) => {
  const start = epochMs(reset - RESET * MINUTE);
  const desk = await deskBench('risk-guard', (deps) => riskGuard(deps, guardOptions()), [], start);
  const pass = (ms: number) =>
    advanceSettled(desk.clock, desk.clock.now() + ms, desk.system.quiescent);
  await reconcile(desk, start, 0);
  const seen: Pick<GuardSummary, 'floors' | 'mode' | 'balance'>[] = [];
  for (const minute of MINUTES) {
    if (killedIn.includes(minute)) {
      expect(desk.system.kill('desk.risk-guard')).toBe(true);
      await desk.system.quiescent();
      await reconcile(desk, start, minute);
    } else {
      const world = worldAt(start, minute);
      const closed = CLOSED.has(minute) ? [`p${minute}`] : [];
      const deals = world.deals.filter(({ ticket }) => ticket === `d${minute}`);
      const report = { ...world, deals, orders: [], closedPositions: closed };
      await desk.tell('risk-guard', { type: 'trade.reported', report });
    }
    const now = epochMs(desk.clock.now());
    const ticks = [{ symbol: 'EURUSD', ...quote(110_000 - minute, 10, now) }];
    await desk.tell('risk-guard', { type: 'market.ticks', ticks, at: now });
    const { floors, mode, balance } = guardOf(desk);
    seen.push({ floors, mode, balance });
    await pass(start + (minute + 1) * MINUTE - now);
  }
  const anchors = desk
    .entries('day.anchored')
    .map((entry) => (entry.kind === 'day.anchored' ? [entry.day, entry.anchorMinor] : []));
  return { anchors, seen, crashes: desk.crashes() };
};

describe.each(NIGHTS)('a midnight $night', ({ reset, day }) => {
  it('gives the anchor and the floors of a run without a restart, in whichever minute the guard is killed', async () => {
    const straight = await played(reset, []);
    // What closed up to the reset instant counts as yesterday; the rest is the new day's.
    expect(straight.anchors).toHaveLength(2);
    expect(straight.anchors.at(-1)).toEqual([day, usd(100_450).toString()]);
    expect(straight.seen[RESET - 1]?.floors).toEqual({ daily: usd(95_000), total: usd(90_000) });
    expect(straight.seen.at(-1)?.floors).toEqual({ daily: usd(95_450), total: usd(90_000) });
    expect(straight.crashes).toEqual([]);
    expect(new Set(straight.seen.map(({ mode }) => mode))).toEqual(new Set(['active']));
    // All of them in one night, and alone those at which the day changes.
    expect(await played(reset, MINUTES.slice(1))).toEqual(straight);
    for (const minute of [RESET - 1, RESET, RESET + 1]) {
      expect(await played(reset, [minute]), `killed in minute ${minute}`).toEqual(straight);
    }
  });
});
