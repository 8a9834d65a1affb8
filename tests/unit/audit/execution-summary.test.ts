import { describe, expect, it } from 'vitest';
import { summariseExecution } from '../../../src/audit/execution-summary.ts';
import { points } from '../../../src/domain/units.ts';
import type { Entry, EntryBody } from '../../../src/journal/types.ts';
import { RETCODE } from '../../../src/mt5/retcodes.ts';
import {
  ACCOUNT,
  at,
  closeIntent,
  deal,
  entry,
  openIntent,
  planned,
  stored,
} from '../../support/entries.ts';

const state = (intentId: string, name: string): EntryBody => ({
  kind: 'order.state',
  intentId,
  state: name,
});
const sent = (intentId: string, attempt = 1): EntryBody => ({
  kind: 'attempt.sent',
  intentId,
  attempt,
  epoch: 1,
});
const refused = (intentId: string, attempt: number, code?: number): EntryBody => ({
  kind: 'attempt.result',
  intentId,
  attempt,
  outcome: 'refused',
  ...(code === undefined ? { detail: 'stale_epoch' } : { retcode: code }),
});
const filled = (
  intentId: string,
  ticket: string,
  change: Parameters<typeof deal>[1],
): EntryBody => ({
  kind: 'deal.booked',
  intentId,
  deal: deal(ticket, change),
});
const summaryOf = (...entries: readonly Entry[]) => {
  const all = stored(entries);
  return summariseExecution((seq, limit) => all.filter((one) => one.seq > seq).slice(0, limit));
};

describe('the execution summary', () => {
  it('measures time from the attempt that was filled, and price from the first decision', () => {
    const [summary] = summaryOf(
      entry(planned(openIntent('i1', { price: points(138_700) }))),
      entry(sent('i1')),
      entry(refused('i1', 1, RETCODE.REQUOTE), 100),
      entry(sent('i1', 2), 300),
      entry(filled('i1', '1', { at: at(550), price: points(138_706) }), 550),
      entry(state('i1', 'filled'), 550),
      entry(planned(closeIntent('c1', { side: 'sell', price: points(138_900) })), 1_000),
      entry(sent('c1'), 1_000),
      entry(
        filled('c1', '2', {
          entry: 'out',
          side: 'sell',
          at: at(1_100),
          price: points(138_902),
        }),
        1_100,
      ),
      entry(state('c1', 'filled'), 1_100),
    );
    expect(summary).toMatchObject({
      accountId: ACCOUNT,
      intents: { open: 1, close: 1 },
      states: { filled: 2 },
      attempts: 3,
      retries: 1,
      unknown: 0,
      rejects: [{ by: 'venue', reason: 'REQUOTE', count: 1 }],
      latencyMs: { count: 2, p50: 100, p95: 250, max: 250, mean: 175 },
      slippagePoints: { EURUSD: { count: 2, mean: 2, p50: -2, max: 6 } },
    });
  });

  it('weighs the parts of one fill by volume, and no stop as a fill of the order', () => {
    const part = (ticket: string, lots: number, price: number) =>
      filled('i1', ticket, { volumeE8: lots as never, price: points(price) });
    const [summary] = summaryOf(
      entry(planned(openIntent('i1', { price: points(100) }))),
      entry(sent('i1')),
      entry(part('1', 30, 104)),
      entry(part('2', 10, 100)),
      entry(filled('i1', '3', { entry: 'out', side: 'sell', reason: 'sl', price: points(1) })),
    );
    expect(summary?.slippagePoints).toMatchObject({ EURUSD: { count: 1, mean: 3 } });
  });

  it('counts who refused and why, what was unknown, and keeps accounts apart', () => {
    const denied: EntryBody = {
      kind: 'order.denied',
      signalId: 's9',
      intentId: 'i9',
      strategyId: 's',
      symbol: 'EURUSD',
      code: 'DAILY_FLOOR',
      detail: '',
      signal: { type: 'close', leg: 0, reason: '' },
    };
    const summaries = summaryOf(
      entry(denied),
      entry(denied),
      entry(planned(openIntent('i1'))),
      entry(sent('i1')),
      entry(state('i1', 'unknown')),
      entry(refused('i1', 1)),
      entry(refused('i1', 1, 99_999)),
      entry(planned(openIntent('i1')), 0, 'account.2'),
    );
    expect(summaries.map(({ accountId }) => accountId)).toEqual([ACCOUNT, 'account.2']);
    expect(summaries[0]).toMatchObject({
      states: { unknown: 1 },
      unknown: 1,
      rejects: [
        { by: 'guard', reason: 'DAILY_FLOOR', count: 2 },
        { by: 'venue', reason: '99999', count: 1 },
        { by: 'terminal', reason: 'stale_epoch', count: 1 },
      ],
      latencyMs: null,
      slippagePoints: {},
    });
  });
});
