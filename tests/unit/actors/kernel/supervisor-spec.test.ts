import { describe, expect, it } from 'vitest';
import {
  SPEC_ERRORS,
  type SpecErrorCode,
  SupervisorSpecError,
  validateSupervisor,
} from '../../../../src/actors/kernel/supervisor-spec.ts';
import type { ChildSpec, SupervisorSpec } from '../../../../src/actors/kernel/types.ts';
import { recorder, worker } from '../../../support/kernel-world.ts';

const child = (rest: object = {}): ChildSpec =>
  ({ ...worker('a', () => recorder([])), ...rest }) as ChildSpec;
const spec = (rest: object): SupervisorSpec => ({ children: [], ...rest }) as SupervisorSpec;
const withChild = (rest: object): SupervisorSpec => spec({ children: [child(rest)] });
const mailbox = { capacity: 0, overflow: { type: 'reject' } };

const WRONG: Readonly<Record<SpecErrorCode, SupervisorSpec>> = {
  invalid_strategy: spec({ strategy: 'all_for_none' }),
  invalid_intensity: spec({ intensity: -1 }),
  invalid_period: spec({ periodMs: 0 }),
  invalid_auto_shutdown: spec({ autoShutdown: 'sometimes' }),
  invalid_on_exhausted: spec({ onExhausted: 'shrug' }),
  invalid_child_id: withChild({ id: 'a.b' }),
  duplicate_child_id: spec({ children: [child(), child()] }),
  invalid_child_type: withChild({ type: 'helper' }),
  invalid_start: withChild({ start: 'later' }),
  invalid_restart: withChild({ restart: 'perhaps' }),
  invalid_shutdown: withChild({ shutdown: -5 }),
  invalid_significant: withChild({ significant: 'very' }),
  invalid_backoff: withChild({ backoff: { initialMs: 10, maxMs: 5, healthyAfterMs: 1 } }),
  invalid_mailbox: withChild({ mailbox }),
  significant_without_auto_shutdown: withChild({ restart: 'transient', significant: true }),
  significant_permanent: spec({
    autoShutdown: 'any_significant',
    children: [child({ significant: true })],
  }),
  simple_needs_one_template: spec({ strategy: 'simple_one_for_one' }),
};

const codeOf = (wrong: SupervisorSpec): string => {
  try {
    validateSupervisor(wrong, '');
  } catch (error) {
    if (error instanceof SupervisorSpecError) return error.code;
    throw error;
  }
  return 'accepted';
};

describe('a supervisor spec', () => {
  it.each(SPEC_ERRORS)('is refused with %s', (code) => {
    expect(codeOf(WRONG[code])).toBe(code);
    const nested = spec({
      children: [{ id: 'n', type: 'supervisor', supervisor: WRONG[code] }],
    });
    expect(codeOf(nested)).toBe(code);
  });

  it('is accepted with every value at its edge', () => {
    const edge = spec({
      strategy: 'rest_for_one',
      intensity: 0,
      periodMs: 1,
      autoShutdown: 'all_significant',
      children: [child({ id: 'a:b', restart: 'temporary', significant: true, shutdown: 0 })],
    });
    expect(codeOf(edge)).toBe('accepted');
  });
});
