import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { replayScenario } from './otp-driver.ts';
import { readScenarios } from './scenario-file.ts';

const fixture = fileURLToPath(new URL('./otp-25.2.3-part.jsonl.gz', import.meta.url));

describe('the supervisor against traces of OTP 25.2.3', () => {
  const scenarios = readScenarios(fixture);

  it('has a fixture that covers every group strategy, verb and way to end', () => {
    const text = JSON.stringify(scenarios);
    const needles = ['one_for_one', 'one_for_all', 'rest_for_one', 'any_significant', 'sup_exit'];
    const verbs = ['start_child', 'restart_child', 'terminate_child', 'delete_child', 'kill'];
    const replies = ['error:refused', 'error:already_present', 'ok:undefined', 'start_ignored'];
    expect(scenarios.length).toBe(300);
    for (const needle of [...needles, ...verbs, ...replies]) expect(text).toContain(needle);
  });

  it('gives the replies, traces, listings and counts that OTP gave', async () => {
    const differences: string[] = [];
    for (const scenario of scenarios) {
      const difference = await replayScenario(scenario);
      if (difference !== undefined) differences.push(difference);
    }
    expect(differences).toEqual([]);
  });

  it('reports a scenario whose recorded answer differs', async () => {
    const [first] = scenarios;
    if (first === undefined) throw new Error('the fixture is empty');
    const forged = { ...first, init: { ...first.init, trace: [['start', 'nobody', 1]] } };
    expect(await replayScenario(forged)).toContain(`scenario ${first.n}`);
  });
});
