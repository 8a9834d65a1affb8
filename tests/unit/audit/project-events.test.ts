import { describe, expect, it } from 'vitest';
import { dumpDatabase } from '../../support/audit-dump.ts';
import { KNOWN, projected } from '../../support/projected-audit.ts';

describe('events and snapshots', () => {
  it('tells each event in words, without what names the process', () => {
    const { file, table } = projected(
      ...KNOWN,
      { kind: 'epoch.claimed', epoch: 4, instance: 'pid-4711' },
      { kind: 'day.anchored', day: '2014-05-01', anchorMinor: '10000000', source: 'observed' },
      { kind: 'mode.changed', from: 'normal', to: 'halted', reason: 'operator' },
      {
        kind: 'recovery.completed',
        hash: 'hash-of-snapshot',
        counts: { positions: 1, deals: 2 },
        actions: ['booked deal 7'],
      },
      { kind: 'event', severity: 'warning', code: 'link.lost', detail: 'silence', path: 'a.b' },
      { kind: 'session.ended', runId: 'run-of-this-process', reason: 'end of data' },
    );
    expect(table('events').map((row) => [row['severity'], row['code'], row['detail']])).toEqual([
      ['info', 'session.started', 'paper, rules ftmo-2step-p1, initial 100000.00 USD'],
      ['info', 'epoch.claimed', 'epoch 4'],
      ['info', 'day.anchored', '2014-05-01: anchor 100000.00, observed'],
      ['info', 'mode.halted', 'from normal: operator'],
      ['info', 'recovery.completed', '2 deals, 1 positions; booked deal 7'],
      ['warning', 'link.lost', 'silence'],
      ['info', 'session.ended', 'end of data'],
    ]);
    const { projection_cursor: _cursor, ...tables } = dumpDatabase(file);
    expect(JSON.stringify(tables)).not.toMatch(/run-of-this-process|pid-4711|hash-of-snapshot/);
  });

  it('shows a snapshot with floating result and headroom to both floors', () => {
    const { table } = projected(...KNOWN, {
      kind: 'account.snapshot',
      balanceMinor: '10000000',
      equityMinor: '9950050',
      marginMinor: '12345',
      dailyFloorMinor: '9500000',
      totalFloorMinor: '9000000',
    });
    expect(table('account_snapshots')).toMatchObject([
      {
        at: '2014-05-01T00:00:02.000Z',
        balance: '100000.00',
        equity: '99500.50',
        floating: '-499.50',
        margin: '123.45',
        daily_floor: '95000.00',
        total_floor: '90000.00',
        daily_headroom: '4500.50',
        total_headroom: '9500.50',
      },
    ]);
  });
});
