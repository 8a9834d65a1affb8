import type {
  AccountRule,
  ActivityRule,
  Amount,
  ConsistencyRule,
  CrossAccountRule,
  FloorRule,
  HoldingRule,
  MinDaysRule,
  NewsRule,
  PayoutRule,
  PhaseRules,
  ScalingRule,
} from './rule-set.ts';
import {
  ANCHORS,
  MEASURES,
  NEWS_OPERATIONS,
  NEWS_SOURCES,
  ON_BREACH,
  PAYOUT_STARTS,
  RATCHET_OF,
  RATCHETS,
  WITHDRAWALS,
} from './rule-set.ts';
import type { RuleReader } from './rule-set-reader.ts';
import { join } from './rule-set-reader.ts';

const PHASE_NAME = /^[a-z][a-z0-9-]{0,39}$/;

const readAmount = (r: RuleReader, value: unknown, path: string): Amount => {
  const o = r.object(value, path, ['of', 'percent', 'value']);
  const of = r.oneOf(o['of'], join(path, 'of'), ['initial', 'anchor', 'absolute']);
  if (of === 'absolute') return { of, value: r.money(o['value'], join(path, 'value')) };
  return { of, ppm: r.percent(o['percent'], join(path, 'percent'), 100) };
};

const FLOOR_KEYS = [
  'measure',
  'anchor',
  'amount',
  'ratchet',
  'lockAtPercent',
  'firstDayAnchor',
  'withdrawal',
  'onBreach',
  'strict',
];
const readFloor = (r: RuleReader, value: unknown, path: string): FloorRule => {
  const o = r.object(value, path, FLOOR_KEYS);
  const anchor = r.oneOf(o['anchor'], join(path, 'anchor'), ANCHORS);
  const ratchet = r.oneOf(o['ratchet'], join(path, 'ratchet'), RATCHETS);
  const expected = RATCHET_OF[anchor];
  // Beside an unknown anchor or ratchet, a word about both would be about a stand-in.
  const isKnown = anchor === o['anchor'] && ratchet === o['ratchet'];
  if (isKnown && ratchet !== expected) {
    const reason = `anchor "${anchor}" cannot have ratchet "${ratchet}"`;
    r.problem(join(path, 'ratchet'), reason, `Write "${expected}", or choose another anchor.`);
  }
  return {
    measure: r.oneOf(o['measure'], join(path, 'measure'), MEASURES),
    anchor,
    amount: readAmount(r, o['amount'], join(path, 'amount')),
    ratchet,
    lockAtPpm: r.optional(o['lockAtPercent'], (v) =>
      r.percent(v, join(path, 'lockAtPercent'), 1000),
    ),
    firstDayAnchor: r.oneOf(o['firstDayAnchor'], join(path, 'firstDayAnchor'), [
      'initial',
      'observed',
    ]),
    withdrawal: r.oneOf(o['withdrawal'], join(path, 'withdrawal'), WITHDRAWALS),
    onBreach: r.oneOf(o['onBreach'], join(path, 'onBreach'), ON_BREACH),
    strict: r.boolean(o['strict'], join(path, 'strict')),
  };
};

const readMinDays = (r: RuleReader, value: unknown, path: string): MinDaysRule => {
  const o = r.object(value, path, ['count', 'countBy', 'profitPercent']);
  const countBy = r.oneOf(o['countBy'], join(path, 'countBy'), ['open', 'profit']);
  const profit = join(path, 'profitPercent');
  return {
    count: r.integer(o['count'], join(path, 'count'), 1, 365),
    countBy,
    profitPpm: countBy === 'profit' ? r.percent(o['profitPercent'], profit, 100) : 0,
  };
};

const readConsistency = (r: RuleReader, value: unknown, path: string): ConsistencyRule => {
  const o = r.object(value, path, ['bestDayMaxPercent', 'blocks']);
  return {
    bestDayMaxPpm: r.percent(o['bestDayMaxPercent'], join(path, 'bestDayMaxPercent'), 100),
    blocks: r.oneOf(o['blocks'], join(path, 'blocks'), ['pass', 'payout']),
  };
};

/** A day: calendars are published weeks ahead, and a link that is down longer is noticed. */
const NEWS_STALE_AFTER_MINUTES = 1440;
const CURRENCY = /^[A-Z]{3}$/;
const SYMBOL = /^\S{1,32}$/;

const readNewsSymbols = (r: RuleReader, value: unknown, path: string): NewsRule['symbols'] => {
  if (value === undefined) return {};
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    r.problem(path, 'expected symbols by currency', 'Write e.g. { "USD": ["EURUSD", "XAUUSD"] }.');
    return {};
  }
  const symbols: Record<string, readonly string[]> = {};
  for (const [currency, names] of Object.entries(value)) {
    const at = join(path, currency);
    const remedy = 'Write three capital letters, e.g. USD.';
    if (!CURRENCY.test(currency)) r.problem(at, `"${currency}" is not a currency`, remedy);
    symbols[currency] = r
      .list(names, at)
      .map((name, i) => r.text(name, join(at, i), SYMBOL, 'Write a symbol, e.g. "EURUSD".'));
  }
  return symbols;
};

const NEWS_KEYS = [
  'minutesBefore',
  'minutesAfter',
  'targets',
  'operations',
  'source',
  'staleAfterMinutes',
  'symbols',
];
const readNews = (r: RuleReader, value: unknown, path: string): NewsRule => {
  const o = r.object(value, path, NEWS_KEYS);
  const operations = join(path, 'operations');
  return {
    minutesBefore: r.integer(o['minutesBefore'], join(path, 'minutesBefore'), 0, 1440),
    minutesAfter: r.integer(o['minutesAfter'], join(path, 'minutesAfter'), 0, 1440),
    targets: r.oneOf(o['targets'], join(path, 'targets'), ['targeted', 'highImpact']),
    operations: r
      .list(o['operations'], operations)
      .map((v, i) => r.oneOf(v, join(operations, i), NEWS_OPERATIONS)),
    source: r.oneOf(o['source'] ?? 'terminalCalendar', join(path, 'source'), NEWS_SOURCES),
    staleAfterMinutes: r.integer(
      o['staleAfterMinutes'] ?? NEWS_STALE_AFTER_MINUTES,
      join(path, 'staleAfterMinutes'),
      1,
      43_200,
    ),
    symbols: readNewsSymbols(r, o['symbols'], join(path, 'symbols')),
  };
};

const readHolding = (r: RuleReader, value: unknown, path: string): HoldingRule => {
  const o = r.object(value ?? {}, path, [
    'flatBeforeWeekend',
    'flatBeforeBreakHours',
    'noOpenBeforeBreak',
  ]);
  return {
    flatBeforeWeekend: r.boolean(o['flatBeforeWeekend'] ?? false, join(path, 'flatBeforeWeekend')),
    flatBeforeBreakHours: r.optional(o['flatBeforeBreakHours'], (v) =>
      r.integer(v, join(path, 'flatBeforeBreakHours'), 0, 168),
    ),
    noOpenBeforeBreak: r.optional(o['noOpenBeforeBreak'], (v) => {
      const at = join(path, 'noOpenBeforeBreak');
      const n = r.object(v, at, ['withinHours', 'breakHours']);
      return {
        withinHours: r.integer(n['withinHours'], join(at, 'withinHours'), 1, 168),
        breakHours: r.integer(n['breakHours'], join(at, 'breakHours'), 1, 168),
      };
    }),
  };
};

const readActivity = (r: RuleReader, value: unknown, path: string): ActivityRule => {
  const keys = ['requestsPerDay', 'openOrders', 'positionsPerDay', 'lotsPerOrder'] as const;
  const o = r.object(value ?? {}, path, keys);
  const bound = (key: (typeof keys)[number]): number | null =>
    r.optional(o[key], (v) => r.integer(v, join(path, key), 1, 1_000_000));
  return {
    requestsPerDay: bound('requestsPerDay'),
    openOrders: bound('openOrders'),
    positionsPerDay: bound('positionsPerDay'),
    lotsPerOrder: bound('lotsPerOrder'),
  };
};

const readAccount = (r: RuleReader, value: unknown, path: string): AccountRule => {
  const o = r.object(value, path, ['marginMode', 'fifo', 'leverage', 'stopWithinSec']);
  const at = join(path, 'leverage');
  const classes = o['leverage'];
  const named = classes !== null && typeof classes === 'object' ? Object.entries(classes) : [];
  const leverage: Record<string, number> = {};
  for (const [name, v] of named) leverage[name] = r.integer(v, join(at, name), 1, 2000);
  if (leverage['default'] === undefined) {
    r.problem(at, 'no default leverage', 'Write e.g. { "default": 100 }.');
  }
  return {
    marginMode: r.oneOf(o['marginMode'], join(path, 'marginMode'), [
      'hedging',
      'netting',
      'either',
    ]),
    fifo: r.boolean(o['fifo'] ?? false, join(path, 'fifo')),
    leverage,
    stopWithinSec: r.optional(o['stopWithinSec'], (v) =>
      r.integer(v, join(path, 'stopWithinSec'), 0, 86_400),
    ),
  };
};

const readCrossAccount = (r: RuleReader, value: unknown, path: string): CrossAccountRule => {
  const o = r.object(value ?? {}, path, ['oppositePositions', 'maxAllocation']);
  return {
    oppositePositions: r.oneOf(o['oppositePositions'] ?? 'allow', join(path, 'oppositePositions'), [
      'allow',
      'forbid',
    ]),
    maxAllocation: r.optional(o['maxAllocation'], (v) => r.money(v, join(path, 'maxAllocation'))),
  };
};

const PAYOUT_KEYS = ['everyDays', 'firstAfterDays', 'countFrom', 'requiresFlat', 'sharePercent'];
const readPayout = (r: RuleReader, value: unknown, path: string): PayoutRule => {
  const o = r.object(value, path, PAYOUT_KEYS);
  const everyDays = r.integer(o['everyDays'], join(path, 'everyDays'), 0, 365);
  const first = o['firstAfterDays'] ?? everyDays;
  return {
    everyDays,
    firstAfterDays: r.integer(first, join(path, 'firstAfterDays'), 0, 365),
    countFrom: r.oneOf(o['countFrom'] ?? 'activation', join(path, 'countFrom'), PAYOUT_STARTS),
    requiresFlat: r.boolean(o['requiresFlat'] ?? false, join(path, 'requiresFlat')),
    sharePpm: r.percent(o['sharePercent'], join(path, 'sharePercent'), 100),
  };
};

const readScaling = (r: RuleReader, value: unknown, path: string): ScalingRule => {
  const o = r.object(value, path, [
    'afterMonths',
    'profitPercent',
    'payouts',
    'growthPercent',
    'cap',
  ]);
  return {
    afterMonths: r.integer(o['afterMonths'], join(path, 'afterMonths'), 1, 120),
    profitPpm: r.percent(o['profitPercent'], join(path, 'profitPercent'), 1000),
    payouts: r.integer(o['payouts'], join(path, 'payouts'), 0, 100),
    growthPpm: r.percent(o['growthPercent'], join(path, 'growthPercent'), 1000),
    cap: r.money(o['cap'], join(path, 'cap')),
  };
};

const PHASE_KEYS = [
  'name',
  'targetPercent',
  'daily',
  'total',
  'minDays',
  'maxDays',
  'inactivityDays',
  'consistency',
  'news',
  'holding',
  'activity',
  'account',
  'crossAccount',
  'payout',
  'scaling',
];

/** Reads one phase; problems go to the reader. */
export const readPhase = (r: RuleReader, value: unknown, path: string): PhaseRules => {
  const o = r.object(value, path, PHASE_KEYS);
  const at = (key: string): string => join(path, key);
  const days = (key: string): number | null =>
    r.optional(o[key], (v) => r.integer(v, at(key), 1, 3660));
  return {
    name: r.text(o['name'], at('name'), PHASE_NAME, 'Write a short name such as "challenge".'),
    targetPpm: r.optional(o['targetPercent'], (v) => r.percent(v, at('targetPercent'), 1000)),
    daily: r.optional(o['daily'], (v) => readFloor(r, v, at('daily'))),
    total: readFloor(r, o['total'], at('total')),
    minDays: r.optional(o['minDays'], (v) => readMinDays(r, v, at('minDays'))),
    maxDays: days('maxDays'),
    inactivityDays: days('inactivityDays'),
    consistency: r.optional(o['consistency'], (v) => readConsistency(r, v, at('consistency'))),
    news: r.optional(o['news'], (v) => readNews(r, v, at('news'))),
    holding: readHolding(r, o['holding'], at('holding')),
    activity: readActivity(r, o['activity'], at('activity')),
    account: readAccount(r, o['account'], at('account')),
    crossAccount: readCrossAccount(r, o['crossAccount'], at('crossAccount')),
    payout: r.optional(o['payout'], (v) => readPayout(r, v, at('payout'))),
    scaling: r.optional(o['scaling'], (v) => readScaling(r, v, at('scaling'))),
  };
};
