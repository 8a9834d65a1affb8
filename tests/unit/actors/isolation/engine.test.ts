import { describe, expect, it } from 'vitest';
import type {
  EngineAnswer,
  RaisedSignal,
} from '../../../../src/actors/isolation/engine-protocol.ts';
import type { StrategyFault } from '../../../../src/actors/isolation/errors.ts';
import type { Position } from '../../../../src/domain/trading.ts';
import { epochMs } from '../../../../src/domain/units.ts';
import { builtinStrategy } from '../../../../src/strategy/registry.ts';
import {
  minutes,
  position,
  specOf,
  type UserFile,
  userFile,
  walkOf,
  warmUp,
  workshop,
} from '../../../support/strategy-engines.ts';

const SEED = 20_240_208;
const BATCH = 37;
const PLACES = ['inline', 'worker'] as const;
type Place = (typeof PLACES)[number];
const seatsOf = (place: Place): Readonly<Record<string, string>> =>
  place === 'worker' ? { 'a:EURUSD': 'a' } : {};

const signalsOf = (answer: EngineAnswer | undefined): readonly RaisedSignal[] =>
  answer?.type === 'decided' ? answer.signals : [];

/** Positions as if every signal had been filled at once; null where nothing changed. */
const positionsAfter = (answer: EngineAnswer | undefined): readonly Position[] | null => {
  const last = signalsOf(answer).at(-1)?.signal;
  if (last === undefined) return null;
  return last.type === 'open' ? [position('1', last.side)] : [];
};

/** Everything that a built-in answers over a walk, handed over in batches. */
const session = async (place: Place, name: string): Promise<readonly EngineAnswer[]> => {
  const { isolation } = workshop({ seats: seatsOf(place) });
  const params = builtinStrategy(name)?.params;
  const spec = specOf('a:EURUSD', { type: 'builtin', name }, params);
  const engine = isolation.engine(spec, () => undefined);
  await engine.open();
  const ticks = walkOf(SEED, 600);
  const answers = [await warmUp(engine)];
  for (let from = 0; from < ticks.length; from += BATCH) {
    const batch = ticks.slice(from, from + BATCH);
    const positions = positionsAfter(answers.at(-1));
    const holdings = positions === null ? null : { positions, orders: [] };
    const at = batch.at(-1)?.at ?? epochMs(0);
    answers.push(await engine.ask({ type: 'feed', ticks: batch, at, holdings }));
  }
  return answers;
};

describe('an engine', () => {
  it.each(['atr-breakout', 'sma-cross'])(
    `answers the same inline and in a worker: %s, seed ${SEED}`,
    async (name) => {
      const inline = await session('inline', name);
      expect(inline.flatMap(signalsOf).length).toBeGreaterThan(4);
      expect(await session('worker', name)).toEqual(inline);
    },
  );

  it('ignores ticks that its history included, and sends nothing before it is warm', async () => {
    const { isolation } = workshop({});
    const source = userFile('eager', {
      warmupBars: 3,
      onBar: `return { state, signals: [
        { type: 'open', side: 'buy', kind: 'market', stopDistance: 1, leg: 0, reason: '' },
        { type: 'close', leg: 1, reason: 'there is nothing to close' }] };`,
    });
    const engine = isolation.engine(specOf('a:EURUSD', source), () => undefined);
    expect(await engine.open()).toBe(3);
    const ticks = minutes(0, 7);
    expect(await warmUp(engine, ticks[1]?.at)).toEqual({ type: 'warmed', warmupMissing: 3 });
    const at = ticks.at(-1)?.at ?? epochMs(0);
    const answer = await engine.ask({ type: 'feed', ticks, at, holdings: null });
    // Bars of minutes 2 to 5 are complete; three of them warm it up, the fourth is decided on.
    expect(answer).toMatchObject({ bars: 4, warmupMissing: 0 });
    expect(signalsOf(answer)).toMatchObject([{ barAt: ticks[5]?.at, signal: { type: 'open' } }]);
  });

  const FAULTS: readonly [string, UserFile, RegExp][] = [
    ['a throw', { onBar: "throw new RangeError('no');" }, /^onBar at \S+ threw RangeError: no$/],
    ['a thrown text', { onBar: "throw 'no';" }, /^onBar at \S+ threw no$/],
    ['no decision', { onBar: 'return 7;' }, /expected \{ state, signals: \[\] \}/],
    ['a throw on a tick', { onTick: "throw new Error('no');" }, /^onTick at \S+ threw Error: no$/],
    ['a module that throws', { top: "throw new Error('not today');" }, /not today/],
    ['a warm-up that is no number', { warmupBars: Number.NaN }, /warmupBars answered NaN/],
  ];
  for (const place of PLACES) {
    it.each(FAULTS)(`reports %s, ${place}`, async (_, file, message) => {
      const shop = workshop({ seats: seatsOf(place) });
      const run = async (): Promise<void> => {
        const { feed } = await shop.trading(specOf('a:EURUSD', userFile('a', file)));
        await feed(minutes(0, 3));
      };
      const fault = await run().catch((error: unknown) => error as StrategyFault);
      expect(fault).toMatchObject({ reason: 'threw', strategyId: 'a:EURUSD' });
      expect(fault?.message).toMatch(message);
      expect(shop.losses).toEqual([]);
    });

    it(`shows where in the file it broke, ${place}`, async () => {
      const shop = workshop({ seats: seatsOf(place) });
      const source = userFile('broken', { onBar: 'return null.nothing;' });
      const { feed } = await shop.trading(specOf('a:EURUSD', source));
      const fault = await feed(minutes(0, 3)).catch((error: unknown) => error as StrategyFault);
      expect(fault).toMatchObject({ stack: expect.stringMatching(/broken\.mjs/) });
    });
  }

  it.each<[string, Readonly<Record<string, string>>]>([
    ['inline', {}],
    ['in one worker', { 'a:EURUSD': 'shared', 'b:EURUSD': 'shared' }],
  ])('has a module of its own beside other engines of the file, %s', async (_, seats) => {
    const shop = workshop({ seats });
    const counting = userFile('counting', {
      top: 'let seen = 0;',
      onBar: `seen += 1; return { state, signals: [{ type: 'open', side: 'buy', kind: 'market',
        stopDistance: seen, leg: 0, reason: '' }] };`,
    });
    const firstOf = async (strategyId: string, bars: number): Promise<unknown> => {
      const { feed } = await shop.trading(specOf(strategyId, counting));
      return signalsOf(await feed(minutes(0, bars)))[0]?.signal;
    };
    expect(await firstOf('a:EURUSD', 5)).toMatchObject({ stopDistance: 1 });
    expect(await firstOf('b:EURUSD', 2)).toMatchObject({ stopDistance: 1 });
    // A second life of the same strategy begins anew as well.
    expect(await firstOf('a:EURUSD', 2)).toMatchObject({ stopDistance: 1 });
  });
});
