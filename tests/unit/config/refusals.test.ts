import { describe, expect, it } from 'vitest';
import type { ConfigProblem } from '../../../src/config/errors.ts';
import { jsonFile, loadWith, problemsOf, refusalOf } from '../../support/config-folder.ts';

type Expected = Readonly<Partial<Record<keyof ConfigProblem, string | RegExp>>>;
const matches = (problem: ConfigProblem, expected: Expected): boolean =>
  Object.entries(expected).every(([field, wanted]) => {
    const value = problem[field as keyof ConfigProblem];
    return typeof wanted === 'string' ? value === wanted : wanted.test(value);
  });

const expectProblem = async (document: unknown, expected: Expected): Promise<void> => {
  const problems = await problemsOf(loadWith(jsonFile(document)));
  expect(problems.filter((problem) => matches(problem, expected))).toHaveLength(1);
  expect(problems).toHaveLength(1);
};

describe('a value', () => {
  const strategy = { use: 'sma-cross', symbol: 'EURUSD' };
  it.each<[string, unknown, Expected]>([
    [
      'with a misspelt key',
      { risk: { maxOpenPosition: 3 } },
      { path: 'risk.maxOpenPosition', remedy: /Did you mean risk\.maxOpenPositions/ },
    ],
    [
      'whose key names another unit',
      { risk: { staleQuoteSeconds: 60 } },
      { path: 'risk.staleQuoteSeconds', remedy: /Did you mean risk\.staleQuoteMs \(milliseconds/ },
    ],
    [
      'in another section than its own',
      { market: { leverage: 30 } },
      { path: 'market.leverage', remedy: 'Did you mean account.leverage?' },
    ],
    [
      'under a key like no other',
      { console: { zebra: 1 } },
      { path: 'console.zebra', reason: 'no such key', remedy: /Known here: refreshMs/ },
    ],
    [
      'in an unknown section',
      { inspectors: {} },
      { path: 'inspectors', remedy: /Known here: profile, dataDir/ },
    ],
    [
      'with its unit in the text',
      { link: { heartbeatMs: '5s' } },
      { path: 'link.heartbeatMs', reason: 'Expected number, found "5s"', remedy: /write 5000,/ },
    ],
    [
      'with a percent sign',
      { risk: { sizing: { percent: '0.5%' } } },
      { path: 'risk.sizing.percent', remedy: /unit is part of the key's name: write 0\.5/ },
    ],
    [
      'in pips',
      { risk: { slippagePoints: { EURUSD: '2 pips' } } },
      { path: 'risk.slippagePoints.EURUSD', remedy: /a pip is 10 points/ },
    ],
    [
      'that is a quoted number',
      { market: { seed: '7' } },
      { path: 'market.seed', remedy: 'Write the number 7 without quotes.' },
    ],
    [
      'that is money as a number',
      { risk: { floorBuffer: 250 } },
      { path: 'risk.floorBuffer', reason: /found 250$/, remedy: 'Write it as text: "250".' },
    ],
    [
      'that is no decimal',
      { risk: { floorBuffer: '1,000' } },
      { path: 'risk.floorBuffer', reason: 'Expected a decimal text, found "1,000"' },
    ],
    [
      'that is a ratio instead of a percent',
      { risk: { sizing: { percent: 0.005 } } },
      { path: 'risk.sizing.percent', remedy: /0\.5 is half a percent/ },
    ],
    [
      'that risks more than 5 percent',
      { risk: { sizing: { percent: 6 } } },
      { path: 'risk.sizing.percent', reason: /between 0\.01 and 5, found 6/ },
    ],
    ['that is no port', { link: { port: 70_000 } }, { path: 'link.port', reason: /found 70000/ }],
    ['that is a fraction', { market: { seed: 1.5 } }, { path: 'market.seed', reason: /integer/ }],
    ['that is null', { market: { seed: null } }, { path: 'market.seed', reason: /found null/ }],
    [
      'that is a section',
      { market: { seed: { value: 1 } } },
      { path: 'market.seed', reason: 'Expected number, found a section' },
    ],
    [
      'where a section belongs',
      { market: 'EURUSD' },
      { path: 'market', reason: /found a text$/, remedy: /a section with the keys serverTz/ },
    ],
    [
      'out of its choices',
      { profile: 'production' },
      { path: 'profile', reason: /found "production"/, remedy: /one of paper, live, dryRun/ },
    ],
    [
      'that is no kind of sizing',
      { risk: { sizing: { kind: 'martingale' } } },
      { path: 'risk.sizing.kind', reason: /found "martingale"/, remedy: /riskPercent, fixedLots/ },
    ],
    [
      'of a section without its kind',
      { strategies: [{ ...strategy, risk: { sizing: { percent: 1 } } }] },
      { path: 'strategies[0].risk.sizing.kind', reason: 'it is missing', remedy: /how the volume/ },
    ],
    [
      'that is no time zone',
      { market: { serverTz: 'Mars/Olympus' } },
      { path: 'market.serverTz', reason: /not a known time zone/ },
    ],
    [
      'that is no instant',
      { market: { startAt: '04.03.2024' } },
      { path: 'market.startAt', reason: /ISO 8601/, remedy: /2024-03-04T07:00:00Z/ },
    ],
    [
      'that is a day which does not exist',
      { market: { startAt: '2024-13-04' } },
      { path: 'market.startAt', reason: /ISO 8601/ },
    ],
    [
      'that lists a symbol twice',
      { market: { symbols: ['EURUSD', 'GBPUSD', 'XAUUSD', 'EURUSD'] } },
      { path: 'market.symbols', reason: /unique items, found a list/ },
    ],
    [
      'that lacks what its section needs',
      { strategies: [{ symbol: 'EURUSD' }] },
      { path: 'strategies[0].use', reason: 'it is missing', remedy: /for example "atr-breakout"/ },
    ],
    [
      'of a wrong timeframe',
      { strategies: [{ ...strategy, timeframe: 'M2' }] },
      { path: 'strategies[0].timeframe', remedy: /M1, M5, M15/ },
    ],
    [
      'of a parameter that is a list',
      { strategies: [{ ...strategy, params: { fast: [1] } }] },
      { path: 'strategies[0].params.fast', reason: /found a list/ },
    ],
    [
      'that names a rule set nobody knows',
      { rules: { set: 'ftmo-2steps' } },
      { path: 'rules.set', remedy: 'Did you mean "ftmo-2step"?' },
    ],
    [
      'that names a strategy nobody knows',
      { strategies: [{ ...strategy, use: 'sma-crss' }] },
      { path: 'strategies[0].use', remedy: 'Did you mean "sma-cross"?' },
    ],
    [
      'of a parameter that the strategy lacks',
      { strategies: [{ ...strategy, params: { speed: 1 } }] },
      { path: 'strategies[0].params.speed', reason: /no such parameter/ },
    ],
    [
      'that names a strategy file which is not there',
      { strategies: [{ use: './gone.ts', symbol: 'EURUSD' }] },
      { path: 'strategies[0].use', reason: /gone\.ts does not exist/ },
    ],
  ])('%s is refused', async (_title, document, expected) => {
    await expectProblem(document, { ...expected, origin: 'bulwark.config.json' });
  });

  it('named __proto__ is an unknown key like any other', async () => {
    const files = { 'bulwark.config.json': '{"risk": {"__proto__": {"nakedMs": 1}}}' };
    const [problem] = await problemsOf(loadWith(files));
    expect(problem?.path).toBe('risk.__proto__');
  });
});

describe('several mistakes', () => {
  it('are refused at once, each with its place, source and remedy', async () => {
    const files = {
      ...jsonFile({ link: { hartbeatMs: 5 }, market: { seed: -1 } }),
      '.env': 'BULWARK_ACCOUNT__LEVERAGE=lots\nBULWARK_ACOUNT__LOGIN=1\n',
    };
    const env = { BULWARK_RISK__NAKED_MS: '1', BULWARK_CONSOLE: '{' };
    const overrides = [{ path: ['profile'], value: 'demo', flag: '--profile' }];
    const problems = await problemsOf(loadWith(files, { env, overrides }));
    expect(problems.map(({ path, origin }) => [path, origin])).toEqual([
      ['BULWARK_ACOUNT__LOGIN', '.env'],
      ['BULWARK_CONSOLE', 'environment'],
      ['profile', '--profile'],
      ['account.leverage', 'BULWARK_ACCOUNT__LEVERAGE in .env'],
      ['link.hartbeatMs', 'bulwark.config.json'],
      ['market.seed', 'bulwark.config.json'],
      ['risk.nakedMs', 'BULWARK_RISK__NAKED_MS'],
    ]);
    for (const { reason, remedy } of problems) {
      expect(reason).not.toBe('');
      expect(remedy).not.toBe('');
    }
  });

  it('are counted and listed in the message', async () => {
    const { message } = await refusalOf(loadWith(jsonFile({ a: 1, b: 2 })));
    expect(message).toMatch(/^the configuration has 2 problems\na \(bulwark\.config\.json\)/);
    expect(message.match(/problem:/g)).toHaveLength(2);
    expect(message.match(/remedy:/g)).toHaveLength(2);
  });
});

describe('a variable', () => {
  const refusal = async (env: Readonly<Record<string, string>>): Promise<ConfigProblem> => {
    const [problem, ...others] = await problemsOf(loadWith({}, { env }));
    expect(others).toEqual([]);
    if (problem === undefined) throw new Error('a refusal without a problem');
    return problem;
  };

  it('with a misspelt name is refused with the right one', async () => {
    const problem = await refusal({ BULWARK_RISK__NAKD_MS: '5' });
    expect(problem.path).toBe('BULWARK_RISK__NAKD_MS');
    expect(problem.remedy).toBe('Did you mean BULWARK_RISK__NAKED_MS?');
  });

  it('that reaches below a value is refused', async () => {
    const problem = await refusal({ BULWARK_MARKET__SEED__X: '5' });
    expect(problem.remedy).toContain('write BULWARK_MARKET__SEED');
  });

  it('that indexes a list is told to use JSON', async () => {
    const problem = await refusal({ BULWARK_STRATEGIES__0__USE: 'x' });
    expect(problem.remedy).toContain('as JSON');
  });

  it('that holds a list which is not JSON is refused', async () => {
    const problem = await refusal({ BULWARK_MARKET__SYMBOLS: 'EURUSD,GBPUSD' });
    expect(problem.reason).toBe('market.symbols is a list and the text is not JSON');
  });
});

describe('a flag', () => {
  it('for a key that does not exist is refused', async () => {
    const overrides = [{ path: ['market', 'sed'], value: 1, flag: '--seed' }];
    const [problem] = await problemsOf(loadWith({}, { overrides }));
    expect(problem).toMatchObject({ path: '--seed', reason: 'there is no key market.sed' });
  });
});

describe('a file', () => {
  it.each<[string, Readonly<Record<string, string>>, string | undefined, RegExp]>([
    ['that is absent', {}, 'gone.json', /does not exist/],
    ['of an unknown kind', { 'x.yaml': 'a: 1' }, 'x.yaml', /kind \(\.yaml\)/],
    [
      'that is broken JSON',
      { 'x.json': '{\n  "risk": {,}\n}' },
      'x.json',
      /JSON \(line 2, column 11\)/,
    ],
    ['that holds a list', { 'x.json': '[]' }, 'x.json', /does not hold an object/],
    [
      'that is broken TypeScript',
      { 'x.ts': 'export default {\n  a: = }' },
      'x.ts',
      /line 2, column/,
    ],
    [
      'that imports what is not there',
      { 'x.ts': "import './y.ts';" },
      'x.ts',
      /resolvable imports/,
    ],
    ['that throws', { 'x.ts': 'throw new RangeError("x")' }, 'x.ts', /throws RangeError/],
    ['without a default export', { 'x.ts': 'export const a = 1;' }, 'x.ts', /default export/],
    [
      'beside another one',
      { 'bulwark.config.json': '{}', 'bulwark.config.ts': 'export default {};' },
      undefined,
      /only one can count/,
    ],
    [
      'that is a rule set but not JSON',
      { ...jsonFile({ rules: { set: './r.json' } }), 'r.json': '{' },
      undefined,
      /r\.json is not JSON/,
    ],
    [
      'that is a broken rule set',
      { ...jsonFile({ rules: { set: './r.json' } }), 'r.json': '{"id":"x"}' },
      undefined,
      /r\.json, .*: /,
    ],
  ])('%s is refused', async (_title, files, configFile, reason) => {
    const loading = loadWith(files, configFile === undefined ? {} : { configFile });
    const problems = await problemsOf(loading);
    expect(problems[0]?.reason).toMatch(reason);
    expect(problems[0]?.remedy).not.toBe('');
  });
});
