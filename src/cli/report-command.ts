import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  type ExecutionSummary,
  type Quantiles,
  summariseExecution,
} from '../audit/execution-summary.ts';
import { JOURNAL_FILE } from '../journal/files.ts';
import { openJournalReader } from '../journal/journal-reader.ts';
import { CliError } from './cli-error.ts';
import { type CommandIo, EXIT, type ExitCode } from './command-io.ts';

const listed = (counts: Readonly<Record<string, number | undefined>>): string => {
  const parts = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
};
const measured = (values: Quantiles, unit: string): string =>
  `mean ${values.mean}, p50 ${values.p50}, p95 ${values.p95}, most ${values.max} ${unit} ` +
  `(${values.count} fills)`;

/** The rows of one account's execution, for people. */
export const executionRows = (
  summary: ExecutionSummary,
): readonly (readonly [name: string, value: string])[] => [
  ['intents', listed(summary.intents)],
  ['states', listed(summary.states)],
  [
    'attempts',
    `${summary.attempts}, ${summary.retries} of them retries; ` +
      `${summary.unknown} intents were unknown for a while`,
  ],
  ...(summary.rejects.length === 0
    ? [['refusals', 'none'] as const]
    : summary.rejects.map(
        ({ by, reason, count }) => ['refusals', `${count} by the ${by}: ${reason}`] as const,
      )),
  ['latency', summary.latencyMs === null ? 'no fills' : measured(summary.latencyMs, 'ms')],
  ...Object.entries(summary.slippagePoints).map(
    ([symbol, values]) => ['slippage', `${symbol}: ${measured(values, 'points')}`] as const,
  ),
];

const rendered = (summary: ExecutionSummary): string => {
  const lines = executionRows(summary).map(([name, value]) => `  ${name.padEnd(10)} ${value}\n`);
  return `${summary.accountId}\n${lines.join('')}`;
};

/** `bulwark report execution`: also beside a runtime that goes on trading. */
export const runExecutionReport = (
  options: {
    readonly dataDir: string;
    readonly account?: string | undefined;
    readonly json?: boolean | undefined;
  },
  io: CommandIo,
): ExitCode => {
  const file = join(options.dataDir, JOURNAL_FILE);
  if (!existsSync(file)) {
    throw new CliError(`${options.dataDir}: there is no journal here`, 'check --data-dir');
  }
  const reader = openJournalReader({ file });
  try {
    const all = summariseExecution(reader.after);
    const wanted = all.filter(({ accountId }) => accountId === (options.account ?? accountId));
    if (wanted.length === 0) {
      const names = all.map(({ accountId }) => accountId).join(', ');
      throw new CliError(
        options.account === undefined
          ? 'nothing has been journalled yet'
          : `there is no account ${options.account} here`,
        names === '' ? 'start a session first' : `it has ${names}`,
      );
    }
    io.out.write(
      options.json === true ? `${JSON.stringify(wanted)}\n` : wanted.map(rendered).join('\n'),
    );
    return EXIT.ok;
  } finally {
    reader.close();
  }
};

type Flags = Readonly<Record<string, unknown>>;

/** Adds `report` to the program. `dataDirOf` reads the configuration of the flags. */
export const registerReport = (
  program: Command,
  ports: {
    readonly io: CommandIo;
    readonly withConfigFlags: (command: Command) => Command;
    readonly dataDirOf: (flags: Flags) => Promise<string>;
  },
  onExit: (code: number) => void,
): void => {
  const report = program.command('report').description('what the journal says about a session');
  ports
    .withConfigFlags(report.command('execution'))
    .description('how orders were carried out: counts, refusals, latency, slippage')
    .option('--account <id>', 'one account; default: all')
    .option('--json', 'one line of JSON')
    .action(async (flags: Flags & { readonly account?: string; readonly json?: boolean }) => {
      const { account, json } = flags;
      const dataDir = await ports.dataDirOf(flags);
      onExit(runExecutionReport({ dataDir, account, json }, ports.io));
    });
};
