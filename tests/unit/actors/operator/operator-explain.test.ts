import { describe, expect, it } from 'vitest';
import { explainSymbols } from '../../../../src/actors/operator/operator-explain.ts';
import type { AccountStatus } from '../../../../src/actors/operator/operator-view.ts';
import { epochMs } from '../../../../src/domain/units.ts';
import { statusSentence } from '../../../../src/inspector/status-sentence.ts';
import { accountStatus } from '../../../support/inspector-stage.ts';

const NOW = epochMs(Date.parse('2024-01-09T10:00:00Z'));
const mode = (change: Partial<AccountStatus['mode']>): AccountStatus['mode'] => ({
  ...{ name: 'halted', reason: 'boot', holds: [], limits: [] },
  ...change,
});
const because = (change: Partial<AccountStatus>) => {
  const strategy = { id: 's:EURUSD', symbol: 'EURUSD', state: 'enabled' } as const;
  const account = accountStatus({
    strategies: [{ ...strategy, bars: 9, signals: 0, restarts: 0 }],
    symbols: [{ symbol: 'EURUSD', isOpen: true, quotedAt: NOW }],
    ...change,
  });
  const status = {
    ...{ at: NOW, wallAt: NOW, runId: 'r', profile: 'paper' },
    ...{ accounts: [account], troubled: [], restarts: 0 },
  };
  return explainSymbols(status, new Set([account.login]), undefined).flatMap((one) => one.because);
};

describe('why nothing opens', () => {
  it.each([
    ['data: no fresh quotes of EURUSD', 'HOLD_DATA', /next fresh quotes/],
    ["clock: the server's time jumped by 60 s", 'HOLD_CLOCK', /clocks/],
    ['terminal: AutoTrading is off', 'HOLD_TERMINAL', /at the terminal/],
    ['operator: lunch', 'HOLD_OPERATOR', /resume/],
    ['dry run: nothing is sent', 'HOLD_RUN', /whole run/],
    ['link', 'HOLD_LINK', /terminal/],
  ])('names the hold "%s" and what lifts it', (hold, code, remedy) => {
    const found = because({ mode: mode({ holds: [hold] }) });
    expect(found).toMatchObject([{ code, remedy: expect.stringMatching(remedy) }]);
  });

  it('says the figures of a soft limit and the instant that lifts it, also behind a hold', () => {
    const limit = { name: 'daily', detail: '96000.00 is at or below it', until: NOW } as const;
    const soft = {
      code: 'SOFT_LIMIT',
      cause: '96000.00 is at or below it',
      remedy: expect.stringContaining('2024-01-09T10:00:00.000Z'),
    };
    const reducing = mode({ name: 'reducing', limits: [limit] });
    expect(because({ mode: reducing })).toEqual([soft]);
    expect(because({ mode: mode({ holds: ['link'], limits: [limit] }) })).toMatchObject([
      { code: 'HOLD_LINK' },
      soft,
    ]);
    expect(statusSentence(accountStatus({ mode: reducing }))).toContain(limit.detail);
    const total = mode({ name: 'reducing', limits: [{ ...limit, name: 'total' }] });
    expect(because({ mode: total })[0]?.remedy).toContain('risk.softTotalPercent');
  });

  it('says a thin headroom for what it is', () => {
    const reducing = mode({ name: 'reducing' });
    expect(because({ mode: reducing })).toMatchObject([{ code: 'REDUCING' }]);
    expect(statusSentence(accountStatus({ mode: reducing }))).toContain('most of the headroom');
  });

  const against = (code: 'BREAKER_OPEN' | 'MODE' | 'NEWS' | 'MAX_POSITIONS', detail: string) => ({
    standing: { 's:EURUSD': [{ code, detail }] },
  });

  it('names what the guard has against any order, with its figures and what lifts it', () => {
    const cap = against('MAX_POSITIONS', '6 of 6 positions and orders are used.');
    expect(because(cap)).toEqual([
      {
        code: 'MAX_POSITIONS',
        cause: '6 of 6 positions and orders are used',
        remedy: 'it opens when something has closed',
      },
    ]);
    expect(because(against('BREAKER_OPEN', 'x'))).toMatchObject([
      { code: 'BREAKER_OPEN', remedy: expect.stringContaining('breaker reset') },
    ]);
    expect(because(against('NEWS', 'x'))).toMatchObject([{ code: 'NEWS' }]);
  });

  it('tells the mode once, by what holds it', () => {
    const held = { mode: mode({ holds: ['link'] }), ...against('MODE', 'x') };
    expect(because(held).map(({ code }) => code)).toEqual(['HOLD_LINK']);
  });

  it.each([
    ['warming', 'STRATEGY_WARMING'],
    ['restarting', 'STRATEGY_RESTARTING'],
    ['parked', 'STRATEGY_PARKED'],
    ['disabled', 'STRATEGY_DISABLED'],
  ] as const)('names a strategy that is %s', (state, code) => {
    const strategy = { id: 's:EURUSD', symbol: 'EURUSD', state };
    const strategies = [{ ...strategy, bars: 9, signals: 0, restarts: 0 }];
    expect(because({ strategies })).toMatchObject([{ code }]);
  });
});
