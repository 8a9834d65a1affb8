import { describe, expect, it } from 'vitest';
import { judgeAlert, type PolicyState, QUIET } from '../../../../src/telemetry/alerts/policy.ts';
import { ALERT_LIMITS, type Alert } from '../../../../src/telemetry/alerts/types.ts';

const alert = (change: Partial<Alert> = {}): Alert => ({
  key: 'k',
  severity: 'error',
  code: 'c',
  text: 'something happened',
  at: 0,
  account: '1',
  ...change,
});
const START = 1_800_000_000_000;
const teller = (least: Alert['severity'] = 'info') => {
  let state: PolicyState = QUIET;
  return (one: Alert, afterMs = 0): readonly string[] => {
    const judged = judgeAlert(state, one, { now: START + afterMs, least });
    state = judged.state;
    return judged.send.map(({ text }) => text);
  };
};

describe('the alert policy', () => {
  it('sends nothing that is milder than asked for', () => {
    const tell = teller('warning');
    expect(tell(alert({ severity: 'info' }))).toEqual([]);
    expect(tell(alert({ severity: 'warning' }))).toHaveLength(1);
  });

  it('tells the same thing once in five minutes, and then how often it came', () => {
    const tell = teller();
    expect(tell(alert())).toEqual(['something happened']);
    expect(tell(alert(), 1_000)).toEqual([]);
    expect(tell(alert(), ALERT_LIMITS.repeatMs - 1)).toEqual([]);
    expect(tell(alert(), ALERT_LIMITS.repeatMs)).toEqual([
      'something happened (and 2 times before)',
    ]);
    expect(tell(alert({ key: 'other' }), ALERT_LIMITS.repeatMs)).toHaveLength(1);
  });

  it('sends twenty a minute, and one line about those that were too many', () => {
    const tell = teller();
    const sent = Array.from({ length: 50 }, (_, n) => tell(alert({ key: `k${n}` }), n)).flat();
    expect(sent).toHaveLength(ALERT_LIMITS.perMinute);
    const next = tell(alert({ key: 'later' }), 60_000);
    expect(next).toEqual([
      '30 more alerts within a minute were not sent; see the events.',
      'something happened',
    ]);
  });

  it('cuts what is too long', () => {
    expect(teller()(alert({ text: 'x'.repeat(5_000) }))[0]).toHaveLength(ALERT_LIMITS.textLength);
  });
});
