import { direction } from '../../src/domain/instrument.ts';
import { points } from '../../src/domain/units.ts';
import type { OpenRisk } from '../../src/risk/exposure.ts';
import { DEFAULT_RISK_LIMITS } from '../../src/risk/risk-limits.ts';
import type { RuleSet } from '../../src/risk/rule-set.ts';
import { assess } from '../../src/risk/verdict.ts';
import type { AssessInput } from '../../src/risk/verdict-types.ts';
import { assessInput, EURUSD, ftmo, ledgerAt, lots, usd } from '../support/risk-fixtures.ts';
import { type BenchRow, median } from './bench-row.ts';

const ROUNDS = 7;
const ROUND_MS = 300;
const POSITIONS = [0, 10, 200] as const;

const positionsOf = (count: number): readonly OpenRisk[] =>
  Array.from({ length: count }, (_, i) => ({
    ticket: String(i),
    symbol: 'EURUSD',
    side: i % 2 === 0 ? 'buy' : 'sell',
    volumeE8: lots(0.01),
    open: points(110_000),
    stopLoss: points(i % 2 === 0 ? 109_900 : 110_100),
    swap: usd(0),
  }));

/** FTMO's rules without its bound of 200 open orders, which would be the only check at 200. */
const unbounded = (): RuleSet => ({
  ...ftmo(),
  phases: ftmo().phases.map((phase) => ({
    ...phase,
    activity: { ...phase.activity, openOrders: null },
  })),
});

const inputFor = (count: number): AssessInput =>
  assessInput({
    ledger: ledgerAt('2024-01-09T08:00:00Z', 100_000, unbounded()),
    positions: positionsOf(count),
    limits: {
      ...DEFAULT_RISK_LIMITS,
      maxTradeRiskPpm: 1_000_000,
      maxPositions: 1_000,
      maxPositionsPerSymbol: 1_000,
    },
  });

/** The same sum in binary floats, with no check, no band, no rounding and no reason: the least that
 * any verdict has to do. */
const bareSum = ({ positions, symbols, account }: AssessInput): number => {
  let worst = Number(account.balance);
  for (const { symbol, side, stopLoss, open, volumeE8, swap } of positions) {
    const risk = symbols.get(symbol);
    if (risk === undefined || stopLoss === undefined) continue;
    const d = direction(side);
    const moved = d * (stopLoss - d * risk.slippagePoints - open);
    const perLot = (EURUSD.contractSize * 100) / 10 ** EURUSD.digits;
    worst += moved * (volumeE8 / 1e8) * perLot + Number(swap) - 3 * (volumeE8 / 1e8) * 100;
  }
  return worst;
};

/** Calls per second, the median of several rounds after one to warm up. */
const rateOf = (call: () => unknown): number => {
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const from = performance.now();
    let calls = 0;
    let kept: unknown;
    while (performance.now() - from < ROUND_MS) {
      for (let i = 0; i < 50; i += 1) kept = call();
      calls += 50;
    }
    if (kept === undefined) throw new Error('nothing was measured');
    if (round > 0) rates.push((calls * 1_000) / (performance.now() - from));
  }
  return median(rates);
};

/** Verdicts per second by what is open already: one that accepts, and one that has to look for the
 * largest volume that would have passed. */
export const benchRisk = async (): Promise<readonly BenchRow[]> => {
  const rows: BenchRow[] = [];
  for (const count of POSITIONS) {
    const input = inputFor(count);
    const sizing = { type: 'fixedLots', volumeE8: lots(40) } as const;
    const tooLarge = { ...input, order: { ...input.order, sizing } };
    if (!assess(input).ok || assess(tooLarge).ok)
      throw new Error('not the verdicts that were meant');
    const accepted = rateOf(() => assess(input));
    const refused = rateOf(() => assess(tooLarge));
    const bare = rateOf(() => bareSum(input));
    const open = `${count} positions`;
    rows.push(
      { name: `accepted, ${open}`, value: accepted, unit: 'verdicts/s' },
      { name: `refused with the largest volume, ${open}`, value: refused, unit: 'verdicts/s' },
      { name: `bare sum of floats, ${open}`, value: bare, unit: 'sums/s' },
      { name: `bare sum ÷ accepted, ${open}`, value: bare / accepted, unit: '×' },
    );
  }
  return rows;
};
