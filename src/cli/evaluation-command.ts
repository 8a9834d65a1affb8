import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { evaluationsIn, type RecordedEvaluation } from '../actors/guard/evaluation-record.ts';
import { evaluationStatus, progressStatus } from '../actors/operator/operator-evaluation.ts';
import { EVALUATION_ID } from '../actors/operator/operator-types.ts';
import type {
  EvaluationStatus,
  ProgressStatus,
  RuntimeStatus,
} from '../actors/operator/operator-view.ts';
import { JOURNAL_FILE } from '../journal/files.ts';
import { openJournalReader } from '../journal/journal-reader.ts';
import type { JournalReader } from '../journal/types.ts';
import { restore } from '../risk/ledger-codec.ts';
import { objectivesOf } from '../risk/objectives.ts';
import { payoutProgress } from '../risk/payout.ts';
import { CliError } from './cli-error.ts';
import { type CommandIo, EXIT, type ExitCode } from './command-io.ts';
import { askRuntime, isListening } from './control-client.ts';
import {
  folderOf,
  type OperatorFlags,
  runOrder,
  withAccount,
  withPlace,
} from './operator-command.ts';
import { evaluationLines, progressLine } from './status-view.ts';

/** One evaluation as `evaluation status` shows it. */
export interface EvaluationReport extends EvaluationStatus {
  /** Of the account that is traded now; null: the journal has no book of it. */
  readonly progress: ProgressStatus | null;
  /** running: as the runtime has it now. journal: as it was recorded last. */
  readonly source: 'running' | 'journal';
}

const checkedId = (id: string): string => {
  if (EVALUATION_ID.test(id)) return id;
  throw new CliError(
    `"${id}" cannot name an evaluation`,
    'use up to 64 letters, digits, dots, dashes and underscores',
  );
};
const checkedLogin = (login: string): string => {
  if (/^\d{1,20}$/.test(login)) return login;
  throw new CliError(`"${login}" is no login`, 'write the number of the account');
};

const recordedReport = (
  reader: JournalReader,
  evaluation: RecordedEvaluation,
): EvaluationReport => {
  const login = evaluation.chart.context.bindings.at(-1)?.login ?? '';
  const saved = reader.last(login, 'ledger.saved');
  const source = 'journal';
  if (saved?.kind !== 'ledger.saved') {
    return { ...evaluationStatus(evaluation, null, 0), source, progress: null };
  }
  const ledger = restore(saved.ledger);
  const { currencyDigits: digits } = ledger;
  // What is open only the terminal knows; at rest it is left out.
  const payout = payoutProgress(ledger, evaluation.chart.context, true);
  const progress = progressStatus(objectivesOf(ledger, ledger.equity), digits);
  return { ...evaluationStatus(evaluation, payout, digits), source, progress };
};

/** What the journal knows, and for the account that runs what its runtime knows. */
const reports = async (dataDir: string): Promise<readonly EvaluationReport[]> => {
  const file = join(dataDir, JOURNAL_FILE);
  if (!existsSync(file)) {
    throw new CliError(`${dataDir} holds no run`, 'name its folder with --data-dir');
  }
  const reader = openJournalReader({ file });
  try {
    const recorded = evaluationsIn(reader).map((item) => recordedReport(reader, item));
    if (!isListening(dataDir)) return recorded;
    const { reply } = await askRuntime(dataDir, { account: 'all', command: { type: 'status' } });
    if (!reply.ok) return recorded;
    const { accounts } = reply.result as RuntimeStatus;
    return recorded.map((item) => {
      const live = accounts.find(({ evaluation }) => evaluation?.id === item.id);
      if (live === undefined || live.evaluation === null) return item;
      // An account of an earlier phase may still run: its figures are not those of the phase.
      const isTraded = live.evaluation.accounts.at(-1)?.login === live.login;
      const progress = isTraded ? live.progress : item.progress;
      return { ...live.evaluation, progress, source: 'running' };
    });
  } finally {
    reader.close();
  }
};

const runStatus = async (
  wanted: string | undefined,
  flags: OperatorFlags,
  io: CommandIo,
): Promise<ExitCode> => {
  const id = wanted === undefined ? undefined : checkedId(wanted);
  const all = await reports(await folderOf(flags, io));
  const shown = all.filter((report) => report.id === (id ?? report.id));
  if (id !== undefined && shown.length === 0) {
    const names = all.map((report) => report.id).join(', ');
    throw new CliError(
      `there is no evaluation ${id}`,
      names === '' ? 'begin one with `bulwark evaluation start`' : `here are: ${names}`,
    );
  }
  if (flags.json === true) {
    io.out.write(`${JSON.stringify({ ok: true, evaluations: shown })}\n`);
    return EXIT.ok;
  }
  if (shown.length === 0) io.out.write('no evaluation has been started here\n');
  for (const report of shown) {
    const lines = [...evaluationLines(report), ...progressLine(report.progress)];
    for (const line of lines) io.out.write(`${line}\n`);
  }
  return EXIT.ok;
};

/** `bulwark evaluation start|bind|status`. */
export const registerEvaluation = (
  program: Command,
  io: CommandIo,
  onExit: (code: number) => void,
): void => {
  const evaluation = program
    .command('evaluation')
    .description("the life of a firm's evaluation over its phases and their accounts");
  withAccount(evaluation.command('start').description('begins one with the account that runs'))
    .argument('<id>', 'a name of your own for it')
    .option('--reason <text>', 'why, for the journal')
    .action(async (id: string, flags: OperatorFlags) => {
      const command = { type: 'evaluation.start', id: checkedId(id) } as const;
      onExit(await runOrder(flags, { ...command, reason: flags.reason ?? '' }, io));
    });
  withPlace(
    evaluation.command('bind').description('binds the account that the firm has issued next'),
  )
    .argument('<id>', 'the evaluation')
    .argument('<login>', 'login of the new account')
    .option('--reason <text>', 'why, for the journal')
    .action(async (id: string, login: string, flags: OperatorFlags) => {
      const names = { id: checkedId(id), login: checkedLogin(login) };
      const command = { type: 'evaluation.bind', ...names } as const;
      onExit(await runOrder(flags, { ...command, reason: flags.reason ?? '' }, io));
    });
  withPlace(evaluation.command('status').description('phase, account and progress, also at rest'))
    .argument('[id]', 'one evaluation (default: all)')
    .action(async (id: string | undefined, flags: OperatorFlags) =>
      onExit(await runStatus(id, flags, io)),
    );
};
