import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../../src/domain/units.ts';
import { WIRE_LIMITS } from '../../../../src/mt5/wire/limits.ts';
import { createMalformedReports } from '../../../../src/mt5/wire/malformed-reports.ts';

const bad = { error: 'malformed', detail: 'x' } as const;
const setUp = () => {
  let now = 1_000;
  const lines: string[] = [];
  const reports = createMalformedReports({
    now: () => epochMs(now),
    report: (identity, { count, total }) => lines.push(`${identity} ${count}/${total}`),
  });
  return { lines, reports, pass: (ms: number) => (now += ms) };
};

describe('reports of malformed messages', () => {
  it('come at once, then once a minute with what was counted meanwhile', () => {
    const { lines, reports, pass } = setUp();
    for (let i = 0; i < 5; i += 1) reports.note('a', bad);
    pass(59_999);
    reports.note('a', bad);
    expect(lines).toEqual(['a 1/1']);
    pass(1);
    reports.note('a', bad);
    expect(lines).toEqual(['a 1/1', 'a 6/7']);
  });

  it('of one peer do not silence those of another', () => {
    const { lines, reports } = setUp();
    reports.note('a', bad);
    reports.note('b', bad);
    expect(lines).toEqual(['a 1/1', 'b 1/1']);
    expect([reports.count('a'), reports.count('b'), reports.count('c'), reports.count()]).toEqual([
      1, 1, 0, 2,
    ]);
  });

  it('forget the peer that was quiet longest when there are too many', () => {
    const { reports } = setUp();
    reports.note('first', bad);
    reports.note('second', bad);
    reports.note('first', bad);
    for (let i = 0; i < WIRE_LIMITS.countedPeers - 1; i += 1) reports.note(`peer-${i}`, bad);
    expect([reports.count('first'), reports.count('second')]).toEqual([2, 0]);
    expect(reports.count()).toBe(WIRE_LIMITS.countedPeers + 2);
  });
});
