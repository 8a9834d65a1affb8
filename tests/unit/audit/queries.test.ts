import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openAuditDb } from '../../../src/audit/audit-db.ts';
import { openAuditQueries } from '../../../src/audit/queries.ts';
import { minor, points } from '../../../src/domain/units.ts';
import type { Entry, EntryBody } from '../../../src/journal/types.ts';
import {
  ACCOUNT,
  at,
  deal,
  entry,
  note,
  openIntent,
  planned,
  stored,
} from '../../support/entries.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const started: EntryBody = {
  kind: 'session.started',
  runId: 'r',
  profile: 'paper',
  ruleSet: 'x',
  initialMinor: '10000000',
  currency: 'USD',
  currencyDigits: 2,
};
const asking = (entries: readonly Entry[]) => {
  const file = join(temporaryDirectory(), 'audit.db');
  const audit = openAuditDb({ file });
  audit.project(stored([entry(started), ...entries]));
  audit.close();
  const queries = openAuditQueries({ file });
  onTestFinished(() => queries.close());
  return queries;
};
const mine = { accountId: ACCOUNT };
const denied = (intentId: string, code: string): EntryBody => ({
  kind: 'order.denied',
  signalId: `s-${intentId}`,
  intentId,
  strategyId: 'x',
  symbol: 'EURUSD',
  code,
  detail: '',
  signal: {
    type: 'open',
    side: 'buy',
    kind: 'market',
    stopDistance: points(10),
    leg: 0,
    reason: '',
  },
});
const moved = (intentId: string, state: string): EntryBody => ({
  kind: 'order.state',
  intentId,
  state,
});
const booked = (ticket: string, change: Parameters<typeof deal>[1]): EntryBody => ({
  kind: 'deal.booked',
  intentId: null,
  deal: deal(ticket, { positionTicket: `7${ticket}`, ...change }),
});

describe('the questions of a session summary', () => {
  it('counts orders by state and denials by code, for one account and from an instant on', () => {
    const queries = asking([
      entry(planned(openIntent('i1')), 1_000),
      entry(moved('i1', 'filled'), 1_001),
      entry(planned(openIntent('i2')), 2_000),
      entry(denied('i3', 'DAILY_FLOOR'), 3_000),
      entry(denied('i4', 'DAILY_FLOOR'), 4_000),
      entry(denied('i5', 'NO_STOP'), 5_000),
      entry(denied('i6', 'NO_STOP'), 5_000, 'account.2'),
    ]);
    expect(queries.orderCounts(mine)).toEqual({ denied: 3, filled: 1, planned: 1 });
    expect(queries.denialCounts(mine)).toEqual({ DAILY_FLOOR: 2, NO_STOP: 1 });
    expect(queries.denialCounts({ ...mine, fromMs: at(4_000) })).toEqual({
      DAILY_FLOOR: 1,
      NO_STOP: 1,
    });
    expect(queries.orderCounts({ accountId: 'account.3' })).toEqual({});
  });

  it('counts a repeated signal once', () => {
    const raised = (signalId: string, offsetMs: number) =>
      entry(
        {
          kind: 'signal.raised',
          signalId,
          strategyId: 'x',
          symbol: 'EURUSD',
          barAt: at(0),
          signal: { type: 'close', leg: 0, reason: '' },
        },
        offsetMs,
      );
    const queries = asking([raised('s1', 1_000), raised('s1', 2_000), raised('s2', 3_000)]);
    expect(queries.signalCount(mine)).toBe(2);
    expect(queries.signalCount({ ...mine, fromMs: at(2_500) })).toBe(1);
  });

  it('adds money up exactly, deposits apart', () => {
    const huge = 9_007_199_254_740_993n;
    const queries = asking([
      entry(booked('1', { profit: minor(huge), commission: minor(-35n), swap: minor(-2n) })),
      entry(booked('2', { profit: minor(1n), commission: minor(-35n) })),
      entry(booked('3', { entry: 'balance', profit: minor(10_000_000n), commission: minor(0n) })),
    ]);
    const totals = queries.totals(mine);
    expect(totals).toEqual({
      deals: 2,
      gross: huge + 1n,
      commission: -70n,
      swap: -2n,
      costs: -72n,
      net: huge + 1n - 72n,
    });
    expect(queries.money(ACCOUNT, totals.costs)).toBe('-0.72');
    expect(queries.accounts()).toEqual([ACCOUNT]);
  });

  it('lists trades oldest first, by state when asked', () => {
    const queries = asking([
      entry(booked('2', { at: at(2_000) })),
      entry(booked('1', { at: at(1_000) })),
      entry(booked('3', { positionTicket: '71', entry: 'out', side: 'sell', at: at(3_000) })),
    ]);
    const tickets = (states?: readonly ('open' | 'closed')[]) =>
      queries.trades({ ...mine, ...(states && { states }) }).map((row) => row.position_ticket);
    expect(tickets()).toEqual(['71', '72']);
    expect(tickets(['open'])).toEqual(['72']);
    expect(tickets(['closed'])).toEqual(['71']);
  });

  it('gives the newest events, signals and orders, oldest first', () => {
    const queries = asking([
      ...['a', 'b', 'c'].map((code, index) => entry(note(code), 1_000 + index)),
      ...['i1', 'i2', 'i3'].map((id, index) => entry(planned(openIntent(id)), 2_000 + index)),
    ]);
    expect(queries.lastEvents(mine, 2).map((row) => row.code)).toEqual(['b', 'c']);
    expect(queries.lastOrders(mine, 2).map((row) => row.intent_id)).toEqual(['i2', 'i3']);
    expect(queries.lastSignals(mine, 2)).toEqual([]);
  });

  it('draws the equity curve from the snapshots', () => {
    const snapshot = (equityMinor: string): EntryBody => ({
      kind: 'account.snapshot',
      balanceMinor: '10000000',
      equityMinor,
      marginMinor: '0',
      dailyFloorMinor: '9500000',
      totalFloorMinor: '9000000',
    });
    const queries = asking([entry(snapshot('10000000'), 1_000), entry(snapshot('9999950'), 2_000)]);
    expect(queries.equityCurve({ ...mine, fromMs: at(1_500) })).toEqual([
      { at: '2014-05-01T00:00:02.000Z', balance: '100000.00', equity: '99999.50' },
    ]);
  });

  it('refuses a missing database instead of answering nothing', () => {
    const file = join(temporaryDirectory(), 'audit.db');
    expect(() => openAuditQueries({ file })).toThrow('There is no audit database here');
  });
});
