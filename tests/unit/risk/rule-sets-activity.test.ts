import { describe, expect, it } from 'vitest';
import { type EpochMs, epochMs, minor, points } from '../../../src/domain/units.ts';
import { BUILTIN_RULE_SET_IDS, builtinRuleSet } from '../../../src/risk/builtin-rule-sets.ts';
import type { RefusalCode } from '../../../src/risk/codes.ts';
import type { OpenRisk } from '../../../src/risk/exposure.ts';
import { openLedger } from '../../../src/risk/ledger.ts';
import type { LedgerState } from '../../../src/risk/ledger-state.ts';
import type { PhaseRules, RuleSet } from '../../../src/risk/rule-set.ts';
import { assess } from '../../../src/risk/verdict.ts';
import type { AssessInput } from '../../../src/risk/verdict-types.ts';
import {
  account,
  assessInput,
  at,
  buySignal,
  EURUSD,
  lots,
  QUIET,
  symbolRisk,
  usd,
} from '../../support/risk-fixtures.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = at('2024-01-09T10:00:00Z');

const PHASES = BUILTIN_RULE_SET_IDS.flatMap((id) => {
  const ruleSet = builtinRuleSet(id);
  if (ruleSet === undefined) throw new Error(`${id} is not shipped`);
  return ruleSet.phases.map((phase) => [`${id} ${phase.name}`, ruleSet, phase] as const);
});
const WITH = (has: (phase: PhaseRules) => boolean) => PHASES.filter(([, , phase]) => has(phase));

/** A large account, so that no floor is what refuses; bounds of the trader's own are out of reach. */
const INITIAL = usd(300_000);
const limits = {
  ...assessInput().limits,
  executionMs: 0,
  maxPositions: 100_000,
  maxPositionsPerSymbol: 100_000,
  ordersPerDay: 100_000,
  requestsPerDay: 100_000,
  openingsSharePpm: 1_000_000,
  requestsPerClose: 1,
};
const verdictOf = (
  ruleSet: RuleSet,
  phase: PhaseRules,
  fields: Partial<AssessInput> & { readonly book?: (ledger: LedgerState) => LedgerState },
): { readonly code: RefusalCode | 'ok'; readonly largest: number | undefined } => {
  const { book = (ledger: LedgerState) => ledger, ...change } = fields;
  const opened = { at: at('2024-01-09T08:00:00Z'), initial: INITIAL, balance: INITIAL };
  const { marginMode } = phase.account;
  const held = marginMode === 'either' ? 'hedging' : marginMode;
  const large = { ...EURUSD, volumeMaxE8: lots(1_000) };
  const verdict = assess(
    assessInput({
      at: NOW,
      ledger: book(openLedger({ ruleSet, phase: phase.name, ...opened })),
      account: account({ balance: INITIAL, equity: INITIAL, marginMode: held, leverage: 1_000 }),
      limits,
      symbols: new Map([['EURUSD', symbolRisk({ instrument: large, quotedAt: NOW })]]),
      context: { ...QUIET, calendar: calendarWith([]) },
      order: {
        ...assessInput().order,
        // Floors that follow equity want a bound above; a near stop keeps every floor away.
        signal: buySignal({ stopDistance: points(25), takeProfitDistance: points(25) }),
        sizing: { type: 'fixedLots', volumeE8: lots(0.01) },
      },
      ...change,
    }),
  );
  return {
    code: verdict.ok ? 'ok' : verdict.code,
    largest: verdict.ok ? undefined : verdict.largestVolumeE8,
  };
};
const calendarWith = (
  releases: readonly EpochMs[],
): NonNullable<AssessInput['context']['calendar']> => ({
  updatedAt: NOW,
  from: epochMs(NOW - 24 * HOUR),
  until: epochMs(NOW + 24 * HOUR),
  releases: releases.map((when) => ({ at: when, currency: 'USD', impact: 'high', title: 'CPI' })),
});
const tiny = (i: number): OpenRisk => ({
  ticket: String(i),
  symbol: 'EURUSD',
  side: 'buy',
  volumeE8: lots(0.01),
  open: points(110_000),
  stopLoss: points(109_990),
  takeProfit: points(110_010),
  swap: minor(0n),
});
const withDay = (change: Partial<LedgerState['day']>) => (ledger: LedgerState) => ({
  ...ledger,
  day: { ...ledger.day, ...change },
});

describe('the bounds of every rule set, just inside, at and just outside', () => {
  it.each(PHASES)('lets an order pass that is inside all of them: %s', (_, ruleSet, phase) => {
    expect(verdictOf(ruleSet, phase, {}).code).toBe('ok');
  });

  it.each(WITH(({ activity }) => activity.lotsPerOrder !== null))(
    'lots in one order: %s',
    (_, ruleSet, phase) => {
      const most = phase.activity.lotsPerOrder ?? 0;
      const order = (volume: number) => ({
        ...assessInput().order,
        signal: buySignal({ stopDistance: points(25), takeProfitDistance: points(25) }),
        sizing: { type: 'fixedLots', volumeE8: lots(volume) } as const,
      });
      const sized = (volume: number) => verdictOf(ruleSet, phase, { order: order(volume) });
      expect([most - 0.01, most].map((volume) => sized(volume).code)).toEqual(['ok', 'ok']);
      expect(sized(most + 0.01)).toEqual({ code: 'VOLUME_TOO_LARGE', largest: lots(most) });
    },
  );

  it.each(WITH(({ activity }) => activity.openOrders !== null))(
    'open orders: %s',
    (_, ruleSet, phase) => {
      const most = phase.activity.openOrders ?? 0;
      const holding = (count: number) =>
        verdictOf(ruleSet, phase, {
          positions: Array.from({ length: count }, (_one, i) => tiny(i)),
        }).code;
      expect([most - 2, most - 1, most].map(holding)).toEqual(['ok', 'ok', 'MAX_POSITIONS']);
    },
  );

  it.each(WITH(({ activity }) => activity.positionsPerDay !== null))(
    'new positions a day: %s',
    (_, ruleSet, phase) => {
      const most = phase.activity.positionsPerDay ?? 0;
      const after = (count: number) => {
        const openedPositions = Array.from({ length: count }, (_one, i) => String(i));
        return verdictOf(ruleSet, phase, { book: withDay({ openedPositions }) }).code;
      };
      expect([most - 2, most - 1, most].map(after)).toEqual(['ok', 'ok', 'POSITIONS_PER_DAY']);
    },
  );

  it.each(WITH(({ activity }) => activity.requestsPerDay !== null))(
    'requests a day, one kept for closing what is about to open: %s',
    (_, ruleSet, phase) => {
      const most = (phase.activity.requestsPerDay ?? 0) - 1;
      const after = (requests: number) =>
        verdictOf(ruleSet, phase, { book: withDay({ requests }) }).code;
      expect([most - 2, most - 1, most].map(after)).toEqual(['ok', 'ok', 'REQUESTS_PER_DAY']);
    },
  );

  it.each(WITH(({ news }) => news !== null))('minutes around news: %s', (_, ruleSet, phase) => {
    const { minutesBefore = 0, minutesAfter = 0 } = phase.news ?? {};
    const released = (offset: number) =>
      verdictOf(ruleSet, phase, {
        limits: { ...limits, flatLeadMs: 0 },
        context: { ...QUIET, calendar: calendarWith([epochMs(NOW + offset)]) },
      }).code;
    const before = minutesBefore * MINUTE;
    expect([before + 1, before, before - 1].map(released)).toEqual(['ok', 'NEWS', 'NEWS']);
    const after = -minutesAfter * MINUTE;
    expect([after - 1, after, after + 1].map(released)).toEqual(['ok', 'NEWS', 'NEWS']);
  });

  it.each(WITH(({ holding }) => holding.noOpenBeforeBreak !== null))(
    'hours before a break, and its length: %s',
    (_, ruleSet, phase) => {
      const { withinHours = 0, breakHours = 0 } = phase.holding.noOpenBeforeBreak ?? {};
      const ahead = (fromMs: number, lengthMs: number) => {
        const closure = { from: epochMs(NOW + fromMs), to: epochMs(NOW + fromMs + lengthMs) };
        const context = { ...QUIET, calendar: calendarWith([]), closures: [closure] };
        return verdictOf(ruleSet, phase, { limits: { ...limits, flatLeadMs: 0 }, context }).code;
      };
      const within = withinHours * HOUR;
      const long = breakHours * HOUR;
      expect([within + 1, within, within - 1].map((from) => ahead(from, long))).toEqual([
        ...['ok', 'BREAK_AHEAD', 'BREAK_AHEAD'],
      ]);
      expect([long - 1, long, long + 1].map((length) => ahead(HOUR, length))).toEqual([
        ...['ok', 'BREAK_AHEAD', 'BREAK_AHEAD'],
      ]);
    },
  );

  it.each(WITH(({ crossAccount }) => crossAccount.maxAllocation !== null))(
    'allocation over all accounts: %s',
    (_, ruleSet, phase) => {
      const most = usd(Number(phase.crossAccount.maxAllocation)) - INITIAL;
      const elsewhere = (extra: bigint) =>
        verdictOf(ruleSet, phase, {
          context: {
            ...QUIET,
            calendar: calendarWith([]),
            elsewhere: { positions: [], allocated: minor(most + extra) },
          },
        }).code;
      expect([-1n, 0n, 1n].map(elsewhere)).toEqual(['ok', 'ok', 'ALLOCATION']);
    },
  );
});
