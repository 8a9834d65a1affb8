import { describe, expect, it } from 'vitest';
import { answerRetry } from '../../../../src/actors/guard/guard-retries.ts';
import type { GuardState } from '../../../../src/actors/guard/guard-state.ts';
import type { Intent } from '../../../../src/domain/intent.ts';
import { epochMs, points } from '../../../../src/domain/units.ts';
import { closeIntent, openIntent } from '../../../support/entries.ts';
import {
  guardOptions,
  guardState,
  NOW,
  OURS,
  position,
  positions,
  quote,
  workingOrder,
} from '../../../support/guard-fixtures.ts';
import { EURUSD, lots } from '../../../support/risk-fixtures.ts';

const moved = (change: Partial<GuardState> = {}): GuardState =>
  guardState({ quotes: new Map([['EURUSD', quote(110_050)]]), ...change });
const open = openIntent('i1', {
  magic: OURS,
  volumeE8: lots(1),
  price: points(110_010),
  stopLoss: points(109_810),
  takeProfit: points(110_410),
});
const answer = (intent: Intent, state = moved(), options = guardOptions()) =>
  answerRetry(state, options, intent, NOW).answer;

describe('a retry of an opening order', () => {
  it('keeps its distances at the present quote', () => {
    const state = moved();
    const retry = answerRetry(state, guardOptions(), open, NOW);
    expect(retry.answer).toEqual({
      type: 'retry.granted',
      intentId: 'i1',
      levels: { price: 110_060, stopLoss: 109_860, takeProfit: 110_460 },
    });
    expect(retry.state.held.get('i1')?.order).toMatchObject({ stopLoss: 109_860 });
  });

  it('does not count its own reservation against itself', () => {
    const held = answerRetry(moved(), guardOptions(), open, NOW).state.held;
    const limits = { ...guardOptions().limits, maxPositions: 1 };
    expect(answer(open, moved({ held }), guardOptions({ limits })).type).toBe('retry.granted');
    const another = new Map([...held].map(([, own]) => ['i2', own] as const));
    expect(answer(open, moved({ held: another }), guardOptions({ limits }))).toMatchObject({
      type: 'retry.denied',
      code: 'MAX_POSITIONS',
    });
  });

  it('is denied when the guard would not take it as a new order', () => {
    expect(answer(open, moved({ gateOpen: false }))).toMatchObject({ code: 'GATE_CLOSED' });
    expect(answer(open, moved({ account: null }))).toMatchObject({ code: 'GATE_CLOSED' });
    const limits = { ...guardOptions().limits, requestsPerDay: 0 };
    expect(answer(open, moved(), guardOptions({ limits }))).toMatchObject({
      type: 'retry.denied',
      code: 'REQUESTS_PER_DAY',
    });
  });
});

describe('a retry of what reduces risk', () => {
  const held = positions(position('7001'));
  const modify: Intent = {
    type: 'modifyPosition',
    intentId: 'm1',
    key: 'k',
    strategyId: 's',
    symbol: 'EURUSD',
    at: NOW,
    reason: 'test',
    positionTicket: '7001',
    risk: 'reducing',
    ttlMs: 1,
    stopLoss: points(109_900),
  };

  it('is granted with a fresh price while there is something to reduce', () => {
    const gone = { code: 'UNKNOWN_TICKET' };
    expect(answer(closeIntent('c1', { side: 'sell' }), moved({ positions: held }))).toEqual({
      type: 'retry.granted',
      intentId: 'c1',
      levels: { price: 110_050 },
    });
    expect(answer(closeIntent('c1'))).toMatchObject(gone);
    const cancel = { ...open, type: 'cancel', orderTicket: '9' } as unknown as Intent;
    const orders = new Map([['9', workingOrder('9')]]);
    expect(answer(cancel, moved({ orders })).type).toBe('retry.granted');
    expect(answer(cancel)).toMatchObject(gone);
  });

  it('is granted in a halt, with the gate shut, and waits for the session alone', () => {
    const shut = moved({ positions: held, gateOpen: false });
    expect(answer(closeIntent('c1'), shut).type).toBe('retry.granted');
    const opensAt = NOW + 7_230_000;
    const isOpen = (_: unknown, at: number): boolean => at >= opensAt;
    const until = epochMs(Math.ceil(opensAt / 60_000) * 60_000);
    expect(answer(closeIntent('c1'), shut, guardOptions({ isOpen }))).toEqual({
      type: 'retry.deferred',
      intentId: 'c1',
      until,
    });
    const never = guardOptions({ isOpen: () => false });
    expect(answer(closeIntent('c1'), shut, never)).toMatchObject({ until: NOW + 86_400_000 });
  });

  it('is denied when the stop was tightened beyond it meanwhile', () => {
    expect(answer(modify, moved({ positions: held })).type).toBe('retry.granted');
    const tight = positions(position('7001', { stopLoss: points(109_950) }));
    expect(answer(modify, moved({ positions: tight }))).toMatchObject({ code: 'WIDER_STOP' });
  });

  it('waits with a tighter stop until the market is where the venue could take it', () => {
    const instruments = new Map([['EURUSD', { ...EURUSD, stopsLevelPoints: points(20) }]]);
    const at = (bid: number) =>
      moved({ positions: held, instruments, quotes: new Map([['EURUSD', quote(bid)]]) });
    const later = { type: 'retry.deferred', intentId: 'm1', until: NOW + 30_000 };
    expect(answer(modify, at(109_890))).toEqual(later);
    expect(answer(modify, at(109_919))).toEqual(later);
    expect(answer(modify, at(109_920)).type).toBe('retry.granted');
    const sold = position('7001', { side: 'sell', stopLoss: points(110_100) });
    const short = { ...at(109_880), positions: positions(sold) };
    expect(answer(modify, short)).toEqual(later);
    expect(answer(modify, { ...short, quotes: new Map([['EURUSD', quote(109_870)]]) }).type).toBe(
      'retry.granted',
    );
  });

  it('leaves the requests that are kept for closes to them, unless there is no stop at all', () => {
    const limits = { ...guardOptions().limits, requestsPerDay: 0 };
    const options = guardOptions({ limits });
    const state = moved({ positions: held });
    expect(answer(modify, state, options)).toEqual({
      type: 'retry.deferred',
      intentId: 'm1',
      until: state.ledger?.day.closesAt,
    });
    expect(answer(closeIntent('c1', { side: 'sell' }), state, options).type).toBe('retry.granted');
    const naked = new Map(positions(position('7001')));
    const { stopLoss, ...rest } = position('7001');
    expect(stopLoss).toBeDefined();
    naked.set('7001', rest);
    expect(answer(modify, moved({ positions: naked }), options).type).toBe('retry.granted');
  });
});
