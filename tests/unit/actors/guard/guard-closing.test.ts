import { describe, expect, it } from 'vitest';
import {
  beginClose,
  forgetClosed,
  settleClose,
} from '../../../../src/actors/guard/guard-closing.ts';
import { safetySignal } from '../../../../src/actors/guard/guard-intents.ts';
import {
  forgetIntents,
  heldIntents,
  markUnknown,
  restoreIntents,
} from '../../../../src/actors/guard/guard-restore.ts';
import type { GuardState } from '../../../../src/actors/guard/guard-state.ts';
import type { Settlement } from '../../../../src/actors/messages.ts';
import { points } from '../../../../src/domain/units.ts';
import type { JournalReader } from '../../../../src/journal/types.ts';
import { closeIntent, entry, openIntent, planned, stored } from '../../../support/entries.ts';
import { guardState, KEY, NOW, position, positions } from '../../../support/guard-fixtures.ts';

const begin = (state: GuardState, ticket = '5', key = 'k') => {
  const held = state.positions.get(ticket) ?? position(ticket);
  const raised = safetySignal(held, KEY, NOW, 'why');
  return beginClose(state, { position: held, raised, key, reason: 'why', at: NOW });
};
const begun = (state: GuardState, ticket = '5', key = 'k') => {
  const result = begin(state, ticket, key);
  if (result === undefined) throw new Error('a close is out already');
  return result;
};
const settlement = (intentId: string, state: Settlement['state']): Settlement => ({
  intentId,
  strategyId: KEY.id,
  action: 'close',
  state,
  retcode: null,
});
const open = () => guardState({ positions: positions(position('5')) });

describe('a close of the guard', () => {
  it('sells a long at the bid and buys a short at the ask', () => {
    expect(begun(open()).intent).toMatchObject({ side: 'sell', price: points(110_000) });
    const short = guardState({ positions: positions(position('5', { side: 'sell' })) });
    expect(begun(short).intent).toMatchObject({ side: 'buy', price: points(110_010) });
  });

  it('is out once at a time', () => {
    const { state } = begun(open());
    expect(begin(state)).toBeUndefined();
    expect(begin(state, '5', 'another reason')).toBeUndefined();
  });

  it('is over when it filled, or when something else closed the position', () => {
    const { state, intent } = begun(open());
    const filled = settleClose(state, settlement(intent.intentId, 'filled'));
    expect([filled.retry, filled.state.closing.size]).toEqual([undefined, 0]);
    const gone = settleClose(
      { ...state, positions: new Map() },
      settlement(intent.intentId, 'refused'),
    );
    expect([gone.retry, gone.state.closing.size]).toEqual([undefined, 0]);
  });

  it('is tried again ever more slowly, each time as an intent of its own', () => {
    let state = open();
    const ids = new Set<string>();
    const delays: number[] = [];
    for (let tries = 0; tries < 9; tries += 1) {
      const started = begun(state);
      ids.add(started.intent.intentId);
      const settled = settleClose(started.state, settlement(started.intent.intentId, 'refused'));
      delays.push(settled.retry?.delayMs ?? -1);
      expect(settled.retry?.message).toMatchObject({ type: 'close.retry', positionTicket: '5' });
      state = settled.state;
    }
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(ids.size).toBe(9);
  });

  it('is nobody else’s business', () => {
    const { state } = begun(open());
    expect(settleClose(state, settlement('stranger', 'refused'))).toEqual({ state });
  });

  it('is forgotten with its position', () => {
    const { state } = begun(open());
    expect(forgetClosed(state).closing.size).toBe(1);
    expect(forgetClosed({ ...state, positions: new Map() }).closing.size).toBe(0);
  });
});

describe('what a guard holds over a restart', () => {
  const reader = (entries: ReturnType<JournalReader['openIntents']>): JournalReader => ({
    after: () => [],
    lastSeq: () => 0,
    hasIntentKey: () => false,
    hasDeal: () => false,
    plannedIntents: () => 0,
    openIntents: () => entries,
    ofIntent: () => [],
    ofKind: () => [],
    last: () => undefined,
    accounts: () => [],
    recordedAt: () => 0,
    close: () => undefined,
  });

  it('is every intent that had not ended: headroom as unknown, closes as out', () => {
    const entries = stored([
      entry(planned(openIntent('i1'))),
      entry({ kind: 'attempt.sent', intentId: 'i1', attempt: 1, epoch: 1 }),
      entry(planned(closeIntent('c1', { positionTicket: '5' }))),
    ]);
    const { held, closing } = restoreIntents(reader(entries), 'acc');
    expect(held.get('i1')).toMatchObject({
      magic: openIntent('i1').magic,
      order: { id: 'i1', status: 'unknown', entry: points(138_700), stopLoss: points(138_500) },
    });
    expect([...closing]).toEqual([['5', { intentId: 'c1', tries: 1, scope: 'full' }]]);
    expect(heldIntents(guardState({ held, closing }))).toEqual(['i1', 'c1']);
  });

  it('is let go where the executor knows nothing of it, and the close is made again', () => {
    const { held } = restoreIntents(reader(stored([entry(planned(openIntent('i1')))])), 'acc');
    const { state, intent } = begun(guardState({ ...open(), held }));
    const both = forgetIntents(state, ['i1', intent.intentId]);
    expect([both.state.held.size, both.unclosed]).toEqual([0, ['5']]);
    const again = begun(both.state);
    expect(again.intent.intentId).not.toBe(intent.intentId);
    const none = forgetIntents(state, ['stranger']);
    expect([none.state.held.size, none.unclosed]).toEqual([1, []]);
  });

  it('counts as unknown when nobody can say what became of it', () => {
    const { held } = restoreIntents(reader(stored([entry(planned(openIntent('i1')))])), 'acc');
    const found = held.get('i1');
    if (found === undefined) throw new Error('not held');
    const inFlight = { ...found, order: { ...found.order, status: 'inFlight' as const } };
    const state = guardState({ held: new Map([['i1', inFlight]]) });
    expect(markUnknown(state, 'i1').held.get('i1')?.order.status).toBe('unknown');
    expect(markUnknown(state, 'stranger')).toBe(state);
  });
});
