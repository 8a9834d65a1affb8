import { describe, expect, it } from 'vitest';
import { step } from '../../../src/actors/kernel/supervisor-core.ts';
import type { ChildRule, Flags } from '../../../src/actors/kernel/supervisor-spec.ts';
import {
  type CoreCommand,
  type CoreEvent,
  type CoreState,
  initialCore,
  restartsLeft,
} from '../../../src/actors/kernel/supervisor-state.ts';
import { fc } from '../../support/property-seed.ts';

interface Death {
  readonly afterMs: number;
  readonly victim: number;
  readonly abnormal: boolean;
  /** How many of the next starts fail. */
  readonly failures: number;
}

/**
 * A shell without actors: every start and stop is answered at once. Beside the core it keeps a
 * plain list of the instants that have to count, and compares.
 */
class Shell {
  state: CoreState;
  nowMs = 0;
  exhausted = false;
  readonly counted: number[] = [];
  private failures = 0;
  private readonly up = new Map<string, number>();
  private readonly retries: Extract<CoreCommand, { type: 'retry' }>[] = [];
  private readonly flags: Flags;
  private readonly rules: readonly ChildRule[];

  constructor(flags: Flags, rules: readonly ChildRule[]) {
    this.flags = flags;
    this.rules = rules;
    this.state = initialCore(flags, rules);
    this.feed({ type: 'boot' });
  }

  die({ afterMs, victim, abnormal, failures }: Death): void {
    this.nowMs += afterMs;
    const rule = this.rules[victim % this.rules.length];
    const pid = rule && this.up.get(rule.id);
    if (rule === undefined || pid === undefined || this.state.ended) return;
    this.failures = failures;
    this.up.delete(rule.id);
    const again = rule.restart === 'permanent' || (rule.restart === 'transient' && abnormal);
    const reason = abnormal ? { type: 'crash', message: 'x' } : { type: 'normal' };
    this.expectDecision(again, { type: 'exited', id: rule.id, pid, reason } as CoreEvent);
    for (let retry = this.retries.shift(); retry !== undefined; retry = this.retries.shift()) {
      this.expectDecision(true, { type: 'retry', id: retry.id, ticket: retry.ticket });
    }
  }

  /** The rule of S4, said once more: more than `intensity` entries inside the period end it. */
  private expectDecision(counts: boolean, event: CoreEvent): void {
    if (counts) this.counted.push(this.nowMs);
    const inside = this.counted.filter((atMs) => this.nowMs - atMs <= this.flags.periodMs);
    this.feed(event);
    expect(this.exhausted).toBe(counts && inside.length > this.flags.intensity);
    if (!this.exhausted) {
      expect(restartsLeft(this.state, this.nowMs)).toBe(this.flags.intensity - inside.length);
    }
  }

  private feed(event: CoreEvent): void {
    const { state, commands } = step(this.state, event, this.nowMs);
    this.state = state;
    for (const command of commands) this.carryOut(command);
  }

  private carryOut(command: CoreCommand): void {
    if (command.type === 'start') {
      const { id, pid } = command;
      if (this.failures > 0) {
        this.failures -= 1;
        this.feed({ type: 'failed', id, pid, reason: { type: 'crash', message: 'no' } });
      } else {
        this.up.set(id, pid);
        this.feed({ type: 'started', id, pid });
      }
    } else if (command.type === 'stop') {
      const { id, pid } = command;
      this.up.delete(id);
      this.feed({ type: 'exited', id, pid, reason: { type: 'shutdown' } });
    } else if (command.type === 'retry') this.retries.push(command);
    else if (command.type === 'exhausted') this.exhausted = true;
  }
}

const flags: fc.Arbitrary<Flags> = fc.record({
  strategy: fc.constantFrom<Flags['strategy'][]>('one_for_one', 'one_for_all', 'rest_for_one'),
  intensity: fc.integer({ min: 0, max: 5 }),
  periodMs: fc.constantFrom(1, 100, 1_000),
  autoShutdown: fc.constant<Flags['autoShutdown']>('never'),
  onExhausted: fc.constantFrom<Flags['onExhausted'][]>('exit', 'park'),
  honourAdministrativelyDown: fc.boolean(),
});

const rules: fc.Arbitrary<ChildRule[]> = fc
  .array(fc.constantFrom<ChildRule['restart'][]>('permanent', 'transient', 'temporary'), {
    minLength: 1,
    maxLength: 4,
  })
  .map((kinds) =>
    kinds.map((restart, index) => ({
      id: `c${index}`,
      type: 'worker',
      restart,
      shutdown: 1_000,
      significant: false,
      backoff: undefined,
    })),
  );

const deaths: fc.Arbitrary<Death[]> = fc.array(
  fc.record({
    afterMs: fc.constantFrom(0, 1, 50, 99, 100, 101, 500, 1_000, 1_001),
    victim: fc.nat({ max: 3 }),
    abnormal: fc.boolean(),
    failures: fc.constantFrom(0, 0, 0, 1, 2),
  }),
  { maxLength: 40 },
);

describe('the restart window', () => {
  it('S4: restarts as long as the period holds no more entries than the intensity', () => {
    fc.assert(
      fc.property(flags, rules, deaths, (given, children, story) => {
        const shell = new Shell(given, children);
        for (const death of story) {
          if (shell.exhausted) break;
          shell.die(death);
        }
      }),
      { numRuns: 500 },
    );
  });
});
