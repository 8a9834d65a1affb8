import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../support/audit-dump.ts';
import { type RunningCli, STORY, sandbox, until } from '../support/cli-sandbox.ts';
import { easyEvaluation } from '../support/easy-evaluation.ts';

/** The commands of the walk in docs/operations.md, as they stand there. */
const WALK = ((): readonly string[] => {
  const file = fileURLToPath(new URL('../../docs/operations.md', import.meta.url));
  const section = readFileSync(file, 'utf8').split('### From the first phase')[1] ?? '';
  const blocks = (section.split('\n## ')[0] ?? '').matchAll(/```sh\n([\s\S]*?)```/g);
  return [...blocks].flatMap(([, text = '']) => text.trim().split('\n'));
})();

/** A payout that the broker of the funded account books. */
const PAYOUT = [
  { at: '2024-02-07T22:15:00Z', kind: 'balance', amount: '-10.00', comment: 'payout' },
];

describe('the walk through an evaluation in the documentation', STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const { flags, rules } = easyEvaluation(box.dir);
  const dataDir = box.path('ftmo');
  const eventsOf = (code: string): number =>
    rowsOf(`${dataDir}/audit.db`, 'events').filter((row) => row['code'] === code).length;

  it('goes from the first phase to the payout', async () => {
    let run: RunningCli | undefined;
    let bound = 0;
    let shown = '';
    const stop = async (): Promise<void> => {
      run?.signal('SIGINT');
      if (run !== undefined) expect(await run.finished()).toMatchObject({ code: 0 });
    };
    expect(WALK[0]).toBe('export BULWARK_RULES__SET=ftmo-2step-swing');
    for (const line of WALK.slice(1)) {
      const [env, command] = split(line);
      const [verb, what] = command;
      if (verb === 'run') {
        await stop();
        const extra = {
          BULWARK_RULES__SET: rules,
          ...(env['BULWARK_RULES__PHASE'] === 'funded'
            ? { BULWARK_TERMINAL__OPERATIONS: JSON.stringify(PAYOUT) }
            : {}),
        };
        const started = box.start([...command, ...flags], { env: { ...env, ...extra } });
        await until(line, () => started.said().includes('link.live'));
        run = started;
        continue;
      }
      if (what === 'bind') {
        bound += 1;
        await until('the review', () => eventsOf('evaluation.awaitingReview') === bound);
      }
      const done = await box.run(command);
      expect(done, line).toMatchObject({ code: 0 });
      shown = done.stdout;
    }
    expect(bound).toBe(2);
    expect(shown).toContain('easy/funded on 5012347   funded');
    expect(shown).toMatch(/payout .* of /);
    await until('the payout', () => eventsOf('balance.changed') === 4);
    const paid = await box.run(['evaluation', 'status', '--data-dir', dataDir]);
    expect(paid.stdout).toContain('payouts 1, scalings 0');
    await stop();
    // Each account's terminal is kept, and its deals stand in one journal.
    for (const login of ['5012345', '5012346']) {
      expect(existsSync(`${dataDir}/terminal-${login}`)).toBe(true);
    }
    const accounts = new Set(
      rowsOf(`${dataDir}/audit.db`, 'deals').map((row) => row['account_id']),
    );
    expect([...accounts].sort()).toEqual(['5012345', '5012346', '5012347']);
  });
});

/** `A=1 bulwark run …` into its variables and the command. */
const split = (line: string): readonly [Record<string, string>, readonly string[]] => {
  const words = line.split(' ');
  const at = words.indexOf('bulwark');
  const env = words.slice(0, at).map((word) => word.split('=') as [string, string]);
  return [Object.fromEntries(env), words.slice(at + 1)];
};
