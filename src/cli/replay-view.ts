import { formatDecimal } from '../domain/units.ts';
import type { WalkedDay, WalkProgress, WalkReport } from '../risk/account-walk-types.ts';
import { WALK_DIGITS } from '../risk/account-walk-types.ts';

/** Exact decimal text with at least two decimals and no trailing zeros beyond them. */
export const amountText = (amount: bigint): string =>
  formatDecimal(amount, WALK_DIGITS).replace(/(\.\d{2}\d*?)0+$/, '$1');

const orNull = <T, U>(value: T | null, show: (value: T) => U): U | null =>
  value === null ? null : show(value);
const iso = (atMs: number): string => new Date(atMs).toISOString();

const dayJson = (day: WalkedDay) => ({
  date: day.date,
  opensAt: iso(day.opensAt),
  anchor: amountText(day.anchor),
  dailyFloor: orNull(day.dailyFloor, amountText),
  totalFloor: amountText(day.totalFloor),
  minEquity: amountText(day.minEquity),
  balanceAtClose: amountText(day.balanceAtClose),
});

const progressJson = (progress: WalkProgress) => ({
  profit: amountText(progress.profit),
  target: orNull(progress.target, amountText),
  targetMetAt: orNull(progress.targetMetAt, iso),
  tradingDays: progress.tradingDays,
  minDays: progress.minDays,
  daysElapsed: progress.daysElapsed,
  maxDays: progress.maxDays,
  bestDay: orNull(progress.bestDay, ({ date, profit }) => ({ date, profit: amountText(profit) })),
  bestDayMaxPercent: orNull(progress.bestDayMaxPpm, (ppm) => ppm / 10_000),
  bestDayHolds: progress.bestDayHolds,
  headroom: {
    daily: orNull(progress.headroom.daily, amountText),
    total: amountText(progress.headroom.total),
  },
  daysWithoutEquity: progress.daysWithoutEquity,
  pauses: progress.pauses.map(({ at, until, equity, floor }) => ({
    at: iso(at),
    until: iso(until),
    equity: amountText(equity),
    floor: amountText(floor),
  })),
  doubt: orNull(progress.doubt, ({ at, rule, equity, floor }) => ({
    at: iso(at),
    rule,
    equity: amountText(equity),
    floor: amountText(floor),
  })),
});

/** The report as one line of JSON. Money is exact decimal text, instants ISO-8601 UTC. */
export const renderReplayJson = (report: WalkReport): string =>
  `${JSON.stringify({
    rules: report.rules,
    phase: report.phase,
    days: report.days.map(dayJson),
    breach: orNull(report.breach, ({ at, rule, equity, floor }) => ({
      at: iso(at),
      rule,
      equity: amountText(equity),
      floor: orNull(floor, amountText),
    })),
    passedAt: orNull(report.passedAt, iso),
    verdict: report.verdict,
    equitySource: report.equitySource,
    progress: progressJson(report.progress),
  })}\n`;

const HEADINGS = [
  'day',
  'opens at (UTC)',
  'anchor',
  'daily floor',
  'total floor',
  'min equity',
  'balance at close',
];

const table = (days: readonly WalkedDay[]): readonly string[] => {
  const rows = days.map((day) => [
    day.date,
    iso(day.opensAt).slice(0, 16).replace('T', ' '),
    amountText(day.anchor),
    day.dailyFloor === null ? '-' : amountText(day.dailyFloor),
    amountText(day.totalFloor),
    amountText(day.minEquity),
    amountText(day.balanceAtClose),
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  return [HEADINGS, ...rows].map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < 2 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
};

const verdictLines = (report: WalkReport): readonly string[] => {
  const { breach, passedAt, progress } = report;
  const { doubt, targetMetAt } = progress;
  if (breach !== null) {
    const numbers =
      breach.floor === null
        ? `equity ${amountText(breach.equity)}`
        : `${amountText(breach.equity)} against the floor ${amountText(breach.floor)}`;
    return [`BREACHED at ${iso(breach.at)}: ${breach.rule}, ${numbers}.`];
  }
  if (passedAt !== null) return [`PASSED at ${iso(passedAt)}.`];
  const lines: string[] = [];
  if (doubt !== null) {
    const { at, rule, equity, floor } = doubt;
    const figures = `${amountText(equity)} against the ${rule} floor ${amountText(floor)}`;
    lines.push(`Equity may have been ${figures} at ${iso(at)}; the history does not say.`);
  }
  if (targetMetAt !== null) {
    lines.push(`The target was met at ${iso(targetMetAt)}, but it is not shown that floors held.`);
  }
  return [...lines, report.verdict === 'inconclusive' ? 'INCONCLUSIVE.' : 'IN PROGRESS.'];
};

const progressLines = (progress: WalkProgress): readonly string[] => {
  const { target, minDays, maxDays, bestDay, headroom, pauses } = progress;
  const of = (bound: string | null): string => (bound === null ? '' : ` of ${bound}`);
  const lines = [
    `profit        ${amountText(progress.profit)}${of(orNull(target, amountText))}`,
    `trading days  ${progress.tradingDays}${of(orNull(minDays, String))}`,
    `day           ${progress.daysElapsed}${of(orNull(maxDays, String))}`,
  ];
  if (bestDay !== null) {
    const holds = progress.bestDayHolds ? '' : ', too large a part of the profit';
    lines.push(`best day      ${bestDay.date} with ${amountText(bestDay.profit)}${holds}`);
  }
  const daily = headroom.daily === null ? '' : `${amountText(headroom.daily)} to the daily floor, `;
  lines.push(`headroom      ${daily}${amountText(headroom.total)} to the total floor`);
  for (const pause of pauses) {
    const figures = `${amountText(pause.equity)} against ${amountText(pause.floor)}`;
    lines.push(`paused        ${iso(pause.at)} until ${iso(pause.until)}: ${figures}`);
  }
  return lines;
};

/** The report for people. */
export const renderReplay = (report: WalkReport): string => {
  const source =
    report.equitySource === 'observed'
      ? 'Equity as the history states it.'
      : 'The history states no equity: balances stand in for it, and nothing can be passed.';
  const lines = [
    `${report.rules}, ${report.phase}. ${source}`,
    '',
    ...table(report.days),
    '',
    ...progressLines(report.progress),
    '',
    ...verdictLines(report),
  ];
  return `${lines.join('\n')}\n`;
};
