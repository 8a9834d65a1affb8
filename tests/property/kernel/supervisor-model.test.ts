import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { replayScenario, type Scenario } from '../../conformance/supervisor/otp-driver.ts';
import { readScenarios } from '../../conformance/supervisor/scenario-file.ts';
import { type Op, OtpModel, type Setup } from '../../support/otp-model.ts';
import { fc } from '../../support/property-seed.ts';

const fixture = new URL('../../conformance/supervisor/otp-25.2.3-part.jsonl.gz', import.meta.url);
const id = fc.constantFrom('c1', 'c2', 'c3', 'c4');

const setup = (strategy: fc.Arbitrary<Setup['strategy']>): fc.Arbitrary<Setup> =>
  fc
    .record({
      strategy,
      intensity: fc.integer({ min: 0, max: 4 }),
      auto_shutdown: fc.constantFrom<Setup['auto_shutdown'][]>(
        'never',
        'any_significant',
        'all_significant',
      ),
      kinds: fc.array(
        fc.record({
          restart: fc.constantFrom<Setup['children'][number]['restart'][]>(
            'permanent',
            'transient',
            'temporary',
          ),
          significant: fc.boolean(),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      fail0: fc.array(fc.tuple(id, fc.constantFrom<(number | 'ignore')[]>(1, 'ignore')), {
        maxLength: 1,
      }),
    })
    .map(({ kinds, ...rest }) => ({
      ...rest,
      n: 0,
      period: 3_600,
      children: kinds.map(({ restart, significant }, index) => ({
        id: `c${index + 1}`,
        restart,
        significant: significant && restart !== 'permanent' && rest.auto_shutdown !== 'never',
      })),
    }));

const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({
    op: fc.constant('exit'),
    id,
    reason: fc.constantFrom('normal', 'shutdown', '{shutdown,x}', 'crash', 'crash'),
  }),
  fc.record({ op: fc.constant('fail_next_starts'), id, n: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    op: fc.constantFrom('kill', 'terminate_child', 'restart_child', 'delete_child', 'start_child'),
    id,
  }),
);

const known = (given: Setup, ops: readonly Op[]): Op[] =>
  ops.filter((one) => given.children.some((child) => child.id === one.id));

describe('the supervisor against an independent model', () => {
  it.each(['one_for_one', 'one_for_all', 'rest_for_one'] as const)(
    'does what the model of %s predicts',
    (strategy) =>
      fc.assert(
        fc.asyncProperty(
          setup(fc.constant(strategy)),
          fc.array(op, { maxLength: 12 }),
          async (given, ops) => {
            const predicted = new OtpModel(given).predict(known(given, ops));
            expect(await replayScenario(predicted)).toBeUndefined();
          },
        ),
        { numRuns: 150 },
      ),
  );

  it('has a model that predicts the recorded traces of OTP itself', () => {
    expect(existsSync(fixture)).toBe(true);
    const scenarios = readScenarios(fixture.pathname);
    const wrong = scenarios.filter((scenario: Scenario) => {
      const ops = (scenario.steps ?? []).map(({ op: verb, id: child, n, reason }) => ({
        op: verb,
        id: child,
        ...(n !== undefined && { n }),
        ...(reason !== undefined && { reason }),
      }));
      const predicted = new OtpModel(scenario).predict(ops);
      return JSON.stringify(canonical(predicted)) !== JSON.stringify(canonical(scenario));
    });
    expect(wrong.map((scenario) => scenario.n)).toEqual([]);
  });
});

/** Field order differs between the recorder and the model. */
const canonical = (scenario: Scenario): unknown => [
  scenario.init.result,
  scenario.init.error,
  scenario.init.trace,
  (scenario.steps ?? []).map((s) => [s.op, s.id, s.reply, s.trace, s.which, s.count, s.sup_exit]),
  scenario.final_stop_trace,
];
