import { describe, expect, it } from 'vitest';
import { createMetrics, METRICS } from '../../../src/telemetry/metrics.ts';

describe('the metrics', () => {
  it('end in their unit: counters in _total, times in _seconds', () => {
    for (const [name, { type }] of Object.entries(METRICS)) {
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      if (/time|age|latency/.test(name)) expect(name).toMatch(/_seconds$/);
    }
  });

  it('count, set and observe by name, and refuse a name of another type', async () => {
    const metrics = createMetrics();
    metrics.add('bulwark_denials_total', { code: 'MARGIN' });
    metrics.add('bulwark_denials_total', { code: 'MARGIN' }, 2);
    metrics.set('bulwark_account_equity', 100.5, { account: '1' });
    metrics.observe('bulwark_order_latency_seconds', 0.25, { type: 'open' });
    const text = await metrics.text();
    expect(text).toContain('bulwark_denials_total{code="MARGIN"} 3');
    expect(text).toContain('bulwark_account_equity{account="1"} 100.5');
    expect(text).toContain('bulwark_order_latency_seconds_bucket{le="0.25",type="open"} 1');
    expect(() => metrics.add('bulwark_account_equity')).toThrow(TypeError);
    expect(() => metrics.set('bulwark_denials_total', 1)).toThrow(TypeError);
  });

  it('forget label sets that came and went', async () => {
    const metrics = createMetrics();
    metrics.set('bulwark_mailbox_depth', 1, { path: 'a' });
    metrics.clear('bulwark_mailbox_depth');
    metrics.set('bulwark_mailbox_depth', 2, { path: 'b' });
    const text = await metrics.text();
    expect(text).not.toContain('path="a"');
    expect(text).toContain('bulwark_mailbox_depth{path="b"} 2');
  });
});
