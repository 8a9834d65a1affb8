import { describe, expect, it } from 'vitest';
import { jsonFile, loadWith, problemsOf } from '../../support/config-folder.ts';

const external = { terminal: { kind: 'external' }, link: { port: 15_560 } };
const one = { use: 'sma-cross', symbol: 'EURUSD' };

describe('an impossible combination', () => {
  it.each<[string, object, string, RegExp]>([
    [
      'of live money and the simulated terminal',
      { profile: 'live', terminal: { kind: 'simulated' } },
      'terminal.kind',
      /live profile/,
    ],
    [
      'of paper money and an EA that trades on a real account',
      { ...external, link: { port: 15_560, kind: 'jsonapi' } },
      'link.kind',
      /profile paper must not reach/,
    ],
    ['of live money and any free port', { profile: 'live' }, 'link.port', /every start/],
    [
      'of a public address without keys',
      { ...external, link: { port: 15_560, host: '0.0.0.0' } },
      'link.keysFile',
      /without keys/,
    ],
    [
      'of reconnect pauses',
      { link: { reconnect: { initialMs: 5000, maxMs: 1000 } } },
      'link.reconnect.initialMs',
      /longer/,
    ],
    [
      'of restart pauses',
      { terminal: { restart: { backoffInitialMs: 5000, backoffMaxMs: 1000 } } },
      'terminal.restart.backoffInitialMs',
      /longer/,
    ],
    ['of lease and heartbeat', { link: { leaseMs: 2000 } }, 'link.leaseMs', /lapse/],
    [
      'of lease and dead man',
      { link: { deadMan: { policy: 'tighten', afterMs: 9_999 } } },
      'link.deadMan.afterMs',
      /still holds/,
    ],
    [
      'of an amount finer than the currency',
      { account: { initialBalance: '100000.005' } },
      'account.initialBalance',
      /finer than a minor unit of USD \(2 digits\)/,
    ],
    [
      'of rules and an empty account',
      { account: { initialBalance: '0' }, risk: { floorBuffer: '0' } },
      'account.initialBalance',
      /balance of nothing/,
    ],
    ['of rule set and phase', { rules: { phase: 'finale' } }, 'rules.phase', /no phase "finale"/],
    [
      'of a buffer as large as the daily loss',
      { risk: { floorBuffer: '5000.00' } },
      'risk.floorBuffer',
      /whole daily loss that the rules allow \(5000\.00 USD\)/,
    ],
    [
      'of rules about news and no calendar',
      { rules: { phase: 'funded' } },
      'news.file',
      /restricts trading around news/,
    ],
    [
      'of rules about news and an EA that has no calendar',
      {
        ...{ profile: 'live', rules: { phase: 'funded' }, terminal: { kind: 'external' } },
        link: { port: 15_560, kind: 'jsonapi' },
      },
      'news.file',
      /no calendar says when it comes/,
    ],
    [
      'of a terminal and a calendar that does not exist',
      { rules: { phase: 'funded' }, terminal: { calendar: 'absent.json' } },
      'terminal.calendar',
      /absent\.json is no calendar/,
    ],
    [
      'of a calendar and a file that does not exist',
      { news: { file: 'absent.json' } },
      'news.file',
      /absent\.json is no calendar/,
    ],
    [
      'of a netting account and hedging rules',
      { account: { marginMode: 'netting' } },
      'account.marginMode',
      /for hedging accounts/,
    ],
    [
      'of sizing and the bound of one trade',
      { risk: { sizing: { percent: 3 } } },
      'risk.sizing.percent',
      /maxTradeRiskPercent \(2\.5\)/,
    ],
    [
      "of a strategy's sizing and the bound of one trade",
      { strategies: [{ ...one, risk: { sizing: { kind: 'riskPercent', percent: 3 } } }] },
      'strategies[0].risk.sizing.percent',
      /maxTradeRiskPercent/,
    ],
    [
      'of positions per symbol and per account',
      { risk: { maxOpenPositions: 2 } },
      'risk.maxPositionsPerSymbol',
      /more positions than the whole account/,
    ],
    ['of a strategy with itself', { strategies: [one, one] }, 'strategies[1]', /there already/],
    [
      'of a strategy and a market without its symbol',
      { strategies: [{ ...one, symbol: 'USDJPY' }] },
      'strategies[0].symbol',
      /market has no USDJPY/,
    ],
    [
      'of a market and a symbol nobody quotes',
      { market: { symbols: ['EURSUD'] }, strategies: [] },
      'market.symbols[0]',
      /not known here/,
    ],
    [
      'of volumes',
      { instruments: { EURUSD: { volumeMinLots: '1', volumeMaxLots: '0.5' } } },
      'instruments.EURUSD.volumeMinLots',
      /larger than the largest/,
    ],
    [
      'of a volume and a step of nothing',
      { instruments: { EURUSD: { volumeStepLots: '0.00' } } },
      'instruments.EURUSD.volumeStepLots',
      /steps of nothing/,
    ],
  ])('%s is refused', async (_title, document, path, reason) => {
    const problems = await problemsOf(loadWith(jsonFile(document)));
    const found = problems.filter((problem) => problem.path === path);
    expect(found).toHaveLength(1);
    expect(found[0]?.reason).toMatch(reason);
    expect(found[0]?.remedy).not.toBe('');
  });

  it('names the source of the value at fault', async () => {
    const env = { BULWARK_RISK__FLOOR_BUFFER: '9999' };
    const [problem] = await problemsOf(loadWith({}, { env }));
    expect(problem).toMatchObject({
      path: 'risk.floorBuffer',
      origin: 'BULWARK_RISK__FLOOR_BUFFER',
    });
  });
});

describe('a possible combination', () => {
  it.each<[string, object]>([
    ['live money on an external terminal', { profile: 'live', ...external }],
    ['a public address with keys', { link: { host: '0.0.0.0', keysFile: 'link-keys.json' } }],
    ["rules about news and MetaTrader's own calendar", { ...external, rules: { phase: 'funded' } }],
    ['another loopback address', { link: { host: '127.0.0.2' } }],
    ['a buffer just below the daily loss', { risk: { floorBuffer: '4999.99' } }],
    ['one strategy on two symbols', { strategies: [one, { ...one, symbol: 'GBPUSD' }] }],
    ['two strategies on one symbol', { strategies: [one, { ...one, use: 'atr-breakout' }] }],
    [
      'a symbol of the user',
      {
        market: { symbols: ['HOUSE'] },
        instruments: { HOUSE: { contractSize: 1, baseCurrency: 'USD', quoteCurrency: 'USD' } },
        strategies: [{ ...one, symbol: 'HOUSE' }],
      },
    ],
    ['a symbol with a suffix of the broker', { market: { symbols: ['EURUSD.r'] }, strategies: [] }],
  ])('%s is accepted', async (_title, document) => {
    const { config } = await loadWith(jsonFile(document));
    expect(config.profile).toBe('profile' in document ? document.profile : 'paper');
  });

  it('a replay brings symbols that the market does not list', async () => {
    const document = jsonFile({ strategies: [{ ...one, symbol: 'USDJPY' }] });
    const { config } = await loadWith(document, { isReplay: true });
    expect(config.strategies[0]?.symbol).toBe('USDJPY');
  });
});
