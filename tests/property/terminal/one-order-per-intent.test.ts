import { describe, expect, it } from 'vitest';
import { fc } from '../../support/property-seed.ts';
import type { Quote } from '../../support/scripted-market.ts';
import { scriptedMarket, ticksOf } from '../../support/scripted-market.ts';
import { TerminalBench } from '../../support/terminal-bench.ts';

/**
 * S9: at most one broker order per intent, whatever is repeated and whoever is killed in between.
 * The controller behaves at its worst inside the protocol: it sends any attempt of any intent again,
 * at any time; the terminal is killed between any two messages, with its log as it was written.
 */
const SEED = 20_240_213;
const RUNS = 300;
const INTENTS = 3;
const FIRST_MAGIC = 281_474_976_710_657n;
const quotes: readonly Quote[] = Array.from({ length: 400 }, (_, at) => [
  at * 1000,
  130_000 + (at % 7),
]);

type Step =
  | { readonly type: 'send'; readonly intent: number; readonly attempt: number }
  | { readonly type: 'advance' }
  /** An advance that the controller never confirmed. */
  | { readonly type: 'advanceUnconfirmed' }
  | { readonly type: 'kill' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('send' as const),
      intent: fc.integer({ min: 0, max: INTENTS - 1 }),
      attempt: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ type: 'advance' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'advanceUnconfirmed' as const }) },
  { weight: 3, arbitrary: fc.constant({ type: 'kill' as const }) },
);

const marketOf = () => scriptedMarket(ticksOf(quotes));
const magicOf = (intent: number): string => (FIRST_MAGIC + BigInt(intent)).toString();

/** Ticks move one at a time, so that a kill can fall between accepting and executing. */
const play = (steps: readonly Step[]): { terminal: TerminalBench; kills: number } => {
  let terminal = new TerminalBench({ market: marketOf() }).start();
  let kills = 0;
  for (const move of steps) {
    if (move.type === 'send') {
      const { intent, attempt } = move;
      terminal.order({ intent: `I${intent}`, attempt, magic: magicOf(intent), volume: '0.1' });
    } else if (move.type === 'kill') {
      kills += 1;
      terminal = new TerminalBench({ market: marketOf(), records: terminal.log }).start();
    } else {
      terminal.advance({ maxTicks: 1, confirm: move.type === 'advance' });
    }
  }
  return { terminal, kills };
};

describe(`one order per intent (S9), seed ${SEED}`, () => {
  it('places no intent twice, over any repetition and any kill', () => {
    let executed = 0;
    let killed = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const { terminal, kills } = play(steps);
        terminal.advance();
        killed += kills;
        const { positions } = terminal.model.engine.state;
        const magics = [...positions.values()].map(({ magic }) => magic);
        executed += magics.length;
        expect(magics).toHaveLength(new Set(magics).size);
        const wanted = steps.flatMap((move) =>
          move.type === 'send' ? [magicOf(move.intent)] : [],
        );
        for (const magic of magics) expect(wanted).toContain(magic);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    // A property about orders that are never placed, or about kills that never come, shows nothing.
    expect(executed).toBeGreaterThan(RUNS / 2);
    expect(killed).toBeGreaterThan(RUNS);
  });
});
