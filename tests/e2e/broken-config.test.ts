import { existsSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { STORY, sandbox } from '../support/cli-sandbox.ts';
import { walkedBars } from '../support/generated-market.ts';
import { writeMarketFile } from '../support/market-files.ts';

const SECRET = 'correct-horse-battery-staple';

interface Refusal {
  readonly what: string;
  readonly document?: object;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly path: string;
  readonly says: RegExp;
}

const REFUSALS: readonly Refusal[] = [
  {
    what: 'an unknown key',
    document: { risk: { floorBufer: '100.00' } },
    path: 'risk.floorBufer',
    says: /floorBuffer/,
  },
  {
    what: 'an unknown variable',
    env: { BULWARK_RISK__FLOOR_BUFER: '100.00' },
    path: 'BULWARK_RISK__FLOOR_BUFER',
    says: /BULWARK_RISK__FLOOR_BUFFER/,
  },
  {
    what: 'a time in another unit',
    document: { link: { heartbeatMs: '1s' } },
    path: 'link.heartbeatMs',
    says: /millisecond/,
  },
  {
    what: 'money as a floating-point number',
    document: { account: { initialBalance: 100_000.5 } },
    path: 'account.initialBalance',
    says: /text|decimal|string/i,
  },
  {
    what: 'a percentage out of bounds',
    document: { risk: { sizing: { kind: 'riskPercent', percent: 50 } } },
    path: 'risk.sizing.percent',
    says: /0\.01 and 5/,
  },
  {
    what: 'a combination that cannot be',
    document: { risk: { maxOpenPositions: 3, maxPositionsPerSymbol: 4 }, link: { token: SECRET } },
    path: 'risk.maxPositionsPerSymbol',
    says: /risk\.maxOpenPositions/,
  },
  { what: 'a flag that is out of bounds', args: ['--speed', '-5'], path: '--speed', says: /0\.1/ },
  {
    what: 'a zone that does not exist',
    args: ['--server-tz', 'Mars'],
    path: '--server-tz',
    says: /ny\+7/,
  },
];

describe('a broken configuration', STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const bars = walkedBars({ seed: 3, from: '2024-02-08 10:00:00', to: '2024-02-08 11:00:00' });
  const file = writeMarketFile(box.dir, 'EURUSD_M1.csv', bars);
  const config = (name: string, document: object): string => {
    writeFileSync(box.path(name), JSON.stringify(document));
    return name;
  };

  it.each(REFUSALS)(
    'is refused with path and remedy: $what',
    async ({ document = {}, env = {}, args = [], path, says }) => {
      const named = ['--config', config('given.json', document)];
      const run = await box.run(
        ['run', '--json', '--data-dir', 'data', '--replay', file, ...named, ...args],
        { env },
      );
      expect(run).toMatchObject({ code: 2, stdout: '' });
      expect(run.stderr).toContain(path);
      expect(run.stderr).toMatch(says);
      expect(run.stderr).toMatch(/problem:/);
      expect(run.stderr).toMatch(/remedy:/);
      expect(run.stderr).not.toContain(SECRET);
      expect(run.stderr).not.toMatch(/^\s+at /m);
      expect(existsSync(box.path('data', 'journal.db'))).toBe(false);
    },
  );

  it('names every problem at once, not the first one', async () => {
    const document = { link: { port: 70_000 }, risk: { maxOpenPositions: 0 } };
    const run = await box.run(['config', '--config', config('two.json', document)]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('link.port');
    expect(run.stderr).toContain('risk.maxOpenPositions');
  });

  it('says that the file is absent or is not JSON', async () => {
    const absent = await box.run(['config', '--config', 'absent.json']);
    expect(absent).toMatchObject({ code: 2, stdout: '' });
    expect(absent.stderr).toContain('absent.json');
    writeFileSync(box.path('torn.json'), '{"risk": {');
    const torn = await box.run(['config', '--config', 'torn.json']);
    expect(torn).toMatchObject({ code: 2, stdout: '' });
    expect(torn.stderr).toContain('torn.json');
  });

  it.each([[[]], [['--json']], [['--print']]])(
    'is shown with its origins and without its secrets: config %s',
    async (flags) => {
      const document = { link: { token: SECRET }, risk: { maxOpenPositions: 9 } };
      const named = config('secret.json', document);
      const env = { BULWARK_MARKET__SEED: '77' };
      const run = await box.run(['config', ...flags, '--config', named], { env });
      expect(run).toMatchObject({ code: 0, stderr: '' });
      expect(run.stdout).not.toContain(SECRET);
      expect(run.stdout).toContain('link');
      expect(run.stdout).toContain('secret.json');
      expect(run.stdout).toContain('BULWARK_MARKET__SEED');
      if (flags[0] === '--json') expect(() => JSON.parse(run.stdout)).not.toThrow();
    },
  );
});
