import { join } from 'node:path';
import { Redacted } from 'effect';
import { describe, expect, it } from 'vitest';
import type { ConfigEntry } from '../../../src/config/print-config.ts';
import { jsonFile, loadWith } from '../../support/config-folder.ts';

const entry = (entries: readonly ConfigEntry[], key: string): ConfigEntry | undefined =>
  entries.find((candidate) => candidate.key === key);

describe('without any source', () => {
  it('gives a complete paper configuration in domain units', async () => {
    const { config, entries } = await loadWith({});
    expect(config.profile).toBe('paper');
    expect(config.account.initialBalanceMinor).toBe(10_000_000n);
    expect(config.market.startAt).toBe(Date.UTC(2024, 2, 4, 7));
    expect(config.rules.ruleSet.id).toBe('ftmo-2step');
    expect(config.risk.sizing).toEqual({ type: 'riskPercent', ppm: 5000, base: 'balance' });
    expect(config.risk.floorBufferMinor).toBe(25_000n);
    expect(config.risk.limits).toMatchObject({ floorBufferPpm: 2500, maxQuoteAgeMs: 60_000 });
    expect(config.strategies.map(({ use, symbol }) => `${use}:${symbol}`)).toEqual([
      'atr-breakout:EURUSD',
      'atr-breakout:XAUUSD',
      'sma-cross:GBPUSD',
    ]);
    expect(new Set(entries.map(({ origin }) => origin))).toEqual(new Set(['default (paper)']));
  });

  it('changes the terminal with the profile', async () => {
    const env = { BULWARK_LINK__PORT: '15560' };
    const overrides = [{ path: ['profile'], value: 'live', flag: '--profile' }];
    const { config, entries } = await loadWith({}, { env, overrides });
    expect(config.terminal.kind).toBe('external');
    expect(entry(entries, 'terminal.kind')?.origin).toBe('default (live)');
    expect(entry(entries, 'link.settleMs')?.value).toBe(60_000);
    expect(entry(entries, 'profile')).toEqual({
      key: 'profile',
      value: 'live',
      origin: '--profile',
    });
  });
});

describe('precedence', () => {
  const file = jsonFile({ market: { seed: 2 } });
  const dotenv = { '.env': 'BULWARK_MARKET__SEED=3\nOTHER=ignored\n' };
  const env = { BULWARK_MARKET__SEED: '4' };
  const overrides = [{ path: ['market', 'seed'], value: '5', flag: '--seed' }];

  it.each([
    ['the default', {}, {}, 1, 'default (paper)'],
    ['the file', file, {}, 2, 'bulwark.config.json'],
    ['.env over the file', { ...file, ...dotenv }, {}, 3, 'BULWARK_MARKET__SEED in .env'],
    ['the environment over .env', { ...file, ...dotenv }, { env }, 4, 'BULWARK_MARKET__SEED'],
    ['a flag over all', { ...file, ...dotenv }, { env, overrides }, 5, '--seed'],
  ])('takes %s', async (_title, files, options, seed, origin) => {
    const { config, entries } = await loadWith(files, options);
    expect(config.market.seed).toBe(seed);
    expect(entry(entries, 'market.seed')).toEqual({ key: 'market.seed', value: seed, origin });
  });

  it('takes the soft limits and the flat weekend of a trader, from file and environment', async () => {
    const { config } = await loadWith(jsonFile({ risk: { softDailyPercent: 62.5 } }), {
      env: { BULWARK_RISK__FLAT_BEFORE_WEEKEND: 'true', BULWARK_RISK__SOFT_TOTAL_PERCENT: '100' },
    });
    expect(config.risk.limits).toMatchObject({
      softDailyPpm: 625_000,
      softTotalPpm: 1_000_000,
      flatBeforeWeekend: true,
    });
    const plain = await loadWith({});
    expect(plain.config.risk.limits).toMatchObject({
      softDailyPpm: 800_000,
      softTotalPpm: 800_000,
      flatBeforeWeekend: false,
    });
  });

  it('merges sections key by key and replaces lists as a whole', async () => {
    const symbols = ['EURUSD', 'USDJPY'];
    const { config, entries } = await loadWith(
      jsonFile({
        market: { symbols },
        risk: { slippagePoints: { USDJPY: 30 } },
        strategies: [{ use: 'sma-cross', symbol: 'USDJPY', params: { fastBars: 5 } }],
      }),
    );
    expect(config.market).toMatchObject({ symbols, speed: 300 });
    expect(config.risk.slippagePoints).toMatchObject({ default: 50, EURUSD: 15, USDJPY: 30 });
    expect(config.strategies).toHaveLength(1);
    expect(entry(entries, 'risk.slippagePoints.EURUSD')?.origin).toBe('default (paper)');
    expect(entry(entries, 'risk.slippagePoints.USDJPY')?.origin).toBe('bulwark.config.json');
    expect(entry(entries, 'strategies[0].params.fastBars')?.origin).toBe('bulwark.config.json');
  });

  it('reads every kind of sizing in parts per million', async () => {
    const kelly = { kind: 'kelly', winRatePercent: 52, payoffRatio: 1.5, fractionPercent: 25 };
    const sized = async (sizing: object) =>
      (await loadWith(jsonFile({ risk: { sizing } }))).config.risk.sizing;
    expect(await sized({ ...kelly, capPercent: 1, base: 'initial' })).toEqual({
      type: 'kelly',
      winRatePpm: 520_000,
      payoffPpm: 1_500_000,
      fractionPpm: 250_000,
      capPpm: 10_000,
      base: 'initial',
    });
    expect(await sized({ kind: 'volatilityTarget', percent: 0.75 })).toEqual({
      type: 'volatilityTarget',
      ppm: 7_500,
      base: 'balance',
    });
  });

  it('replaces a section whose kind changes, keys of the old kind included', async () => {
    const sizing = { kind: 'fixedLots', volumeLots: '0.10' };
    const { config, entries } = await loadWith(jsonFile({ risk: { sizing } }));
    expect(config.risk.sizing).toEqual({ type: 'fixedLots', volumeE8: 10_000_000 });
    expect(entry(entries, 'risk.sizing.percent')).toBeUndefined();
  });

  it('lets a strategy size its own orders', async () => {
    const strategies = [
      { use: 'sma-cross', symbol: 'EURUSD', risk: { sizing: { kind: 'riskPercent', percent: 1 } } },
      { use: 'sma-cross', symbol: 'GBPUSD' },
    ];
    const { config } = await loadWith(jsonFile({ strategies }));
    expect(config.strategies.map(({ sizing }) => sizing)).toEqual([
      { type: 'riskPercent', ppm: 10_000, base: 'balance' },
      { type: 'riskPercent', ppm: 5000, base: 'balance' },
    ]);
  });
});

describe('files', () => {
  const typescript = `
    import { seed } from './seed.ts';
    interface Unused { readonly gone: string }
    export default { market: { seed } } satisfies object as Unused | object;
  `;

  it('reads a TypeScript file with its imports', async () => {
    const { config, entries } = await loadWith({
      'bulwark.config.ts': typescript,
      'seed.ts': 'export const seed: number = 6 + 1;',
    });
    expect(config.market.seed).toBe(7);
    expect(entry(entries, 'market.seed')?.origin).toBe('bulwark.config.ts');
  });

  it('lets defineConfig of the package type a TypeScript file', async () => {
    const definition = join(import.meta.dirname, '../../../src/config/define-config.ts');
    const { config } = await loadWith({
      'bulwark.config.ts': `import { defineConfig } from ${JSON.stringify(definition)};
        export default defineConfig({ market: { seed: 8 } });`,
    });
    expect(config.market.seed).toBe(8);
  });

  it('reads the file of --config, and names inside of it start from its folder', async () => {
    const { config } = await loadWith(
      {
        'etc/desk.json': JSON.stringify({
          dataDir: 'data',
          strategies: [{ use: './mine.ts', symbol: 'EURUSD' }],
        }),
        'etc/mine.ts': 'export default {};',
        'bulwark.config.json': JSON.stringify({ market: { seed: 9 } }),
      },
      { configFile: 'etc/desk.json' },
    );
    expect(config.market.seed).toBe(1);
    expect(config.dataDir).toMatch(/etc[\\/]data$/);
    expect(config.strategies[0]).toMatchObject({ source: 'file' });
    expect(config.strategies[0]?.use).toMatch(/etc[\\/]mine\.ts$/);
  });

  it('reads a rule set of the user', async () => {
    const rules = {
      id: 'house',
      title: 'House rules',
      version: '1.0.0',
      effectiveFrom: '2024-01-01',
      proof: { level: 'full' },
      reset: { zone: 'Europe/Prague', localTime: '00:00' },
      phases: [
        {
          name: 'only',
          targetPercent: 8,
          daily: null,
          total: {
            measure: 'equity',
            anchor: 'initial',
            amount: { of: 'initial', percent: 6 },
            ratchet: 'none',
            lockAtPercent: null,
            firstDayAnchor: 'initial',
            withdrawal: 'none',
            onBreach: 'terminate',
            strict: true,
          },
          account: { marginMode: 'hedging', leverage: { default: 30 } },
        },
      ],
      sources: { 'phases.**': 'the house' },
    };
    const { config } = await loadWith({
      ...jsonFile({ rules: { set: './house.json', phase: 'only' } }),
      'house.json': JSON.stringify(rules),
    });
    expect(config.rules.ruleSet.id).toBe('house');
    expect(config.rules.set).toMatch(/house\.json$/);
  });
});

describe('other values', () => {
  it('turns an instrument into the units of the domain', async () => {
    const { config } = await loadWith(
      jsonFile({
        instruments: { EURUSD: { volumeStepLots: '0.1', commissionPerLot: '3.50', digits: 5 } },
      }),
    );
    expect(config.instruments).toEqual({
      EURUSD: { volumeStepE8: 10_000_000, commissionPerLotMinor: 350n, digits: 5 },
    });
  });

  it('rounds the floor buffer up when it becomes a ratio', async () => {
    const { config } = await loadWith(
      jsonFile({ account: { initialBalance: '30000' }, risk: { floorBuffer: '100.01' } }),
    );
    expect(config.risk.limits.floorBufferPpm).toBe(3334);
  });

  it('hands a token out only to who asks for its value', async () => {
    const { config } = await loadWith({}, { env: { BULWARK_LINK__TOKEN: 'open sesame' } });
    expect(String(config.link.token)).toBe('<redacted>');
    expect(config.link.token && Redacted.value(config.link.token)).toBe('open sesame');
  });
});
