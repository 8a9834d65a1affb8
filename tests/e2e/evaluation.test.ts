import { afterAll, describe, expect, it } from 'vitest';
import type { EvaluationReport } from '../../src/cli/evaluation-command.ts';
import { rowsOf } from '../support/audit-dump.ts';
import { type Finished, STORY, sandbox, until } from '../support/cli-sandbox.ts';
import { easyEvaluation } from '../support/easy-evaluation.ts';

const FIRST = '5012345';
const SECOND = '5012346';

describe('an evaluation on the command line', STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const { flags, rules } = easyEvaluation(box.dir);
  const dataDir = box.path('data');
  const start = (login: string, phase: string) =>
    box.start(['run', ...flags, '--data-dir', dataDir], {
      env: {
        BULWARK_ACCOUNT__LOGIN: login,
        BULWARK_RULES__SET: rules,
        BULWARK_RULES__PHASE: phase,
      },
    });
  const evaluation = (...words: readonly string[]): Promise<Finished> =>
    box.run(['evaluation', ...words, '--data-dir', dataDir]);
  const shown = async (): Promise<EvaluationReport> => {
    const { stdout } = await evaluation('status', '--json');
    const [only] = (JSON.parse(stdout) as { evaluations: EvaluationReport[] }).evaluations;
    if (only === undefined) throw new Error(stdout);
    return only;
  };
  const hasEvent = (code: string) =>
    until(code, () => rowsOf(`${dataDir}/audit.db`, 'events').some((row) => row['code'] === code));

  it('passes a phase, stops opening, and forgets nothing in a crash', async () => {
    const run = start(FIRST, 'challenge');
    await until('a session', () => run.said().includes('link.live'));
    expect(await evaluation('start', 'e1')).toMatchObject({ code: 0 });
    expect(await evaluation('start', 'e1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('EVALUATION_EXISTS'),
    });
    await hasEvent('evaluation.awaitingReview');
    expect(await shown()).toMatchObject({
      state: 'awaitingReview',
      source: 'running',
      accounts: [{ phase: 'challenge', login: FIRST }],
      progress: { target: '10.00', met: true },
    });
    const status = await box.run(['status', '--data-dir', dataDir]);
    expect(status.stdout).toMatch(/halted: evaluation[\s\S]*objectives met/);
    const why = await box.run(['why', '--data-dir', dataDir]);
    expect(why.stdout).toContain('HOLD_EVALUATION');

    // A crash forgets nothing, and the journal answers while nothing runs.
    run.signal('SIGKILL');
    await run.finished();
    expect(await shown()).toMatchObject({ state: 'awaitingReview', source: 'journal' });
    const again = start(FIRST, 'challenge');
    await until('a session', () => again.said().includes('link.live'));
    expect((await box.run(['status', '--data-dir', dataDir])).stdout).toContain(
      'halted: evaluation',
    );
    expect(await evaluation('bind', 'e1', FIRST)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('LOGIN_BOUND'),
    });
    expect(await evaluation('bind', 'e1', SECOND)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`account.login to ${SECOND}`),
    });
    again.signal('SIGINT');
    expect(await again.finished()).toMatchObject({ code: 0 });
  });
});
