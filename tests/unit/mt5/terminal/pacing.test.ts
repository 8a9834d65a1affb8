import { describe, expect, it } from 'vitest';
import { Pacer } from '../../../../src/mt5/terminal/pacing.ts';

const wallOf = (pacer: Pacer, sessionMs: number, gap?: Parameters<Pacer['sent']>[2]): number => {
  let wall = 1_000;
  for (let done = 0; done < sessionMs; ) {
    const slice = Math.min(pacer.sliceMs(gap), sessionMs - done);
    pacer.sent(wall, slice, gap);
    done += slice;
    wall += pacer.waitMs(wall);
  }
  return wall - 1_000;
};

describe('pacing', () => {
  it('takes a session second per wall second at speed 1, in slices of 250 ms', () => {
    expect(new Pacer(1).sliceMs(undefined)).toBe(250);
    expect(wallOf(new Pacer(1), 60_000)).toBeGreaterThanOrEqual(59_750);
    expect(wallOf(new Pacer(1), 60_000)).toBeLessThanOrEqual(60_000);
  });

  it('divides wall time by the speed', () => {
    expect(wallOf(new Pacer(60), 3_600_000)).toBeGreaterThan(59_700);
    expect(wallOf(new Pacer(60), 3_600_000)).toBeLessThanOrEqual(60_000);
  });

  it('waits for nothing at full speed', () => {
    const pacer = new Pacer('max');
    pacer.sent(0, 1e9, undefined);
    expect(pacer.waitMs(0)).toBe(0);
    expect(pacer.sliceMs(undefined)).toBe(Number.POSITIVE_INFINITY);
  });

  it('crosses a weekend in two seconds, visibly', () => {
    const toMs = 49 * 3_600_000;
    const gap = { fromMs: 0, toMs, closed: true };
    const wall = wallOf(new Pacer(1), toMs, gap);
    expect(wall).toBeGreaterThan(1_700);
    expect(wall).toBeLessThanOrEqual(2_000);
    expect(new Pacer(1).sliceMs(gap)).toBe(toMs / 8);
  });

  it('does not rush a quiet minute of an open market', () => {
    expect(new Pacer(1).sliceMs({ fromMs: 0, toMs: 60_000, closed: false })).toBe(250);
  });

  it('does not make up for a runtime that was slow', () => {
    const pacer = new Pacer(1);
    pacer.sent(0, 250, undefined);
    pacer.sent(10_000, 250, undefined);
    expect(pacer.waitMs(10_000)).toBe(0);
    pacer.sent(10_000, 250, undefined);
    expect(pacer.waitMs(10_000)).toBe(250);
  });
});
