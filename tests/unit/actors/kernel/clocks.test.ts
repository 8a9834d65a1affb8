import { describe, expect, it } from 'vitest';
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
  ambientStopwatch,
} from '../../../../src/actors/kernel/ambient-clock.ts';
import { createSeededRandom } from '../../../../src/actors/kernel/seeded-random.ts';
import { createVirtualClock } from '../../../../src/actors/kernel/virtual-clock.ts';

describe('the virtual clock', () => {
  it('fires in order of instant, then of scheduling, each at its own instant', () => {
    const clock = createVirtualClock(1_000);
    const fired: string[] = [];
    const at = (name: string) => () => fired.push(`${name}@${clock.now()}`);
    clock.schedule(20, at('late'));
    clock.schedule(10, at('first'));
    clock.schedule(10, at('second'));
    clock.schedule(30, at('never')).cancel();
    expect([clock.nextDueAt(), clock.pending()]).toEqual([1_010, 3]);
    clock.advanceTo(1_015);
    expect(fired).toEqual(['first@1010', 'second@1010']);
    clock.advanceTo(1_050);
    expect(fired[2]).toBe('late@1020');
    expect([clock.now(), clock.nextDueAt(), clock.pending()]).toEqual([1_050, undefined, 0]);
  });

  it('fires chained timers on the way, and a zero delay never synchronously', () => {
    const clock = createVirtualClock(0);
    const fired: number[] = [];
    const chain = (): void => {
      fired.push(clock.now());
      if (fired.length < 4) clock.schedule(5, chain);
    };
    clock.schedule(0, chain);
    expect(fired).toEqual([]);
    clock.advanceTo(100);
    expect(fired).toEqual([0, 5, 10, 15]);
  });

  it('refuses to move back, and to stand still for ever', () => {
    const clock = createVirtualClock(10);
    expect(() => clock.advanceTo(9)).toThrow(RangeError);
    const rearm = (): void => {
      clock.schedule(0, rearm);
    };
    rearm();
    expect(() => clock.advanceTo(11)).toThrow('for ever');
  });

  it('keeps its order among thousands of timers, cancelled ones left out', () => {
    const clock = createVirtualClock(0);
    const random = createSeededRandom(7);
    const fired: number[] = [];
    for (let i = 0; i < 5_000; i += 1) {
      const delay = Math.floor(random.next() * 1_000);
      const timer = clock.schedule(delay, () => fired.push(clock.now()));
      if (i % 3 === 0) timer.cancel();
    }
    clock.advanceTo(1_000);
    expect(fired).toHaveLength(5_000 - 1_667);
    expect(fired).toEqual(fired.toSorted((a, b) => a - b));
  });
});

describe('the seeded random', () => {
  it('repeats itself for a seed, differs between seeds, and is even enough', () => {
    const draw = (seed: number | string): number[] => {
      const random = createSeededRandom(seed);
      return Array.from({ length: 10_000 }, () => random.next());
    };
    expect(draw(42)).toEqual(draw('42'));
    expect(draw(42).slice(0, 5)).not.toEqual(draw(43).slice(0, 5));
    const buckets = new Array<number>(10).fill(0);
    for (const value of draw('seed')) {
      expect(value >= 0 && value < 1).toBe(true);
      buckets[Math.floor(value * 10)] = (buckets[Math.floor(value * 10)] ?? 0) + 1;
    }
    for (const count of buckets) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});

describe('the ambient ports', () => {
  it('fire timers not before they are due, and not at all once cancelled', async () => {
    const from = ambientStopwatch.elapsedMs();
    let wrong = false;
    ambientClock
      .schedule(1, () => {
        wrong = true;
      })
      .cancel();
    await new Promise<void>((resolve) => ambientClock.schedule(5, resolve));
    expect(ambientStopwatch.elapsedMs() - from).toBeGreaterThanOrEqual(5);
    expect(wrong).toBe(false);
    expect(Math.abs(ambientClock.now() - Date.now())).toBeLessThan(1_000);
  });

  it('defer never synchronously, and draw from [0, 1)', async () => {
    let ran = false;
    const turn = new Promise<void>((resolve) =>
      ambientDefer(() => {
        ran = true;
        resolve();
      }),
    );
    expect(ran).toBe(false);
    await turn;
    const drawn = Array.from({ length: 1_000 }, () => ambientRandom.next());
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(drawn).size).toBe(1_000);
  });
});
