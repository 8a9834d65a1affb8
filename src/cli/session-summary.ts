import { join } from 'node:path';
import type { Runtime } from '../actors/runtime.ts';
import { type ExecutionSummary, summariseExecution } from '../audit/execution-summary.ts';
import { openAuditQueries } from '../audit/queries.ts';
import { formatDecimal } from '../domain/units.ts';
import { AUDIT_FILE, JOURNAL_FILE } from '../journal/files.ts';
import { openJournalReader } from '../journal/journal-reader.ts';
import { executionRows } from './report-command.ts';

/** What a session did. Money is decimal text. `--json` prints everything above `mode`. */
export interface SessionSummary {
  readonly bars: number;
  readonly ticks: number;
  readonly signals: number;
  /** Orders by the state in which they ended, opens and closes together. */
  readonly orders: Readonly<Record<string, number>>;
  readonly deals: number;
  readonly denials: Readonly<Record<string, number>>;
  /** Gross profit of closed volume plus all costs booked so far: what the balance moved by. */
  readonly realised: string;
  readonly floating: string;
  /** Commission and swap, negative costs money. */
  readonly costs: string;
  /** Null when the account was never seen. */
  readonly minEquity: string | null;
  /** Equity above each floor when the session ended. */
  readonly headroom: { readonly daily: string | null; readonly total: string | null };
  readonly restarts: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Trading mode when the session ended, and why. */
  readonly mode: string;
  readonly modeReason: string;
  /** Paths that used up their restart budget. */
  readonly parked: readonly string[];
  /** How orders were carried out; null when nothing was journalled for the account. */
  readonly execution: ExecutionSummary | null;
}

/** What the running system knows and the audit does not; taken before it is stopped. */
export interface FinalFigures {
  readonly bars: number;
  readonly ticks: number;
  readonly digits: number;
  readonly equity: bigint | null;
  readonly floating: bigint | null;
  readonly minEquity: bigint | null;
  readonly floors: { readonly daily: bigint | null; readonly total: bigint } | null;
  readonly restarts: number;
  readonly mode: string;
  readonly modeReason: string;
  readonly parked: readonly string[];
}

export const finalFigures = (runtime: Runtime): FinalFigures => {
  const guard = runtime.guard();
  const progress = runtime.progress();
  return {
    bars: progress?.barsTotal ?? 0,
    ticks: progress?.ticksTotal ?? 0,
    digits: guard?.currencyDigits ?? 2,
    equity: guard?.equity ?? null,
    floating: guard?.floating ?? null,
    minEquity: guard?.minEquity ?? null,
    floors: guard?.floors ?? null,
    restarts: runtime.restarts(),
    mode: guard?.mode ?? 'halted',
    modeReason: guard?.reason ?? 'the account was never seen',
    parked: runtime.system
      .tree()
      .filter(({ status }) => status === 'parked')
      .map(({ path }) => path),
  };
};

/** States that are always shown, so that a reader of the JSON finds every one of them. */
const SHOWN_STATES = ['filled', 'refused', 'denied', 'cancelled', 'expired', 'unknown'] as const;

/** Reads the audit of a session that has been stopped: everything in it is final. */
export const summarise = (input: {
  readonly dataDir: string;
  readonly accountId: string;
  readonly figures: FinalFigures;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}): SessionSummary => {
  const { figures, accountId } = input;
  const audit = openAuditQueries({ file: join(input.dataDir, AUDIT_FILE) });
  try {
    const filter = { accountId };
    const totals = audit.totals(filter);
    const counts = audit.orderCounts(filter);
    const states = Object.fromEntries(SHOWN_STATES.map((state) => [state, 0]));
    const money = (value: bigint): string => formatDecimal(value, figures.digits);
    const above = (floor: bigint | null | undefined): string | null =>
      floor === null || floor === undefined || figures.equity === null
        ? null
        : money(figures.equity - floor);
    return {
      bars: figures.bars,
      ticks: figures.ticks,
      signals: audit.signalCount(filter),
      orders: { ...states, ...counts },
      deals: totals.deals,
      denials: audit.denialCounts(filter),
      realised: money(totals.gross + totals.costs),
      floating: money(figures.floating ?? 0n),
      costs: money(totals.costs),
      minEquity: figures.minEquity === null ? null : money(figures.minEquity),
      headroom: { daily: above(figures.floors?.daily), total: above(figures.floors?.total) },
      restarts: figures.restarts,
      mode: figures.mode,
      modeReason: figures.modeReason,
      parked: figures.parked,
      execution: executionOf(input.dataDir, accountId),
      wallSeconds: Number(input.wallSeconds.toFixed(3)),
      cpuSeconds: Number(input.cpuSeconds.toFixed(3)),
    };
  } finally {
    audit.close();
  }
};

/** The object of `--json`: a published shape, so nothing is added to it in passing. */
export const summaryJson = ({
  mode,
  modeReason,
  parked,
  execution,
  ...published
}: SessionSummary): string => JSON.stringify(published);

const executionOf = (dataDir: string, accountId: string): ExecutionSummary | null => {
  const reader = openJournalReader({ file: join(dataDir, JOURNAL_FILE) });
  try {
    const all = summariseExecution(reader.after);
    return all.find((one) => one.accountId === accountId) ?? null;
  } finally {
    reader.close();
  }
};

/** Orders and denials have rows of their own already. */
const EXECUTION_ROWS: readonly string[] = ['attempts', 'latency', 'slippage'];

/** The same for people. */
export const renderSummary = (summary: SessionSummary, currency: string): string => {
  const orders = Object.entries(summary.orders)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
  const denials = Object.entries(summary.denials)
    .map(([code, count]) => `${count} ${code}`)
    .join(', ');
  const { headroom } = summary;
  const rows: readonly (readonly [string, string])[] = [
    ['market', `${summary.bars} bars, ${summary.ticks} ticks`],
    ['signals', `${summary.signals}`],
    ['orders', orders === '' ? 'none' : orders],
    ['deals', `${summary.deals}`],
    ['denials', denials === '' ? 'none' : denials],
    ...(summary.execution === null ? [] : executionRows(summary.execution)).filter(([name]) =>
      EXECUTION_ROWS.includes(name),
    ),
    ['realised', `${summary.realised} ${currency} (costs ${summary.costs})`],
    ['floating', `${summary.floating} ${currency}`],
    ['lowest equity', `${summary.minEquity ?? '-'} ${currency}`],
    ['headroom', `${headroom.daily ?? '-'} daily, ${headroom.total ?? '-'} total`],
    ['restarts', `${summary.restarts}`],
    ['mode', `${summary.mode} (${summary.modeReason})`],
    ['parked', summary.parked.length === 0 ? 'nothing' : summary.parked.join(', ')],
    ['time', `${summary.wallSeconds} s wall, ${summary.cpuSeconds} s CPU`],
  ];
  const lines = rows.map(([name, value]) => `  ${name.padEnd(14)} ${value}`);
  return ['session summary', ...lines].join('\n');
};
