import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../support/audit-dump.ts';
import { STORY, sandbox } from '../support/cli-sandbox.ts';
import { EURUSD_M5, expectAgreement, summaryOf } from '../support/finished-run.ts';
import { walkedBars } from '../support/generated-market.ts';
import { writeMarketFile } from '../support/market-files.ts';

const SEED = 19;
const OWN = `
import type { Bar } from 'bulwark';
import { defineStrategy } from 'bulwark';

// Buys every tenth bar and closes five bars later: a strategy of a user, in a user's folder.
export default defineStrategy({
  name: 'every-tenth',
  version: '1.0.0',
  timeframe: 'M5',
  params: { every: 10 },
  warmupBars: () => 1,
  init: () => ({}),
  onBar: (state: object, bar: Bar, { params, positions }) => {
    const index = Math.floor(bar.at / 300_000) % params.every;
    const reason = 'bar ' + index;
    if (positions.length > 0) {
      return { state, signals: index === 5 ? [{ type: 'close', leg: 0, reason }] : [] };
    }
    if (index !== 0) return { state, signals: [] };
    const open = { type: 'open', side: 'buy', kind: 'market', stopDistance: 200, leg: 0, reason };
    return { state, signals: [open] };
  },
});
`;

describe(`bulwark run --strategy, seed ${SEED}`, STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const bars = walkedBars({ seed: SEED, from: '2024-02-08 00:00:00', to: '2024-02-09 00:00:00' });
  const file = writeMarketFile(box.dir, 'EURUSD_M1.csv', bars);
  const run = (name: string, strategy: string) =>
    box.run(['run', '--replay', file, '--json', '--data-dir', name, '--strategy', strategy], {
      env: EURUSD_M5,
    });
  const strategiesOf = (name: string): ReadonlySet<unknown> =>
    new Set(rowsOf(box.path(name, 'audit.db'), 'orders').map((row) => row['strategy_id']));

  it('puts a built-in one on every symbol', async () => {
    expect(summaryOf(await run('builtin', 'sma-cross')).deals).toBeGreaterThan(0);
    expect(strategiesOf('builtin')).toEqual(new Set(['sma-cross:EURUSD']));
    await expectAgreement(box.path('builtin'));
  });

  it("runs a user's own file", async () => {
    writeFileSync(box.path('mine.ts'), OWN);
    const summary = summaryOf(await run('own', './mine.ts'));
    expect(strategiesOf('own')).toEqual(new Set(['every-tenth:EURUSD']));
    const closes = rowsOf(box.path('own', 'audit.db'), 'orders').filter(
      ({ action, state }) => action === 'close' && state === 'filled',
    );
    expect(closes.length).toBeGreaterThan(5);
    expect(summary.deals).toBeGreaterThan(2 * 5);
    await expectAgreement(box.path('own'));
  });

  it.each([
    ['no-name', 'there is no built-in strategy of this name. Use atr-breakout, sma-cross', ''],
    ['./absent.ts', 'absent.ts: there is no such file. Check the path', ''],
    ['./broken.ts', 'broken.ts:2', 'const a = 1;\nexport default {{;\n'],
    [
      './throws.ts',
      'the data feed of my idea is gone',
      "throw new Error('the data feed of my idea is gone');",
    ],
    ['./empty.ts', 'export default defineStrategy({ … })', 'export const x = 1;\n'],
    [
      './half.ts',
      'half.ts',
      "import { defineStrategy } from 'bulwark';\nexport default defineStrategy({ name: 'half' });\n",
    ],
  ])(
    'refuses %s with what is wrong and what to do, before anything starts',
    async (strategy, words, text) => {
      if (text !== '') writeFileSync(box.path(strategy), text);
      const refused = await run('refused', strategy);
      expect(refused).toMatchObject({ code: 2, stdout: '' });
      expect(refused.stderr).toContain(words);
      expect(refused.stderr).not.toMatch(/^\s+at /m);
      expect(refused.stderr).not.toContain('starting in');
    },
  );
});
