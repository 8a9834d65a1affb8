import { describe, expect, it } from 'vitest';
import type { GuardOptions } from '../../../../src/actors/guard/guard-state.ts';
import { advanceSettled } from '../../../../src/actors/kernel/virtual-clock.ts';
import type { Intent } from '../../../../src/domain/intent.ts';
import { packMagic } from '../../../../src/domain/magic.ts';
import type { Position } from '../../../../src/domain/trading.ts';
import { epochMs, points } from '../../../../src/domain/units.ts';
import type { DeskBench } from '../../../support/desk-bench.ts';
import { guardBench, guardOf, ready, say, shown } from '../../../support/guard-bench.ts';
import {
  guardOptions,
  KEY,
  NOW,
  opening,
  position,
  tick,
  workingOrder,
} from '../../../support/guard-fixtures.ts';
import { account, ftmoWith, lots } from '../../../support/risk-fixtures.ts';

const FOREIGN = '0';
const report = (desk: DeskBench, ...open: readonly Position[]): Promise<void> =>
  say(desk, {
    type: 'trade.reported',
    report: { account: account(), deals: [], orders: [], positions: open, closedPositions: [] },
  });
const intents = (desk: DeskBench): readonly Intent[] =>
  desk
    .heard('executor')
    .flatMap((message) =>
      message.type === 'intent.admitted' ? [(message as unknown as { intent: Intent }).intent] : [],
    );
const told = (desk: DeskBench): readonly string[] =>
  desk.entries('event').flatMap((entry) => (entry.kind === 'event' ? [entry.code] : []));
const pass = (desk: DeskBench, atMs: number): Promise<void> =>
  advanceSettled(desk.clock, atMs, desk.system.quiescent);
/** A position of an order of its own. */
const ours = (ticket: string): Position =>
  position(ticket, {
    magic: packMagic({ strategy: KEY.number, epoch: 1, sequence: 10 + Number(ticket) }),
  });
const without = (ticket: string, change: Partial<Position> = {}): Position => {
  const { stopLoss: _, ...rest } = position(ticket, change);
  return rest;
};

describe('a position without a stop', () => {
  it('failure 2: gets the stop back that it had, and is left alone when the terminal shows it', async () => {
    const desk = await guardBench();
    await ready(desk, position('1', { takeProfit: points(110_500) }));
    intents(desk);
    await report(desk, without('1', { takeProfit: points(110_500) }));
    expect(intents(desk)).toMatchObject([
      {
        type: 'modifyPosition',
        positionTicket: '1',
        stopLoss: 109_800,
        takeProfit: 110_500,
        risk: 'reducing',
      },
    ]);
    expect(guardOf(desk)).toMatchObject({ mode: 'halted', holds: ['naked'] });
    await report(desk, position('1'));
    expect(guardOf(desk).mode).toBe('active');
    await pass(desk, NOW + 10_000);
    expect(intents(desk)).toEqual([]);
  });

  it('is closed after the time when that does not help', async () => {
    const desk = await guardBench();
    await ready(desk, position('1'));
    await report(desk, without('1'));
    intents(desk);
    await pass(desk, NOW + 2_000);
    expect(intents(desk)).toMatchObject([{ type: 'close', positionTicket: '1' }]);
    expect(told(desk)).toEqual(expect.arrayContaining(['position.stopSet', 'position.naked']));
  });

  it("is closed within the firm's time when that is shorter than ours", async () => {
    const { ruleSet } = guardOptions();
    const phases = ruleSet.phases.map((phase) => ({
      ...phase,
      account: { ...phase.account, stopWithinSec: 1 },
    }));
    const desk = await guardBench({ ruleSet: { ...ruleSet, phases } });
    await ready(desk, position('1'));
    await report(desk, without('1'));
    intents(desk);
    await pass(desk, NOW + 999);
    expect(intents(desk)).toEqual([]);
    await pass(desk, NOW + 1_000);
    expect(intents(desk)).toMatchObject([{ type: 'close', positionTicket: '1' }]);
  });

  it('gets no stop on the wrong side of the market, only its close', async () => {
    const desk = await guardBench();
    await ready(desk, position('1', { stopLoss: points(110_100) }));
    intents(desk);
    await report(desk, without('1'));
    expect(intents(desk)).toEqual([]);
    await pass(desk, NOW + 2_000);
    expect(intents(desk)).toMatchObject([{ type: 'close' }]);
  });
});

describe('what is not ours', () => {
  it('is never touched when it is observed, and blocks new risk without a stop', async () => {
    const desk = await guardBench();
    await ready(desk, without('9', { magic: FOREIGN }));
    await pass(desk, NOW + 60_000);
    await say(desk, { type: 'market.ticks', ticks: [tick(60_000, 110_000)], at: NOW });
    await say(desk, { ...opening(), at: epochMs(NOW + 60_000) });
    expect(intents(desk)).toEqual([]);
    expect(desk.entries('order.denied')).toMatchObject([{ code: 'NAKED_POSITION' }]);
    expect(guardOf(desk).mode).toBe('active');
  });

  it('is held to a stop when it is managed', async () => {
    const desk = await guardBench({ external: 'manage' });
    await ready(desk, without('9', { magic: FOREIGN }));
    expect(guardOf(desk).holds).toEqual(['naked']);
    intents(desk);
    await pass(desk, NOW + 2_000);
    expect(intents(desk)).toMatchObject([{ type: 'close', positionTicket: '9' }]);
  });

  it('halts, is told once, and is not touched when it is forbidden', async () => {
    const desk = await guardBench({ external: 'forbid' });
    const theirs = position('9', { magic: FOREIGN });
    await ready(desk, theirs);
    await report(desk, theirs);
    expect(guardOf(desk)).toMatchObject({ mode: 'halted', holds: ['external'] });
    expect(told(desk).filter((code) => code === 'external.forbidden')).toHaveLength(1);
    await shown(desk, []);
    expect(guardOf(desk).holds).toEqual([]);
    expect(intents(desk)).toEqual([]);
  });
});

describe('before the reset', () => {
  const RESET = Date.parse('2024-01-09T23:00:00Z');
  /** Five lots that may lose 1,400 points: 7,000, more than a day allows. */
  const large = (ticket: string, change: Partial<Position> = {}): Position =>
    position(ticket, { volumeE8: lots(5), stopLoss: points(108_600), ...change });

  it('closes what could lose most until the next day can bear the rest', async () => {
    const desk = await guardBench();
    await ready(desk, ours('1'), large('2'));
    intents(desk);
    await pass(desk, RESET - 300_001);
    expect(intents(desk)).toEqual([]);
    await pass(desk, RESET - 300_000);
    expect(intents(desk)).toMatchObject([{ type: 'close', positionTicket: '2' }]);
    expect(told(desk)).toContain('reset.swept');
    await pass(desk, RESET - 1);
    expect(intents(desk), 'what is being closed is gone').toEqual([]);
  });

  it('leaves alone what the next day can bear', async () => {
    const desk = await guardBench();
    await ready(desk, ours('1'), ours('2'));
    intents(desk);
    await pass(desk, RESET + 60_000);
    expect(intents(desk)).toEqual([]);
    expect(told(desk)).not.toContain('reset.swept');
  });

  it('says so when what is not ours is the reason', async () => {
    const desk = await guardBench();
    await ready(desk, large('9', { magic: FOREIGN }));
    await pass(desk, RESET - 300_000);
    expect(intents(desk)).toEqual([]);
    expect(told(desk)).toContain('reset.short');
  });
});

describe('before a weekend that must be flat', () => {
  it('failure 15: cancels and closes what is ours in the symbol before the weekend, in time', async () => {
    const from = epochMs(NOW + 3_600_000);
    const closure = { from, to: epochMs(from + 2 * 86_400_000) };
    const ruleSet = ftmoWith({});
    const options = guardOptions();
    const desk = await guardBench({
      ruleSet,
      limits: { ...options.limits, flatBeforeWeekend: true, flatLeadMs: 600_000 },
      closuresOf: () => [closure],
    });
    await shown(desk, [position('1'), position('9', { magic: FOREIGN })], {
      orders: [workingOrder('77')],
    });
    await pass(desk, from - 600_001);
    expect(intents(desk)).toEqual([]);
    await pass(desk, from - 600_000);
    expect(intents(desk)).toMatchObject([
      { type: 'cancel', orderTicket: '77' },
      { type: 'close', positionTicket: '1' },
    ]);
  });
});

describe('before a market closes', () => {
  const FRIDAY = Date.parse('2024-01-09T22:00:00Z');
  const closure = { from: epochMs(FRIDAY), to: epochMs(FRIDAY + 48 * 3_600_000) };
  /** A weekend may gap by 2,000 points, anything else by 20. */
  const gaps: Partial<GuardOptions> = {
    closuresOf: (_, at) => (at < closure.to ? [closure] : []),
    slippageOf: (_, classes) => points(classes.includes('weekend') ? 2_000 : 20),
  };
  const quoted = (desk: DeskBench, atMs: number): Promise<void> =>
    say(desk, { type: 'market.ticks', ticks: [tick(atMs - NOW, 110_000)], at: epochMs(atMs) });

  it('closes what the gap could carry through a floor, worst first, and keeps what fits', async () => {
    const desk = await guardBench(gaps);
    const large = { ...ours('1'), volumeE8: lots(2) };
    await ready(desk, large, ours('2'));
    intents(desk);
    await pass(desk, FRIDAY - 600_001);
    expect(intents(desk)).toEqual([]);
    // 2 and 1 lots with a stop 200 points away: 4,400 and 2,200 over a gap, and 4,900 may be lost.
    await pass(desk, FRIDAY - 600_000);
    expect(intents(desk)).toMatchObject([
      { type: 'close', positionTicket: '1', reason: expect.stringContaining('the weekend') },
    ]);
    expect(told(desk)).toContain('gap.swept');
    expect(told(desk)).not.toContain('reset.swept');
  });

  it('touches nothing that survives the gap', async () => {
    const desk = await guardBench(gaps);
    await ready(desk, ours('1'), ours('2'));
    intents(desk);
    await pass(desk, FRIDAY);
    expect(intents(desk)).toEqual([]);
  });

  it('counts the gap in every new order from then on, and not a millisecond before', async () => {
    // An hour's break: before a longer one FTMO lets nothing open at all.
    const pause = { from: closure.from, to: epochMs(FRIDAY + 3_600_000) };
    const desk = await guardBench({
      closuresOf: () => [pause],
      slippageOf: (_, classes) => points(classes.includes('dailyBreak') ? 2_000 : 20),
    });
    await ready(desk, ours('1'), ours('2'));
    const ask = async (atMs: number, leg: number): Promise<void> => {
      await pass(desk, atMs);
      await quoted(desk, atMs);
      await say(desk, { ...opening({ leg }), at: epochMs(atMs), barAt: epochMs(atMs) });
    };
    await ask(FRIDAY - 600_001, 0);
    expect(desk.entries('order.denied')).toEqual([]);
    await ask(FRIDAY - 600_000, 1);
    expect(desk.entries('order.denied')).toMatchObject([{ code: 'DAILY_FLOOR' }]);
  });

  it('tells when what is left is not ours to close', async () => {
    const desk = await guardBench(gaps);
    await ready(desk, position('9', { magic: FOREIGN, volumeE8: lots(3) }));
    intents(desk);
    await pass(desk, FRIDAY - 600_000);
    expect(intents(desk)).toEqual([]);
    expect(told(desk)).toContain('gap.short');
  });
});
