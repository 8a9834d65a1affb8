import type { Minor } from '../domain/units.ts';
import { readAccountFile } from '../mt5/reports/account-file.ts';
import { parseAmount } from '../mt5/reports/amounts.ts';
import { AccountFileError } from '../mt5/reports/errors.ts';
import { parseServerTz } from '../mt5/venue-time.ts';
import { AccountWalk } from '../risk/account-walk.ts';
import type { RuleSet } from '../risk/rule-set.ts';
import { phaseOf } from '../risk/rule-set.ts';
import { CliError } from './cli-error.ts';
import type { CommandIo, ExitCode } from './command-io.ts';
import { EXIT } from './command-io.ts';
import { renderReplay, renderReplayJson } from './replay-view.ts';
import { loadRuleSet } from './rule-set-source.ts';

/** Most brokers' servers: New York plus seven hours. */
const DEFAULT_SERVER_TZ = 'ny+7';

export interface RulesReplayOptions {
  readonly rules?: string | undefined;
  readonly phase?: string | undefined;
  readonly initial?: string | undefined;
  readonly file?: string | undefined;
  readonly serverTz?: string | undefined;
  readonly json?: boolean | undefined;
  readonly failOnBreach?: boolean | undefined;
}

const required = (value: string | undefined, flag: string, remedy: string): string => {
  if (value !== undefined && value !== '') return value;
  throw new CliError(`${flag} is missing`, remedy);
};

const initialOf = (text: string): Minor => {
  const initial = parseAmount(text);
  if (initial !== undefined && initial > 0n) return initial;
  throw new CliError(
    `--initial "${text}" is no amount of money`,
    'Write a positive decimal such as 100000 or 100000.00',
  );
};

const phaseNameOf = (ruleSet: RuleSet, name: string | undefined): string => {
  const known = ruleSet.phases.map((phase) => phase.name).join(', ');
  const remedy = `The phases of ${ruleSet.id} are: ${known}`;
  const phase = required(name, '--phase', remedy);
  if (phaseOf(ruleSet, phase) !== undefined) return phase;
  throw new CliError(`${ruleSet.id} has no phase "${phase}"`, remedy);
};

/**
 * `bulwark rules replay`: walks the history of any account against a phase of a rule set. Throws
 * CliError for anything wrong with the flags or the file.
 */
export const runRulesReplay = async (
  options: RulesReplayOptions,
  io: CommandIo,
): Promise<ExitCode> => {
  const rules = required(options.rules, '--rules', 'Name a rule set, see "bulwark rules list"');
  const { ruleSet } = loadRuleSet(rules);
  const phase = phaseNameOf(ruleSet, options.phase);
  const initialText = required(options.initial, '--initial', 'Write e.g. --initial 100000');
  const initial = initialOf(initialText);
  const file = required(options.file, '--file', 'Name an events file or a report of MetaTrader');
  const zone = parseServerTz(options.serverTz ?? DEFAULT_SERVER_TZ);
  if (!zone.ok) throw new CliError(`--server-tz: ${zone.reason}`, zone.remedy);
  const walk = new AccountWalk({ ruleSet, phase, initial });
  try {
    const onEvent: AccountWalk['push'] = (event) => walk.push(event);
    const read = await readAccountFile({ file, zone: zone.zone, onEvent });
    for (const note of read.notes) io.err.write(`${note}\n`);
    if (read.format !== 'ndjson' && options.serverTz === undefined) {
      io.err.write(`Times are taken as server time in ${DEFAULT_SERVER_TZ}; see --server-tz.\n`);
    }
  } catch (error) {
    if (!(error instanceof AccountFileError)) throw error;
    const place = error.line > 0 ? `${error.file}:${error.line}` : error.file;
    throw new CliError(`${place}: ${error.reason}`, error.remedy);
  }
  const report = walk.report();
  if (report === undefined) throw new Error('a history with entries has no report');
  io.out.write(options.json === true ? renderReplayJson(report) : renderReplay(report));
  const failed = options.failOnBreach === true && report.verdict === 'breached';
  return failed ? EXIT.failed : EXIT.ok;
};
