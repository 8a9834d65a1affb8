import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { EvaluationReport } from '../../src/cli/evaluation-command.ts';
import { builtinRuleSetDocument } from '../../src/risk/builtin-rule-sets.ts';
import { rowsOf } from '../support/audit-dump.ts';
import { type Finished, STORY, sandbox, until } from '../support/cli-sandbox.ts';
import { barFile, rowTime, wall, writeMarketFile } from '../support/market-files.ts';

const FIRST = '5012345';
const SECOND = '5012346';

/** Takes a small profit again and again. */
const STRATEGY = `
  import { defineStrategy } from 'bulwark';
  export default defineStrategy({
    name: 'picker', version: '1.0.0', timeframe: 'M1', params: {},
    warmupBars: () => 3, init: () => 0,
    onBar: (seen: number, bar, { positions }) => {
      if (positions.length > 0) return { state: seen, signals: [] };
      const open = { type: 'open', side: 'buy', kind: 'market', stopDistance: 400,
        takeProfitDistance: 30, leg: 0, reason: 'again' } as const;
      return { state: seen + 1, signals: [open] };
    },
  });`;

/** A market that rises by eight points a minute for a day and a half: whoever buys takes profit. */
const risingBars = (): string => {
  const from = wall('2024-02-08 00:00:00');
  const lines = Array.from({ length: 36 * 60 }, (_, minute) => {
    const open = 110_000 + 8 * minute;
    const prices = [open, open + 10, open - 2, open + 8].map((at) => (at / 1e5).toFixed(5));
    return [rowTime(from + minute * 60_000), ...prices, 4, 0, 8].join(' ');
  });
  return barFile(lines);
};

/** FTMO's phases, with a target of ten dollars and one trading day. */
const easyRules = (): unknown => {
  const document = structuredClone(builtinRuleSetDocument('ftmo-2step')) as {
    id: string;
    phases: { minDays?: { count: number }; targetPercent?: number }[];
  };
  document.id = 'easy';
  for (const phase of document.phases) {
    if (phase.minDays !== undefined) phase.minDays.count = 1;
    if (phase.targetPercent !== undefined) phase.targetPercent = 0.01;
  }
  return document;
};

describe('an evaluation on the command line', STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const market = writeMarketFile(box.dir, 'EURUSD_M1.csv', risingBars());
  const strategy = box.path('picker.ts');
  writeFileSync(strategy, STRATEGY);
  const rules = box.path('easy.json');
  writeFileSync(rules, JSON.stringify(easyRules()));
  const dataDir = box.path('data');
  const start = (login: string, phase: string) =>
    box.start(
      [
        ...['run', '--replay', market, '--strategy', strategy, '--speed', '600'],
        ...['--data-dir', dataDir],
      ],
      {
        env: {
          BULWARK_ACCOUNT__LOGIN: login,
          BULWARK_RULES__SET: rules,
          BULWARK_RULES__PHASE: phase,
        },
      },
    );
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

  it('passes a phase, stops opening, and goes on with the account that is bound next', async () => {
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

    // Another account is another terminal.
    rmSync(join(dataDir, 'terminal'), { recursive: true });
    const next = start(SECOND, 'verification');
    await until('a session', () => next.said().includes('link.live'));
    expect(await shown()).toMatchObject({
      phase: 'verification',
      source: 'running',
      accounts: [{ login: FIRST }, { login: SECOND }],
    });
    await until('a deal of the second account', () =>
      rowsOf(`${dataDir}/audit.db`, 'orders').some((row) => row['account_id'] === SECOND),
    );
    next.signal('SIGINT');
    expect(await next.finished()).toMatchObject({ code: 0 });
  });
});
