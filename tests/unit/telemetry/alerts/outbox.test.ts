import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openOutbox, retryDelayMs } from '../../../../src/telemetry/alerts/outbox.ts';
import { ALERT_LIMITS, type Alert } from '../../../../src/telemetry/alerts/types.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const alert = (text: string): Alert => ({
  key: text,
  severity: 'error',
  code: 'c',
  text,
  at: 0,
  account: '1',
});

describe('the outbox', () => {
  it('keeps what was not delivered over a restart, in order, for each channel', () => {
    const file = join(temporaryDirectory(), 'alerts.db');
    const before = openOutbox({ file });
    before.add('a', alert('first'), 0);
    before.add('a', alert('second'), 0);
    before.add('b', alert('third'), 0);
    before.close();
    const after = openOutbox({ file });
    expect(after.depth()).toBe(3);
    const first = after.next('a', 0);
    expect(first?.alert).toEqual(alert('first'));
    after.delivered(first?.id ?? -1);
    expect(after.next('a', 0)?.alert.text).toBe('second');
    expect(after.next('b', 0)?.alert.text).toBe('third');
    after.close();
  });

  it('tries again ever later, and gives up after a day', () => {
    const outbox = openOutbox({ file: join(temporaryDirectory(), 'alerts.db') });
    outbox.add('a', alert('x'), 0);
    const first = outbox.next('a', 0);
    if (first === undefined) throw new Error('nothing waits');
    expect(outbox.failed(first, 0)).toBe(false);
    expect(outbox.next('a', ALERT_LIMITS.retryInitialMs - 1)).toBeUndefined();
    const again = outbox.next('a', ALERT_LIMITS.retryInitialMs);
    expect(again?.attempts).toBe(1);
    expect(again !== undefined && outbox.failed(again, ALERT_LIMITS.keptMs)).toBe(true);
    expect(outbox.depth()).toBe(0);
    outbox.close();
    expect([0, 1, 5, 40].map(retryDelayMs)).toEqual([1_000, 2_000, 32_000, 300_000]);
  });

  it('gives up the oldest when there are too many', () => {
    const outbox = openOutbox({ file: join(temporaryDirectory(), 'alerts.db') });
    for (let n = 0; n < ALERT_LIMITS.outboxRows + 5; n += 1) outbox.add('a', alert(`${n}`), 0);
    expect(outbox.depth()).toBe(ALERT_LIMITS.outboxRows);
    expect(outbox.next('a', 0)?.alert.text).toBe('5');
    outbox.close();
  });
});
