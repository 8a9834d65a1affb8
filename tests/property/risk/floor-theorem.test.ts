import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minor, points } from '../../../src/domain/units.ts';
import type { FloorRule, RuleSet } from '../../../src/risk/rule-set.ts';
import type { AssessInput } from '../../../src/risk/verdict-types.ts';
import { ftmo, ftmoWith } from '../../support/risk-fixtures.ts';
import type { ModelOptions } from '../../support/risk-model.ts';
import { FloorBroken, RiskModel } from '../../support/risk-model.ts';
import type { Operation } from '../../support/risk-operations.ts';
import { operations } from '../../support/risk-operations.ts';

const withTotal = (total: Partial<FloorRule>, daily?: Partial<FloorRule>): RuleSet =>
  ftmoWith({ total, ...(daily === undefined ? {} : { daily }) });

/** Every way in which a floor can move, and starts around both changes of the clocks. */
const CASES: readonly (readonly [string, Omit<ModelOptions, 'blind'>])[] = [
  ['FTMO 2-Step', { ruleSet: ftmo(), startIso: '2024-01-08T09:00:00Z', targets: false }],
  [
    'FTMO 2-Step into summer time',
    { ruleSet: ftmo(), startIso: '2024-03-30T21:00:00Z', targets: true },
  ],
  [
    'a total floor below the highest midnight balance',
    {
      ruleSet: withTotal({ anchor: 'endOfDayHighWater', ratchet: 'atReset' }),
      startIso: '2024-10-26T20:00:00Z',
      targets: false,
    },
  ],
  [
    'a total floor below the highest closed balance, locked at I',
    {
      ruleSet: withTotal({
        anchor: 'closedBalanceHighWater',
        ratchet: 'realtime',
        amount: { of: 'initial', ppm: 60_000 },
        lockAtPpm: 1_000_000,
      }),
      startIso: '2024-01-08T09:00:00Z',
      targets: false,
    },
  ],
  [
    'a total floor below the highest equity',
    {
      ruleSet: withTotal({ anchor: 'equityHighWater', ratchet: 'realtime' }),
      startIso: '2024-01-08T09:00:00Z',
      targets: true,
    },
  ],
  [
    'a daily floor below the higher of balance and equity, in percent of it',
    {
      ruleSet: withTotal({}, { anchor: 'dayStartMax', amount: { of: 'anchor', ppm: 50_000 } }),
      startIso: '2024-01-08T09:00:00Z',
      targets: true,
    },
  ],
];

const runAll = (options: ModelOptions, list: readonly Operation[]): RiskModel => {
  const model = new RiskModel(options);
  for (const next of list) model.apply(next);
  return model;
};

describe('no accepted order can take equity below a floor', () => {
  it.each(CASES)('under %s', (_, options) => {
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(operations, (list) => {
        const model = runAll(options, list);
        accepted += model.accepted;
        refused += model.refused;
      }),
      { numRuns: 120 },
    );
    // A guard that refuses everything would pass the property too.
    expect(accepted).toBeGreaterThan(300);
    expect(refused).toBeGreaterThan(20);
  });
});

const eachSymbol = (
  input: AssessInput,
  change: (risk: NonNullable<ReturnType<AssessInput['symbols']['get']>>) => object,
): AssessInput => ({
  ...input,
  symbols: new Map([...input.symbols].map(([name, risk]) => [name, { ...risk, ...change(risk) }])),
});

/** What the verdict is blind to, one at a time: each must let the model break a floor. */
const BLIND: readonly (readonly [string, (input: AssessInput) => AssessInput])[] = [
  ['slippage at the stop', (i) => eachSymbol(i, () => ({ slippagePoints: points(0) }))],
  ['slippage at the entry', (i) => eachSymbol(i, () => ({ entrySlippagePoints: points(0) }))],
  [
    'commission',
    (i) =>
      eachSymbol(i, ({ instrument }) => ({
        instrument: { ...instrument, commissionPerLotMinor: minor(0n) },
      })),
  ],
  ['nights of swap', (i) => eachSymbol(i, () => ({ nights: 0 }))],
  [
    'the haircut of the conversion',
    (i) => eachSymbol(i, ({ rate }) => ({ rate: rate && { low: rate.high, high: rate.low } })),
  ],
  ['orders that may still fill', (i) => ({ ...i, orders: [] })],
  [
    'orders of unknown outcome',
    (i) => ({
      ...i,
      orders: i.orders.filter((order) => order.status !== 'unknown'),
    }),
  ],
  ['positions', (i) => ({ ...i, positions: [] })],
  [
    'a winner that closes before the reset',
    (i) => {
      const { rules } = i.ledger;
      const { daily } = rules.phase;
      const still = daily === null ? null : ({ ...daily, ratchet: 'none' } as const);
      return {
        ...i,
        ledger: { ...i.ledger, rules: { ...rules, phase: { ...rules.phase, daily: still } } },
      };
    },
  ],
  [
    'an old stop while its change is unconfirmed',
    (i) => ({
      ...i,
      positions: i.positions.map((held) => {
        const [stop] = held.unconfirmedStops ?? [];
        return stop === undefined ? held : { ...held, stopLoss: stop };
      }),
    }),
  ],
];

describe('the model breaks a floor when the verdict is blind to', () => {
  it.each(BLIND)('%s', (_, blind) => {
    const details = fc.check(
      fc.property(operations, (list) => {
        try {
          runAll(
            { ruleSet: ftmo(), startIso: '2024-01-08T09:00:00Z', targets: false, blind },
            list,
          );
        } catch (error) {
          if (error instanceof FloorBroken) return false;
        }
        return true;
      }),
      { numRuns: 3_000, seed: 7, endOnFailure: true },
    );
    expect(details.failed).toBe(true);
  });
});
