import { describe, expect, it } from 'vitest';
import { type EpochMs, epochMs, points } from '../../../src/domain/units.ts';
import type { RefusalCode } from '../../../src/risk/codes.ts';
import { flatDeadline } from '../../../src/risk/flat-deadline.ts';
import { openLedger } from '../../../src/risk/ledger.ts';
import type { MarketContext, NewsRelease } from '../../../src/risk/market-context.ts';
import type { NewsRule, RuleSet } from '../../../src/risk/rule-set.ts';
import { assess } from '../../../src/risk/verdict.ts';
import type { AssessInput } from '../../../src/risk/verdict-types.ts';
import {
  assessInput,
  at,
  buySignal,
  EURUSD,
  ftmo,
  QUIET,
  symbolRisk,
  usd,
} from '../../support/risk-fixtures.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const RELEASE = at('2024-01-05T13:30:00Z');
const limits = { ...assessInput().limits, executionMs: 5_000, flatLeadMs: 10 * MINUTE };
const release = (fields: Partial<NewsRelease> = {}): NewsRelease => ({
  at: RELEASE,
  currency: 'USD',
  impact: 'high',
  title: 'Nonfarm Payrolls',
  ...fields,
});
const calendar = (releases: readonly NewsRelease[]): MarketContext['calendar'] => ({
  updatedAt: at('2024-01-05T00:00:00Z'),
  from: at('2024-01-01T00:00:00Z'),
  until: at('2024-01-08T00:00:00Z'),
  releases,
});

/** The verdict under FTMO's funded phase, with a quote of that very instant. */
const codeAt = (
  when: number,
  context: Partial<MarketContext>,
  fields: Partial<AssessInput> = {},
  ruleSet: RuleSet = ftmo(),
): RefusalCode | 'ok' => {
  const opened = { initial: usd(100_000), balance: usd(100_000), at: at('2024-01-01T08:00:00Z') };
  const verdict = assess(
    assessInput({
      at: epochMs(when),
      ledger: openLedger({ ruleSet, phase: 'funded', ...opened }),
      limits,
      symbols: new Map([['EURUSD', symbolRisk({ quotedAt: when })]]),
      context: { ...QUIET, calendar: calendar([]), ...context },
      ...fields,
    }),
  );
  if (!verdict.ok) {
    expect(Object.keys(verdict.numbers)).not.toEqual([]);
    expect(verdict.largestVolumeE8).toBe(0);
  }
  return verdict.ok ? 'ok' : verdict.code;
};
const withNews = (change: Partial<NewsRule>): RuleSet => ({
  ...ftmo(),
  phases: ftmo().phases.map((phase) => ({
    ...phase,
    news: phase.news === null ? null : { ...phase.news, ...change },
  })),
});

describe('the news window', () => {
  const news = { calendar: calendar([release()]) };
  const opensOnly = withNews({ operations: ['open', 'activation'] });
  const at2 = (ms: number) => codeAt(RELEASE + ms, news, {}, opensOnly);

  it('failure 15: shuts two minutes before a release, earlier by what an execution may take', () => {
    expect(at2(-2 * MINUTE - 5_001)).toBe('ok');
    expect(at2(-2 * MINUTE - 5_000)).toBe('NEWS');
    expect(at2(0)).toBe('NEWS');
  });

  it('opens again two minutes after it', () => {
    expect(at2(2 * MINUTE)).toBe('NEWS');
    expect(at2(2 * MINUTE + 1)).toBe('ok');
  });

  it.each<[string, Partial<NewsRelease>, RefusalCode | 'ok']>([
    ['another currency', { currency: 'JPY' }, 'ok'],
    ['the base currency', { currency: 'EUR' }, 'NEWS'],
    ['a medium impact', { impact: 'medium' }, 'ok'],
    ['a medium impact that the firm lists', { impact: 'medium', targeted: true }, 'NEWS'],
    ['a high impact that the firm does not list', { targeted: false }, 'ok'],
  ])('counts %s as it should', (_, fields, code) => {
    expect(codeAt(RELEASE, { calendar: calendar([release(fields)]) }, {}, opensOnly)).toBe(code);
  });

  it('goes by the rule set for a currency that it maps', () => {
    const mapped = (symbols: readonly string[]) =>
      codeAt(RELEASE, news, {}, withNews({ operations: ['open'], symbols: { USD: symbols } }));
    expect(mapped(['XAUUSD'])).toBe('ok');
    expect(mapped(['XAUUSD', 'EURUSD'])).toBe('NEWS');
  });

  it('holds a pending order back where only activations are restricted', () => {
    const ruleSet = withNews({ operations: ['activation'] });
    const signal = buySignal({ kind: 'limit', price: points(109_900) });
    const limit = { ...assessInput().order, signal };
    expect(codeAt(RELEASE, news, {}, ruleSet)).toBe('ok');
    expect(codeAt(RELEASE, news, { order: limit }, ruleSet)).toBe('NEWS');
  });

  it('is not asked about where the phase has no such rule', () => {
    const swing = { ...ftmo(), phases: ftmo().phases.map((phase) => ({ ...phase, news: null })) };
    expect(codeAt(RELEASE, { calendar: null }, {}, swing)).toBe('ok');
  });
});

describe('a calendar that cannot be trusted', () => {
  const day = 24 * HOUR;
  const known = calendar([]);
  it('refuses when there is none', () => {
    expect(codeAt(RELEASE, { calendar: null })).toBe('NEWS_UNKNOWN');
  });

  it('is stale a millisecond after a day', () => {
    const updatedAt = (age: number): MarketContext['calendar'] =>
      known === null ? null : { ...known, updatedAt: epochMs(RELEASE - age) };
    expect(codeAt(RELEASE, { calendar: updatedAt(day) })).toBe('ok');
    expect(codeAt(RELEASE, { calendar: updatedAt(day + 1) })).toBe('NEWS_UNKNOWN');
  });

  it('must cover the whole window around the moment', () => {
    const until = (end: number): MarketContext['calendar'] =>
      known === null ? null : { ...known, until: epochMs(end) };
    expect(codeAt(RELEASE, { calendar: until(RELEASE + 2 * MINUTE) })).toBe('ok');
    expect(codeAt(RELEASE, { calendar: until(RELEASE + 2 * MINUTE - 1) })).toBe('NEWS_UNKNOWN');
    const from = known === null ? null : { ...known, from: epochMs(RELEASE - 2 * MINUTE + 1) };
    expect(codeAt(RELEASE, { calendar: from })).toBe('NEWS_UNKNOWN');
  });
});

describe('a closure ahead', () => {
  const closesAt = at('2024-01-05T22:00:00Z');
  const closed = (hours: number) => ({
    closures: [{ from: closesAt, to: epochMs(closesAt + hours * HOUR) }],
  });
  const phaseOnly = (name: 'challenge' | 'funded'): RuleSet => {
    const phase = ftmo().phases.find((one) => one.name === name);
    return { ...ftmo(), phases: phase === undefined ? [] : [{ ...phase, name: 'funded' }] };
  };
  const code = (before: number, hours: number, name: 'challenge' | 'funded' = 'challenge') =>
    codeAt(closesAt - before, closed(hours), {}, phaseOnly(name));

  it("failure 15: falls under FTMO's ban of gap trading from two hours before a break of two hours", () => {
    expect(code(2 * HOUR + 5_001, 49)).toBe('ok');
    expect(code(2 * HOUR + 5_000, 49)).toBe('BREAK_AHEAD');
    expect(code(2 * HOUR, 2)).toBe('BREAK_AHEAD');
    expect(code(HOUR, 2 - 1 / HOUR)).toBe('ok');
  });

  it('looks past a daily break at the weekend behind it', () => {
    const daily = { from: epochMs(closesAt - HOUR), to: epochMs(closesAt - HOUR / 2) };
    const closures = [daily, ...closed(49).closures];
    expect(codeAt(closesAt - 1.5 * HOUR, { closures }, {}, phaseOnly('challenge'))).toBe(
      'BREAK_AHEAD',
    );
  });

  it('lets nothing open shortly before the symbol must be flat', () => {
    const own = { ...limits, flatBeforeWeekend: true };
    const free: RuleSet = {
      ...ftmo(),
      phases: phaseOnly('challenge').phases.map((phase) => ({
        ...phase,
        holding: { ...phase.holding, noOpenBeforeBreak: null },
      })),
    };
    const at3 = (before: number, change = own) =>
      codeAt(closesAt - before, closed(49), { limits: change }, free);
    expect(at3(10 * MINUTE + 5_001)).toBe('ok');
    expect(at3(10 * MINUTE + 5_000)).toBe('FLAT_AHEAD');
    expect(at3(MINUTE, limits)).toBe('ok');
  });
});

describe('the deadline for being flat', () => {
  const now = at('2024-01-05T12:00:00Z');
  const deadline = (phaseName: 'challenge' | 'funded', context: Partial<MarketContext>) => {
    const phase = ftmo().phases.find(({ name }) => name === phaseName);
    if (phase === undefined) throw new Error(`no phase ${phaseName}`);
    return flatDeadline({
      phase,
      limits: { flatBeforeWeekend: false },
      context: { ...QUIET, calendar: calendar([]), ...context },
      instrument: EURUSD,
      at: now,
    });
  };
  const closure = (hours: number): { readonly from: EpochMs; readonly to: EpochMs } => ({
    from: at('2024-01-05T22:00:00Z'),
    to: epochMs(at('2024-01-05T22:00:00Z') + hours * HOUR),
  });

  it('is the weekend and every break longer than two hours on a funded Standard account', () => {
    expect(deadline('funded', { closures: [closure(49)] })?.reason).toBe('weekend');
    expect(deadline('funded', { closures: [closure(3)] })?.reason).toBe('break');
    expect(deadline('funded', { closures: [closure(2)] })).toBeUndefined();
    expect(deadline('challenge', { closures: [closure(49)] })).toBeUndefined();
  });

  it('is that of a release that was known, however old the calendar is by now', () => {
    const known = calendar([release()]);
    const old = known === null ? null : { ...known, updatedAt: at('2023-12-01T00:00:00Z') };
    const begins = { at: RELEASE - 2 * MINUTE, reason: 'news' };
    expect(deadline('funded', { ...QUIET, calendar: old })).toEqual(begins);
  });

  it('is the beginning of a news window in which not even a stop may fill', () => {
    const context = { calendar: calendar([release()]), closures: [closure(49)] };
    expect(deadline('funded', context)).toEqual({ at: RELEASE - 2 * MINUTE, reason: 'news' });
  });
});
