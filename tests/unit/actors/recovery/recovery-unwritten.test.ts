import { describe, expect, it } from 'vitest';
import { NOW } from '../../../support/guard-fixtures.ts';
import { RecoveryBench } from '../../../support/recovery-bench.ts';
import { Venue } from '../../../support/venue-by-hand.ts';

const LOGIN = '5012345';
const unwritten = (code: string) =>
  ({
    kind: 'event',
    severity: 'warning',
    code,
    detail: '',
    accountId: LOGIN,
    at: NOW,
  }) as const;
const failed = (code: string) =>
  ({ type: 'journal.failed', reason: 'the disk is full', entries: [unwritten(code)] }) as const;

describe('recovery without a journal', () => {
  it('lives on, holds what opens risk, and writes down later what it could not', async () => {
    const bench = await RecoveryBench.start({ venue: new Venue() });
    await bench.tell('recovery', failed('recovery.drift'));
    await bench.tell('recovery', failed('recovery.stopMoved'));
    expect(bench.guard).toMatchObject({ mode: 'halted', holds: ['journal'] });
    expect(bench.codes()).toEqual([]);
    await bench.wait(1_000);
    expect(bench.codes()).toEqual(['journal.failed', 'recovery.drift', 'recovery.stopMoved']);
    expect(bench.guard).toMatchObject({ mode: 'active', gateOpen: true });
    await bench.link();
    expect(bench.codes()).toHaveLength(3);
  });

  it('takes a comparison that had nothing to write for no proof that the journal works again', async () => {
    const bench = await RecoveryBench.start({ venue: new Venue() });
    await bench.tell('guard', { type: 'journal.failed', reason: 'the disk is full' });
    await bench.link();
    expect(bench.guard).toMatchObject({ mode: 'halted', gateOpen: true, holds: ['journal'] });
    await bench.wait(1_000);
    expect(bench.guard).toMatchObject({ mode: 'active', holds: [] });
  });
});
