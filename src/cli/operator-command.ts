import { existsSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { killFile } from '../actors/control/control-endpoint.ts';
import type { ControlAnswer } from '../actors/control/control-protocol.ts';
import type { OperatorCommand, OperatorReply } from '../actors/operator/operator-types.ts';
import type { RuntimeStatus, SymbolExplanation } from '../actors/operator/operator-view.ts';
import { loadConfig } from '../config/load-config.ts';
import { JOURNAL_FILE } from '../journal/files.ts';
import { CliError } from './cli-error.ts';
import { type CommandIo, EXIT, type ExitCode } from './command-io.ts';
import { askRuntime, isListening, meantFolder } from './control-client.ts';
import { renderStatus, renderWhy } from './status-view.ts';

/** Orders to a runtime that runs, over its control socket. */
export interface OperatorFlags {
  readonly dataDir?: string;
  readonly config?: string;
  readonly account?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

const NO_REASON = 'no reason was given';

/** A kill must not wait for a configuration that is right: without one it is the usual folder. */
export const folderOf = async (flags: OperatorFlags, io: CommandIo): Promise<string> => {
  if (flags.dataDir !== undefined) return meantFolder(resolve(flags.dataDir));
  try {
    const { config } = await loadConfig(
      flags.config === undefined ? {} : { configFile: flags.config },
    );
    return meantFolder(resolve(config.dataDir));
  } catch (error) {
    if (error instanceof CliError) throw error;
    io.err.write('the configuration cannot be read; looking in .bulwark\n');
    return meantFolder(resolve('.bulwark'));
  }
};

/** Who orders it, for the journal. */
const byName = (): { readonly by?: string } => {
  try {
    return { by: userInfo().username };
  } catch {
    return {}; // A user without a name, as in some containers.
  }
};

export const runOrder = async (
  flags: OperatorFlags,
  command: OperatorCommand,
  io: CommandIo,
): Promise<ExitCode> => {
  const dataDir = await folderOf(flags, io);
  const account = flags.account ?? 'all';
  const answer = await askRuntime(dataDir, { account, command, ...byName() });
  return report(answer, command, flags, io);
};

const report = (
  answer: ControlAnswer,
  command: OperatorCommand,
  flags: OperatorFlags,
  io: CommandIo,
): ExitCode => {
  const { reply, staleMs } = answer;
  if (flags.json === true) {
    io.out.write(`${JSON.stringify(staleMs === undefined ? reply : { ...reply, staleMs })}\n`);
  } else {
    tell(reply, staleMs, command, io);
  }
  return reply.ok ? EXIT.ok : EXIT.failed;
};

const tell = (
  reply: OperatorReply,
  staleMs: number | undefined,
  command: OperatorCommand,
  io: CommandIo,
): void => {
  for (const { account, text } of reply.done) {
    io.out.write(`${account === null ? '' : `${account}: `}${text}\n`);
  }
  if (!reply.ok) {
    for (const { code, account, cause, remedy } of reply.refusals) {
      io.err.write(`${account === null ? '' : `${account}: `}${code}: ${cause}; ${remedy}\n`);
    }
    return;
  }
  if (command.type === 'status') {
    io.out.write(renderStatus(reply.result as RuntimeStatus, staleMs));
  }
  if (command.type === 'why') {
    io.out.write(renderWhy(reply.result as readonly SymbolExplanation[]));
  }
};

/** A kill is for the worst hour: where nobody answers it leaves the lock on the disk. */
const runKill = async (flags: OperatorFlags, io: CommandIo): Promise<ExitCode> => {
  const reason = flags.reason ?? NO_REASON;
  const dataDir = await folderOf(flags, io);
  try {
    return await runOrder({ ...flags, dataDir }, { type: 'kill', reason }, io);
  } catch (error) {
    if (!(error instanceof CliError) || !existsSync(join(dataDir, JOURNAL_FILE))) throw error;
    const file = killFile(dataDir);
    writeFileSync(file, `${reason}\n`, { mode: 0o600 });
    const then = isListening(dataDir)
      ? 'it is looked for four times a second'
      : 'the next start locks and closes everything; until then the terminal alone holds the floors';
    io.err.write(`${error.message}\n${file} was written: ${then}\n`);
    return EXIT.failed;
  }
};

const runRearm = (flags: OperatorFlags, io: CommandIo): Promise<ExitCode> => {
  const { account, reason } = flags;
  if (account === undefined || account === 'all') {
    throw new CliError('rearm is for one account', 'type its login: --account LOGIN');
  }
  if (reason === undefined || reason.trim() === '') {
    throw new CliError('a lock is not left without a reason', 'say why: --reason TEXT');
  }
  return runOrder(flags, { type: 'rearm', typed: account, reason }, io);
};

export const withPlace = (command: Command): Command =>
  command
    .option('--data-dir <dir>', 'folder of the run (default: the configured one)')
    .option('--config <file>', 'configuration file that names the folder')
    .option('--json', 'the answer as one line of JSON');
export const withAccount = (command: Command): Command =>
  withPlace(command).option('--account <login>', 'only this account (default: all)');

/** `bulwark halt|resume|flatten|kill|rearm|status|why|strategy|restart`. */
export const registerOperator = (
  program: Command,
  io: CommandIo,
  onExit: (code: number) => void,
): void => {
  const DESCRIPTIONS = {
    halt: 'opens nothing more; what is open stays, with its stops',
    resume: "lifts an operator's halt",
    flatten: 'halts, cancels every order and closes every position',
  } as const;
  for (const type of ['halt', 'resume', 'flatten'] as const) {
    withAccount(program.command(type).description(DESCRIPTIONS[type]))
      .option('--reason <text>', 'why, for the journal')
      .action(async (flags: OperatorFlags) => {
        const reason = flags.reason ?? NO_REASON;
        onExit(await runOrder(flags, { type, reason }, io));
      });
  }
  withAccount(program.command('kill').description('closes everything and locks the account'))
    .option('--reason <text>', 'why, for the journal')
    .action(async (flags: OperatorFlags) => onExit(await runKill(flags, io)));
  withPlace(program.command('rearm').description('leaves a lock, when both sides agree'))
    .option('--account <login>', 'the account, typed by you')
    .option('--reason <text>', 'why it may trade again')
    .action(async (flags: OperatorFlags) => onExit(await runRearm(flags, io)));
  withAccount(program.command('status').description('what runs, and how it stands')).action(
    async (flags: OperatorFlags) => onExit(await runOrder(flags, { type: 'status' }, io)),
  );
  withAccount(program.command('why').description('why a symbol does not trade now'))
    .argument('[symbol]', 'one symbol (default: all)')
    .action(async (symbol: string | undefined, flags: OperatorFlags) => {
      const command =
        symbol === undefined ? { type: 'why' as const } : { type: 'why' as const, symbol };
      onExit(await runOrder(flags, command, io));
    });
  registerAdmin(program, io, onExit);
};

const registerAdmin = (program: Command, io: CommandIo, onExit: (code: number) => void): void => {
  const strategy = program.command('strategy').description('starts and stops single strategies');
  for (const verb of ['enable', 'disable'] as const) {
    withAccount(strategy.command(verb).description(`${verb}s one strategy, over restarts`))
      .argument('<id>', 'e.g. atr-breakout:EURUSD')
      .action(async (id: string, flags: OperatorFlags) =>
        onExit(await runOrder(flags, { type: `strategy.${verb}`, id }, io)),
      );
  }
  const breaker = program.command('breaker').description("the link's circuit breaker");
  withAccount(breaker.command('reset').description('closes it before its pause is over')).action(
    async (flags: OperatorFlags) => onExit(await runOrder(flags, { type: 'breaker.reset' }, io)),
  );
  withPlace(program.command('restart').description('restarts one actor of the tree'))
    .argument('<path>', 'its path, as `status --json` and the events show it')
    .action(async (path: string, flags: OperatorFlags) =>
      onExit(await runOrder(flags, { type: 'actor.restart', path }, io)),
    );
};
