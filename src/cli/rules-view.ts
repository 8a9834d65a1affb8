import type { FloorRule, PhaseRules, RuleSet } from '../risk/rule-set.ts';

/** How people read a rule set: one line per rule, percentages of I unless something else is said. */

const percent = (ppm: number): string => `${ppm / 10_000} %`;

const ANCHOR_WORDS: Readonly<Record<FloorRule['anchor'], string>> = {
  initial: 'the initial balance',
  dayStartBalance: 'the balance at the reset',
  dayStartEquity: 'the equity at the reset',
  dayStartMax: 'the higher of balance and equity at the reset',
  endOfDayHighWater: 'the highest balance at a reset, at least the initial balance',
  closedBalanceHighWater: 'the highest closed balance',
  equityHighWater: 'the highest equity',
};

const floorWords = (rule: FloorRule): string => {
  const { amount } = rule;
  const below =
    amount.of === 'absolute'
      ? amount.value
      : amount.of === 'anchor'
        ? `${percent(amount.ppm)} of it`
        : `${percent(amount.ppm)} of the initial balance`;
  const lock = rule.lockAtPpm === null ? '' : `, rises to ${percent(rule.lockAtPpm)} at most`;
  const touch = rule.strict ? 'breached below it' : 'breached at or below it';
  const end = rule.onBreach === 'pauseUntilReset' ? ', pauses until the reset' : '';
  return `${below} below ${ANCHOR_WORDS[rule.anchor]}${lock}; ${rule.measure} ${touch}${end}`;
};

const timeWords = (phase: PhaseRules): readonly string[] => {
  const { minDays, maxDays, inactivityDays, consistency } = phase;
  const words: string[] = [];
  if (minDays !== null) {
    const by = minDays.countBy === 'open' ? 'with an opening' : 'with a profit';
    const least = minDays.profitPpm > 0 ? ` of at least ${percent(minDays.profitPpm)}` : '';
    words.push(`days         at least ${minDays.count} ${by}${least}`);
  }
  if (maxDays !== null) words.push(`time limit   ${maxDays} days`);
  if (inactivityDays !== null) words.push(`inactivity   at most ${inactivityDays} days`);
  if (consistency !== null) {
    const part = percent(consistency.bestDayMaxPpm);
    words.push(`consistency  best day at most ${part} of the profit, or no ${consistency.blocks}`);
  }
  return words;
};

const tradingWords = (phase: PhaseRules): readonly string[] => {
  const { news, holding, account, activity, crossAccount } = phase;
  const words: string[] = [];
  if (news !== null) {
    const { minutesBefore, minutesAfter, operations } = news;
    const span = `from ${minutesBefore} min before to ${minutesAfter} min after`;
    words.push(`news         no ${operations.join(', ')} ${span} a release`);
  }
  if (holding.flatBeforeWeekend) words.push('weekend      flat');
  if (holding.flatBeforeBreakHours !== null) {
    words.push(`breaks       flat before closures of over ${holding.flatBeforeBreakHours} h`);
  }
  if (holding.noOpenBeforeBreak !== null) {
    const { withinHours, breakHours } = holding.noOpenBeforeBreak;
    words.push(`gaps         no opening ${withinHours} h before a closure of ${breakHours} h`);
  }
  const bounds = Object.entries(activity).filter(([, bound]) => bound !== null);
  if (bounds.length > 0) {
    words.push(`activity     ${bounds.map(([name, bound]) => `${name} ${bound}`).join(', ')}`);
  }
  const fifo = account.fifo ? ', first in first out' : '';
  words.push(`account      ${account.marginMode}${fifo}, leverage ${account.leverage['default']}`);
  if (crossAccount.maxAllocation !== null) {
    words.push(`accounts     together at most ${crossAccount.maxAllocation}`);
  }
  return words;
};

const fundedWords = ({ payout, scaling }: PhaseRules): readonly string[] => {
  const words: string[] = [];
  if (payout !== null) {
    const every = payout.everyDays === 0 ? 'on demand' : `every ${payout.everyDays} days`;
    words.push(`payout       ${every}, ${percent(payout.sharePpm)} of the profit`);
  }
  if (scaling !== null) {
    const { afterMonths, profitPpm, payouts, growthPpm, cap } = scaling;
    words.push(
      `scaling      ${percent(growthPpm)} more after ${afterMonths} months, ` +
        `${percent(profitPpm)} profit and ${payouts} payouts, up to ${cap}`,
    );
  }
  return words;
};

const phaseLines = (phase: PhaseRules): readonly string[] => [
  `${phase.name}`,
  ...[
    `target       ${phase.targetPpm === null ? 'none' : percent(phase.targetPpm)}`,
    `daily floor  ${phase.daily === null ? 'none' : floorWords(phase.daily)}`,
    `total floor  ${floorWords(phase.total)}`,
    ...timeWords(phase),
    ...tradingWords(phase),
    ...fundedWords(phase),
  ].map((line) => `  ${line}`),
];

export const renderRuleSet = (ruleSet: RuleSet): string => {
  const { id, title, version, effectiveFrom, reset, proof, phases, sources } = ruleSet;
  const condition = proof.condition === '' ? '' : `: ${proof.condition}`;
  const lines = [
    `${title} (${id} ${version}, from ${effectiveFrom})`,
    `The day begins at ${reset.localTime} ${reset.zone}. Proof: ${proof.level}${condition}`,
    '',
    ...phases.flatMap((phase) => [...phaseLines(phase), '']),
    'Sources',
    ...Object.entries(sources).map(([path, source]) => `  ${path}: ${source}`),
  ];
  return `${lines.join('\n')}\n`;
};

/** One rule set of the list. */
export const summaryOf = (ruleSet: RuleSet) => ({
  id: ruleSet.id,
  title: ruleSet.title,
  version: ruleSet.version,
  effectiveFrom: ruleSet.effectiveFrom,
  phases: ruleSet.phases.map(({ name }) => name),
  reset: ruleSet.reset,
  proof: ruleSet.proof.level,
});

export const renderList = (ruleSets: readonly RuleSet[]): string => {
  const lines = ruleSets.map((ruleSet) => {
    const phases = ruleSet.phases.map(({ name }) => name).join(', ');
    return `${ruleSet.id.padEnd(22)} ${ruleSet.title.padEnd(56)} ${phases}`;
  });
  return `${lines.join('\n')}\n`;
};
