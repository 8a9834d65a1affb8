import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtinRuleSetDocument } from '../../src/risk/builtin-rule-sets.ts';
import { barFile, rowTime, wall, writeMarketFile } from './market-files.ts';

/** Takes a small profit again and again. */
const STRATEGY = `
  import { defineStrategy } from 'bulwark';
  export default defineStrategy({
    name: 'picker', version: '1.0.0', timeframe: 'M1', params: {},
    warmupBars: () => 3, init: () => 0,
    onBar: (seen: number, bar, { positions }) => {
      if (positions.length > 0) return { state: seen, signals: [] };
      const open = { type: 'open', side: 'buy', kind: 'market', stopDistance: 400,
        takeProfitDistance: 30, leg: 0, reason: 'again' } as const;
      return { state: seen + 1, signals: [open] };
    },
  });`;

/** A market that rises by eight points a minute for a day and a half: whoever buys takes profit. */
const risingBars = (): string => {
  const from = wall('2024-02-08 00:00:00');
  const lines = Array.from({ length: 36 * 60 }, (_, minute) => {
    const open = 110_000 + 8 * minute;
    const prices = [open, open + 10, open - 2, open + 8].map((at) => (at / 1e5).toFixed(5));
    return [rowTime(from + minute * 60_000), ...prices, 4, 0, 8].join(' ');
  });
  return barFile(lines);
};

/** FTMO's phases, with a target of ten dollars and one trading day. */
const easyRules = (): unknown => {
  const document = structuredClone(builtinRuleSetDocument('ftmo-2step-swing')) as {
    id: string;
    phases: { minDays?: { count: number }; targetPercent?: number | null }[];
  };
  document.id = 'easy';
  for (const phase of document.phases) {
    if (phase.minDays !== undefined) phase.minDays.count = 1;
    if (typeof phase.targetPercent === 'number') phase.targetPercent = 0.01;
  }
  return document;
};

export interface EasyEvaluation {
  /** Of `run`: the market, and a strategy that earns in it. */
  readonly flags: readonly string[];
  readonly rules: string;
}

/** Everything in which a phase is passed within an hour of the market. */
export const easyEvaluation = (directory: string): EasyEvaluation => {
  const market = writeMarketFile(directory, 'EURUSD_M1.csv', risingBars());
  const strategy = join(directory, 'picker.ts');
  writeFileSync(strategy, STRATEGY);
  const rules = join(directory, 'easy.json');
  writeFileSync(rules, JSON.stringify(easyRules()));
  return { flags: ['--replay', market, '--strategy', strategy, '--speed', '600'], rules };
};
