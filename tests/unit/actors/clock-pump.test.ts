import { describe, expect, it } from 'vitest';
import { createClockPump } from '../../../src/actors/clock-pump.ts';
import { createVirtualClock } from '../../../src/actors/kernel/virtual-clock.ts';

/** A system whose work takes a few turns of the event loop: `quiescent` waits for all of it. */
const busyWorld = (startMs = 1_000) => {
  const clock = createVirtualClock(startMs);
  const log: string[] = [];
  let pending = 0;
  const work = (name: string, turns = 3): void => {
    pending += 1;
    const step = async (): Promise<void> => {
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      log.push(`${name}@${clock.now()}`);
      pending -= 1;
    };
    void step();
  };
  const quiescent = async (): Promise<void> => {
    while (pending > 0) await Promise.resolve();
  };
  return { clock, log, work, pump: createClockPump(clock, quiescent) };
};

describe('the clock pump', () => {
  it('moves time, then settles the stages one after the other', async () => {
    const { clock, log, work, pump } = busyWorld();
    work('before', 10);
    await pump.run({
      clockSeq: 1,
      toMs: 2_000,
      stages: [() => work('prices', 20), () => work('fills', 10), () => work('decisions')],
    });
    expect(log).toEqual(['before@1000', 'prices@2000', 'fills@2000', 'decisions@2000']);
    expect([clock.now(), pump.settledSeq()]).toEqual([2_000, 1]);
  });

  it('fires what falls due on the way at its own instant, and waits for what it causes', async () => {
    const { clock, log, work, pump } = busyWorld();
    clock.schedule(300, () => {
      work('first', 20);
      clock.schedule(100, () => work('chained'));
    });
    clock.schedule(600, () => work('second'));
    await pump.run({ clockSeq: 1, toMs: 2_000, stages: [() => work('stage')] });
    expect(log).toEqual(['first@1300', 'chained@1400', 'second@1600', 'stage@2000']);
  });

  it('does an advance that is told twice once', async () => {
    const { log, work, pump } = busyWorld();
    const advance = { clockSeq: 4, toMs: 2_000, stages: [() => work('stage')] };
    await pump.run(advance);
    await pump.run(advance);
    await pump.run({ ...advance, clockSeq: 3, toMs: 1_500 });
    expect(log).toEqual(['stage@2000']);
    expect(pump.settledSeq()).toBe(4);
  });

  it('plays a low number whose time is new: the terminal counts from the beginning', async () => {
    const { log, work, pump } = busyWorld();
    await pump.run({ clockSeq: 4, toMs: 2_000, stages: [() => work('fourth')] });
    const first = { clockSeq: 1, toMs: 3_000, stages: [() => work('first')] };
    await pump.run(first);
    await pump.run(first);
    expect(log).toEqual(['fourth@2000', 'first@3000']);
    expect(pump.settledSeq()).toBe(1);
  });

  it('refuses time that goes back, and settles nothing by it', async () => {
    const { log, work, pump } = busyWorld();
    await pump.run({ clockSeq: 1, toMs: 2_000, stages: [] });
    const back = pump.run({ clockSeq: 2, toMs: 1_999, stages: [() => work('never')] });
    await expect(back).rejects.toThrow(RangeError);
    expect([pump.settledSeq(), log]).toEqual([1, []]);
  });

  it('rejects when a stage throws, and does not count the instant as over', async () => {
    const { pump } = busyWorld();
    const broken = pump.run({
      clockSeq: 1,
      toMs: 2_000,
      stages: [
        () => {
          throw new Error('broken batch');
        },
      ],
    });
    await expect(broken).rejects.toThrow('broken batch');
    expect(pump.settledSeq()).toBe(0);
  });
});
