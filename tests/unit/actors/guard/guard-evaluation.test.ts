import { describe, expect, it, vi } from 'vitest';
import type { GuardOptions } from '../../../../src/actors/guard/guard-state.ts';
import type { GuardSummary } from '../../../../src/actors/guard/guard-summary.ts';
import { riskGuard } from '../../../../src/actors/guard/risk-guard.ts';
import type { GuardAnswer, GuardMessage } from '../../../../src/actors/messages.ts';
import type { Deal, Position } from '../../../../src/domain/trading.ts';
import { epochMs } from '../../../../src/domain/units.ts';
import type { Entry } from '../../../../src/journal/types.ts';
import type { RuleSet } from '../../../../src/risk/rule-set.ts';
import { type DeskBench, deskBench } from '../../../support/desk-bench.ts';
import {
  guardOptions,
  NOW,
  opening,
  position,
  snapshotOf,
  tick,
  workingOrder,
} from '../../../support/guard-fixtures.ts';
import { account, deal, ftmo, usd } from '../../../support/risk-fixtures.ts';

/** FTMO's phases without their trading days: one trade can pass. `acc` is the bench's login. */
const easy = (): RuleSet => {
  const base = ftmo();
  return { ...base, phases: base.phases.map((phase) => ({ ...phase, minDays: null })) };
};
const bench = (
  change: Partial<GuardOptions> = {},
  before: readonly Entry[] = [],
): Promise<DeskBench> =>
  deskBench(
    'risk-guard',
    (deps) => riskGuard(deps, guardOptions({ ruleSet: easy(), ...change })),
    before,
  );
const guardOf = (desk: DeskBench): GuardSummary => desk.summary<GuardSummary>('risk-guard');
const stateOf = (desk: DeskBench): string | undefined => guardOf(desk).charts['evaluation']?.at(-1);
const say = (desk: DeskBench, message: GuardMessage): Promise<void> =>
  desk.tell('risk-guard', message);
const ready = async (desk: DeskBench, balance = 100_000): Promise<void> => {
  const shown = snapshotOf({ account: account({ balance: usd(balance), equity: usd(balance) }) });
  await say(desk, { type: 'recovery.balance', snapshot: shown, epoch: 2 });
  await say(desk, { type: 'link.live' });
  await say(desk, { type: 'gate.granted', grantedBy: 1 });
  await say(desk, { type: 'market.ticks', ticks: [tick(0, 110_000)], at: NOW });
};
const order = async (
  desk: DeskBench,
  what:
    | { readonly type: 'operator.startEvaluation'; readonly id: string }
    | { readonly type: 'operator.bindEvaluation'; readonly id: string; readonly login: string },
): Promise<GuardAnswer> => {
  let heard: GuardAnswer | undefined;
  const reply = (answer: GuardAnswer): void => {
    heard = answer;
  };
  await say(desk, { ...what, reason: 'told so', by: 'eva', reply });
  if (heard === undefined) throw new Error('no answer');
  return heard;
};
const start = (desk: DeskBench, id = 'first'): Promise<GuardAnswer> =>
  order(desk, { type: 'operator.startEvaluation', id });
const bind = (desk: DeskBench, login: string, id = 'first'): Promise<GuardAnswer> =>
  order(desk, { type: 'operator.bindEvaluation', id, login });
const codeOf = (answer: GuardAnswer): string => (answer.ok ? 'ok' : answer.code);
/** A trade that books `profit` and leaves these positions open. */
const traded = (
  desk: DeskBench,
  balance: number,
  deals: readonly Deal[],
  open: readonly Position[] = [],
  closedPositions: readonly string[] = [],
): Promise<void> => {
  const shown = account({ balance: usd(balance), equity: usd(balance) });
  const report = { account: shown, deals, orders: [], positions: open, closedPositions };
  return say(desk, { type: 'trade.reported', report });
};
const booked = (profit: number): Deal => deal({ at: epochMs(NOW + 1_000), profit: usd(profit) });
const told = (desk: DeskBench): readonly string[] =>
  desk.entries('event').flatMap((entry) => (entry.kind === 'event' ? [entry.code] : []));
const moves = (desk: DeskBench): readonly string[] =>
  desk
    .entries('evaluation.changed')
    .flatMap((entry) => (entry.kind === 'evaluation.changed' ? [entry.to] : []));

describe('the evaluation of an account', () => {
  it('is begun by a person, and lets the account trade', async () => {
    const desk = await bench();
    await ready(desk);
    expect(guardOf(desk).evaluation).toBeNull();
    expect(await start(desk)).toMatchObject({ ok: true });
    expect(guardOf(desk)).toMatchObject({ mode: 'active', evaluation: { id: 'first' } });
    expect(stateOf(desk)).toBe('inPhase.trading');
    expect(told(desk)).toContain('operator.evaluation');
    expect(codeOf(await start(desk))).toBe('EVALUATION_EXISTS');
    expect(codeOf(await start(desk, 'second'))).toBe('LOGIN_BOUND');
  });

  it('halts the account when the objectives are met, and asks for the review', async () => {
    const desk = await bench();
    await ready(desk);
    await start(desk);
    await traded(desk, 109_999.99, [booked(9_999.99)]);
    expect(guardOf(desk).mode).toBe('active');
    await traded(desk, 110_000, [booked(0.01)]);
    expect(stateOf(desk)).toBe('awaitingReview');
    expect(guardOf(desk)).toMatchObject({ mode: 'halted', holds: ['evaluation'] });
    expect(told(desk)).toContain('evaluation.review');
    await say(desk, opening());
    expect(desk.entries('order.denied')).toHaveLength(1);
    expect(moves(desk)).toEqual(['inPhase.trading', 'awaitingReview']);
  });

  it('opens nothing more while the target is reached and a position may lose it', async () => {
    const desk = await bench();
    await ready(desk);
    await start(desk);
    await traded(desk, 110_000, [booked(10_000)], [position('1')]);
    expect([stateOf(desk), guardOf(desk).mode]).toEqual(['inPhase.settling', 'halted']);
    // Floating money neither reaches nor loses a target.
    const lower = [tick(2_000, 109_900)];
    await say(desk, { type: 'market.ticks', ticks: lower, at: epochMs(NOW + 2_000) });
    expect([stateOf(desk), guardOf(desk).mode]).toEqual(['inPhase.settling', 'halted']);
    await traded(desk, 109_999.99, [booked(-0.01)], [], ['1']);
    expect([stateOf(desk), guardOf(desk).mode]).toEqual(['inPhase.trading', 'active']);
    await traded(desk, 110_000, [booked(0.01)]);
    expect(stateOf(desk)).toBe('awaitingReview');
    expect(moves(desk)).toEqual([
      ...['inPhase.trading', 'inPhase.settling', 'inPhase.trading', 'awaitingReview'],
    ]);
  });

  it('takes working orders off the book where nothing may open, and leaves those of others', async () => {
    const desk = await bench();
    await ready(desk);
    await start(desk);
    const orders = [workingOrder('7'), workingOrder('8', { magic: '0' })];
    const shown = account({ balance: usd(110_000), equity: usd(110_000) });
    desk.heard('executor');
    await say(desk, {
      type: 'trade.reported',
      report: {
        account: shown,
        deals: [booked(10_000)],
        orders,
        positions: [],
        closedPositions: [],
      },
    });
    expect(stateOf(desk)).toBe('inPhase.settling');
    const cancelled = desk
      .heard('executor')
      .flatMap((message) => ('intent' in message ? [message.intent] : []));
    expect(cancelled).toMatchObject([{ type: 'cancel', orderTicket: '7' }]);
  });

  it('locks the account and closes everything when its time is up', async () => {
    const rules = easy();
    const phases = rules.phases.map((phase) => ({ ...phase, maxDays: 1 }));
    const desk = await bench({ ruleSet: { ...rules, phases } });
    await ready(desk);
    await start(desk);
    const at = epochMs(NOW + 86_400_000);
    await say(desk, { type: 'market.ticks', ticks: [tick(86_400_000, 110_000)], at });
    expect(stateOf(desk)).toBe('breached');
    expect(guardOf(desk)).toMatchObject({ mode: 'locked', reason: 'evaluation: maxDays' });
    // A person can leave the lock; the hold of a failed evaluation stays, whatever restarts.
    const again = await bench(
      { ruleSet: { ...rules, phases } },
      desk.entries('evaluation.changed'),
    );
    expect(guardOf(again).holds).toContain('evaluation');
  });

  it('holds an account whose book was opened under another phase', async () => {
    const desk = await bench({ phase: 'verification' });
    await ready(desk);
    await traded(desk, 100_100, [booked(100)]);
    const book = desk.entries('ledger.saved');
    const next = await bench({ phase: 'challenge' }, book);
    expect(codeOf(await start(next))).toBe('EVALUATION_STATE');
    // The journal of another account knows it: the same refusal before it is bound.
    const other = await bench(
      {},
      book.map((entry) => ({ ...entry, accountId: '200' })),
    );
    await ready(other);
    await start(other);
    await traded(other, 110_000, [booked(10_000)]);
    expect(await bind(other, '200')).toMatchObject({ ok: true });
    const third = await bench(
      { phase: 'funded' },
      book.map((entry) => ({ ...entry, accountId: '300' })),
    );
    await ready(third);
    await start(third);
    const larger = await bind(third, '300');
    expect(larger).toMatchObject({
      code: 'EVALUATION_STATE',
      cause: expect.stringContaining('verification'),
    });
  });

  it('counts a payout once, whatever the journal lost of it', async () => {
    let refuse = 0;
    const desk = await deskBench('risk-guard', (deps) => {
      const append = async (entries: readonly Entry[]): Promise<void> => {
        if (refuse > 0) {
          refuse -= 1;
          throw new Error('disk full');
        }
        return deps.journal.append(entries);
      };
      const journal = { ...deps.journal, append };
      return riskGuard({ ...deps, journal }, guardOptions({ ruleSet: easy(), phase: 'funded' }));
    });
    await ready(desk);
    await start(desk);
    await traded(desk, 102_000, [booked(2_000)]);
    refuse = 1;
    const paid = deal({ at: epochMs(NOW + 2_000), entry: 'balance', profit: usd(-2_000) });
    await traded(desk, 100_000, [paid]);
    expect(guardOf(desk).holds).toContain('journal');
    const { length } = desk.entries('ledger.saved');
    desk.clock.advanceTo(NOW + 1_000);
    await vi.waitFor(() => expect(desk.entries('ledger.saved').length).toBe(length + 1), 10_000);
    const kept = [...desk.entries('ledger.saved'), ...desk.entries('evaluation.changed')];
    const again = await bench({ phase: 'funded' }, kept);
    const shown = snapshotOf({
      account: account({ balance: usd(100_000), equity: usd(100_000) }),
      deals: [paid],
    });
    await say(again, { type: 'recovery.balance', snapshot: shown, epoch: 3 });
    expect(guardOf(again).evaluation?.chart.context.payouts).toBe(1);
  });

  it('fails with the floor that is broken', async () => {
    const desk = await bench();
    await ready(desk);
    await start(desk);
    await traded(desk, 94_000, [booked(-6_000)]);
    const ticks = [tick(2_000, 110_000)];
    await say(desk, { type: 'market.ticks', ticks, at: epochMs(NOW + 2_000) });
    expect(stateOf(desk)).toBe('breached');
    expect(guardOf(desk)).toMatchObject({ mode: 'locked' });
    expect(guardOf(desk).holds).toContain('evaluation');
    expect(codeOf(await bind(desk, '200'))).toBe('EVALUATION_STATE');
  });

  it('binds each phase to one login, and only when the phase before is passed', async () => {
    const desk = await bench();
    await ready(desk);
    expect(codeOf(await bind(desk, '200'))).toBe('UNKNOWN_EVALUATION');
    await start(desk);
    expect(codeOf(await bind(desk, '200'))).toBe('EVALUATION_STATE');
    await traded(desk, 110_000, [booked(10_000)]);
    expect(codeOf(await bind(desk, 'acc'))).toBe('LOGIN_BOUND');
    expect(await bind(desk, '200')).toMatchObject({
      ok: true,
      text: expect.stringContaining('account.login to 200'),
    });
    // The phase is another account's now: this one stays as it is.
    expect(guardOf(desk)).toMatchObject({ mode: 'halted', holds: ['evaluation'] });
  });

  it('goes on with the account of its next phase, in another guard', async () => {
    const desk = await bench();
    await ready(desk);
    await start(desk);
    await traded(desk, 110_000, [booked(10_000)]);
    await bind(desk, 'acc-2');
    const past = desk.entries('evaluation.changed');
    const moved = past.map((entry) =>
      entry.kind === 'evaluation.changed'
        ? {
            ...entry,
            accountId: 'acc-1',
            context: {
              ...entry.context,
              bindings: entry.context.bindings.map((bound, index) =>
                index === 1 ? { ...bound, login: 'acc' } : { ...bound, login: 'acc-1' },
              ),
            },
          }
        : entry,
    );
    const next = await bench({ phase: 'verification' }, moved);
    await ready(next);
    expect(guardOf(next)).toMatchObject({ mode: 'active', evaluation: { id: 'first' } });
    expect(stateOf(next)).toBe('inPhase.trading');
    // The same account under another phase than its evaluation's does not trade.
    const wrong = await bench({ phase: 'challenge' }, moved);
    await ready(wrong);
    expect(guardOf(wrong)).toMatchObject({ mode: 'halted', holds: ['evaluation'] });
  });

  it('takes a withdrawal of a funded account for its payout', async () => {
    const desk = await bench({ phase: 'funded' });
    await ready(desk);
    await start(desk);
    expect(stateOf(desk)).toBe('funded.earning');
    const taken = (afterMs: number, amount: number, change: Partial<Deal> = {}): Deal =>
      deal({ at: epochMs(NOW + afterMs), entry: 'balance', profit: usd(-amount), ...change });
    // What is no profit, or no withdrawal, is no payout.
    await traded(desk, 99_000, [taken(500, 1_000)]);
    await traded(desk, 102_500, [booked(3_500)]);
    await traded(desk, 102_000, [taken(1_500, 500, { operation: 'correction' })]);
    expect(guardOf(desk).evaluation?.chart.context).toMatchObject({ payouts: 0 });
    expect(guardOf(desk).payout).toMatchObject({ withdrawable: usd(2_000), share: usd(1_600) });
    await traded(desk, 100_000, [taken(2_000, 1_600), taken(3_000, 400)]);
    expect(guardOf(desk).evaluation?.chart.context).toMatchObject({
      payouts: 1,
      cycleFrom: NOW + 2_000,
    });
    expect(guardOf(desk).payout).toMatchObject({
      dueAt: NOW + 2_000 + 14 * 86_400_000,
      withdrawable: 0n,
      blockedBy: ['cycle', 'profit'],
    });
  });

  it('shows progress whether or not there is an evaluation', async () => {
    const desk = await bench();
    expect(guardOf(desk).progress).toBeNull();
    await ready(desk);
    await traded(desk, 101_500, [booked(1_500)]);
    expect(guardOf(desk).progress).toMatchObject({
      profit: usd(1_500),
      target: usd(10_000),
      bestDay: { profit: usd(1_500) },
      met: false,
    });
  });
});
