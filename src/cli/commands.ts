import { join, resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ISOLATION_KINDS } from '../actors/isolation/placement.ts';
import { ambientClock } from '../actors/kernel/ambient-clock.ts';
import { AUDIT_TABLE_NAMES } from '../audit/tables.ts';
import type { Override } from '../config/environment.ts';
import { type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { LOG_LEVEL_NAMES } from '../config/observers-schema.ts';
import { renderConfig } from '../config/print-config.ts';
import { CLOCK_KINDS } from '../config/schema.ts';
import { type FaultKind, isFault } from '../domain/faults.ts';
import { runAuditRebuild, runAuditVerify } from './audit-command.ts';
import { registerBackup } from './backup-command.ts';
import { runBridgeCommand } from './bridge-command.ts';
import { type CommandIo, EXIT } from './command-io.ts';
import { DOCTOR_WAIT, runDoctor } from './doctor/doctor-command.ts';
import { registerEvaluation } from './evaluation-command.ts';
import { runExport } from './export-command.ts';
import { parseDuration } from './flags.ts';
import { KEYS_FILE, registerKeys } from './keys-command.ts';
import { renderLimits } from './limits-command.ts';
import { refuseUnstatedLive } from './live-checks.ts';
import { registerOperator } from './operator-command.ts';
import { runReconcile } from './reconcile-command.ts';
import { registerReport } from './report-command.ts';
import { registerRules } from './rules-command.ts';
import { type RunPorts, runRun } from './run-command.ts';
import { runTerminalCommand } from './terminal-command.ts';

/** What the commands take from the process: streams, signals, and its own command line. */
export interface CliPorts extends RunPorts {
  readonly io: CommandIo;
}

/** Flags that are configuration: they win over file and environment. */
interface ConfigFlags {
  readonly config?: string;
  readonly profile?: string;
  readonly dataDir?: string;
  readonly serverTz?: string;
  readonly speed?: string;
  readonly clock?: string;
  readonly seed?: string;
  readonly isolation?: string;
  readonly logLevel?: string;
}

const FLAG_PATHS = [
  ['profile', ['profile'], '--profile'],
  ['dataDir', ['dataDir'], '--data-dir'],
  ['serverTz', ['market', 'serverTz'], '--server-tz'],
  ['speed', ['market', 'speed'], '--speed'],
  ['clock', ['market', 'clock'], '--clock'],
  ['seed', ['market', 'seed'], '--seed'],
  ['isolation', ['isolation', 'kind'], '--isolation'],
  ['logLevel', ['log', 'level'], '--log-level'],
] as const;

const load = (flags: ConfigFlags, extra: readonly Override[] = [], isReplay = false) => {
  const overrides = FLAG_PATHS.flatMap(([name, path, flag]): readonly Override[] => {
    const value = flags[name];
    return value === undefined ? [] : [{ path, value, flag }];
  });
  return loadConfig({
    overrides: [...extra, ...overrides],
    isReplay,
    ...(flags.config === undefined ? {} : { configFile: flags.config }),
  });
};

const several = (value: string, before: readonly string[] = []): readonly string[] => {
  const names = value.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('Write e.g. EURUSD or EURUSD,XAUUSD.');
  return [...before, ...names];
};

const durationArgument = (text: string): number => {
  const parsed = parseDuration(text);
  if (parsed === undefined) throw new InvalidArgumentError('Write e.g. 90s, 15m, 2h or 5d.');
  return parsed;
};

const portArgument = (text: string): number => {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('Write a number from 0 to 65535.');
};

const withConfigFlags = (command: Command): Command =>
  command
    .option('--config <file>', 'configuration file (default: bulwark.config.json or .ts)')
    .addOption(new Option('--profile <name>', 'paper, dryRun, or live'))
    .option('--data-dir <dir>', 'folder of journal, audit and terminal (default: .bulwark)');

const withMarketFlags = (command: Command): Command =>
  command
    .option('--replay <file...>', 'MT5 exports to play: bars or ticks, .csv or .csv.gz')
    .option('--symbol <names>', 'symbol of each replay file, where its name does not say', several)
    .option('--server-tz <zone>', 'time zone of the data: ny+7, UTC±h or an IANA name')
    .option('--speed <n>', 'market seconds per second: 1, any number, or max')
    .addOption(new Option('--clock <kind>', 'who moves the session clock').choices(CLOCK_KINDS))
    .option('--seed <n>', 'seed of the built-in market and of the broker');

/** Adds one command to the program; `onExit` is told the exit code when it is done. */
type Register = (program: Command, ports: CliPorts, onExit: (code: number) => void) => void;

/** The main job. */
const registerRun: Register = (program, ports, onExit) => {
  const { io } = ports;
  withMarketFlags(
    withConfigFlags(program.command('run')).description(
      'trade: the built-in market, or a replay of your files, on the simulated terminal',
    ),
  )
    .option('--strategy <name|file>', 'one strategy for every symbol: a built-in or your own file')
    .addOption(
      new Option(
        '--isolation <kind>',
        'where strategies run (default: files perSymbol, built-ins inline)',
      ).choices(ISOLATION_KINDS),
    )
    .option('--duration <time>', 'stop after 60s, 5m…: market time in a replay', durationArgument)
    .addOption(
      new Option(
        '--log-level <level>',
        'mildest line of the JSON log in logs/ (default: info)',
      ).choices(LOG_LEVEL_NAMES),
    )
    .option('--fresh', 'start over instead of resuming')
    .option('--takeover', 'take the account from another controller (needs link.takeoverToken)')
    .option('--ledger <file>', "a copy of the terminal's own ledger, as NDJSON")
    .addOption(new Option('--successor-of <pid>', 'takes over from a process').hideHelp())
    .option('--json', 'one line of JSON on stdout at the end; everything else on stderr')
    .option(
      '--inspector-port <n>',
      'port of the page and the API, 0 for any free one (default: none in a replay, else 0)',
      portArgument,
    )
    .action(async (flags) => {
      const isReplay = flags.replay !== undefined;
      // A replay runs as fast as it can unless told otherwise; a built-in market is watched.
      const speed = isReplay && flags.speed === undefined ? 'max' : flags.speed;
      const loaded = await load({ ...flags, speed }, [], isReplay);
      refuseUnstatedLive(loaded);
      const { config } = loaded;
      onExit(
        await runRun(
          {
            ...flags,
            durationMs: flags.duration as number | undefined,
            inspectorPort: flags.inspectorPort as number | undefined,
          },
          config,
          io,
          ports,
        ),
      );
    });
};

/** What a start would find. */
const registerReconcile: Register = (program, ports, onExit) => {
  const { io } = ports;
  withMarketFlags(
    withConfigFlags(program.command('reconcile')).description(
      'compare journal and terminal as a start would, and change nothing',
    ),
  )
    .option('--dry-run', 'say what would be done, and change nothing')
    .option('--json', 'as JSON')
    .action(async (flags) => {
      const { config } = await load(flags, [], flags.replay !== undefined);
      onExit(await runReconcile(flags, config, io, ports));
    });
};

/** The simulated terminal alone. */
const registerTerminal: Register = (program, ports, onExit) => {
  const { io } = ports;
  withMarketFlags(
    withConfigFlags(program.command('terminal')).description(
      'the simulated MT5 terminal alone; it dials a runtime that waits for it',
    ),
  )
    .option('--connect <endpoint>', 'tcp://host:port of the runtime, several with commas')
    .option('--terminal-dir <dir>', "folder of the broker's log", '.bulwark/terminal')
    .option('--ledger <file>', 'a copy of the ledger, as NDJSON')
    .option('--keys <file>', 'keys that `bulwark keys generate` made for this terminal')
    .option('--fresh', 'forget what the broker remembers')
    .addOption(new Option('--options <file>', 'everything from one file').hideHelp())
    .action(async (flags) => {
      const isReplay = flags.replay !== undefined;
      const speed = isReplay && flags.speed === undefined ? 'max' : flags.speed;
      const { config } = await load({ ...flags, speed }, [], true);
      onExit(await runTerminalCommand(flags, config, io));
    });
};

/** What stands between a runtime and somebody else's EA. */
const registerBridge: Register = (program, ports, onExit) => {
  withConfigFlags(program.command('bridge'))
    .description('between a runtime and an EA of the kind of MQL5-JSON-API (link.kind "jsonapi")')
    .option('--connect <endpoint>', 'tcp://host:port of the runtime, several with commas')
    .option('--bridge-dir <dir>', "folder of the bridge's book and journal", '.bulwark/terminal')
    .addOption(new Option('--options <file>', 'everything from one file').hideHelp())
    .action(async (flags) => {
      const { config } = await load(flags);
      onExit(await runBridgeCommand(flags, config, ports.io));
    });
};

/** Where the fault is, when nothing trades. */
const registerDoctor: Register = (program, ports, onExit) => {
  withConfigFlags(
    program
      .command('doctor')
      .description('which of EA, network, key, terminal switch or account is at fault'),
  )
    .option('--wait <time>', 'how long the Expert Advisor is waited for: 10s, 2m', durationArgument)
    .option('--json', 'as JSON')
    .action(async (flags) => {
      const { config } = await load(flags);
      const waitMs = (flags.wait as number | undefined) ?? DOCTOR_WAIT.defaultMs;
      onExit(await runDoctor({ json: flags.json, waitMs }, config, ports.io));
    });
};

/** What is configured, and by whom. */
const registerConfig: Register = (program, ports, onExit) => {
  const { io } = ports;
  withConfigFlags(program.command('config').description('the effective configuration'))
    .option('--print', 'every value and where it came from (the default)')
    .option('--json', 'as JSON')
    .action(async (flags) => {
      const loaded: LoadedConfig = await load(flags);
      io.out.write(`${renderConfig(loaded, { json: flags.json === true })}\n`);
      onExit(EXIT.ok);
    });
};

/** A table as CSV. */
const registerExport: Register = (program, ports, onExit) => {
  const { io } = ports;
  withConfigFlags(program.command('export').description('a table of the audit as CSV'))
    .requiredOption('--table <name>', AUDIT_TABLE_NAMES.join(', '))
    .option('--csv [file]', 'the file to write, - for stdout', '-')
    .option('--account <id>', 'only this account')
    .option('--json', 'say in JSON what was exported')
    .action(async (flags) => {
      const { config } = await load(flags);
      onExit(await runExport({ ...flags, dataDir: config.dataDir }, io));
    });
};

/** The projection for people. */
const registerAudit: Register = (program, ports, onExit) => {
  const { io } = ports;
  const audit = program.command('audit').description('the projection for people');
  withConfigFlags(audit.command('rebuild').description('make audit.db anew from the journal'))
    .option('--json', 'as JSON')
    .action(async (flags) => {
      const { config } = await load(flags);
      onExit(runAuditRebuild({ ...flags, dataDir: config.dataDir }, io));
    });
  withConfigFlags(
    audit
      .command('verify')
      .description("compare with the simulated terminal's ledger, order by order, cent by cent"),
  )
    .requiredOption('--ledger <file>', 'the NDJSON that the terminal wrote')
    .option('--account <id>', 'only this account')
    .option('--json', 'as JSON')
    .action(async (flags) => {
      const { config } = await load(flags);
      onExit(await runAuditVerify({ ...flags, dataDir: config.dataDir }, io));
    });
};

/** Every bound of the system. */
const registerLimits: Register = (program, ports, onExit) => {
  const { io } = ports;
  program
    .command('limits')
    .description('every bound of the system: queues, messages, retries, restarts')
    .option('--json', 'as JSON')
    .action((flags) => {
      io.out.write(renderLimits(flags.json === true));
      onExit(EXIT.ok);
    });
};

/** The whole command line. */
export const buildProgram = (ports: CliPorts, onExit: (code: number) => void): Command => {
  const { io } = ports;
  const program = new Command('bulwark')
    .description(
      'Runs MetaTrader 5 bots on prop-firm accounts under an OTP-style supervision tree.',
    )
    .version(ports.version)
    .showHelpAfterError('(add --help for usage)')
    // Commander would end the process itself, and with 1 for what is a wrong use.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text),
    });
  const registers = [
    registerRun,
    registerReconcile,
    registerTerminal,
    registerBridge,
    registerDoctor,
    registerConfig,
    registerExport,
    registerAudit,
    registerLimits,
  ];
  for (const register of registers) register(program, ports, onExit);
  registerRules(program, io, onExit);
  registerOperator(program, io, onExit);
  registerEvaluation(program, io, onExit);
  const dataDirOf = async (flags: ConfigFlags): Promise<string> =>
    (await load(flags)).config.dataDir;
  registerReport(program, { io, withConfigFlags, dataDirOf }, onExit);
  const keysFileOf = async (flags: ConfigFlags): Promise<string> => {
    const { config } = await load(flags);
    return resolve(config.link.keysFile ?? join(config.dataDir, KEYS_FILE));
  };
  registerKeys(program, io, keysFileOf, onExit);
  registerBackup(program, { io, now: ambientClock.now, withConfigFlags, dataDirOf }, onExit);
  return program;
};

/** Kinds that a person mends: a sentence with a remedy helps, a stack does not. */
const CALLERS: ReadonlySet<FaultKind> = new Set(['Init', 'Auth', 'Data', 'Validation']);

/**
 * Mistakes of the caller are told in a sentence and end with 2; anything else is a defect. An empty
 * text: commander has said it already.
 */
export const explainFailure = (
  error: unknown,
): { readonly text: string; readonly code: number } => {
  if (error instanceof CommanderError) {
    return { text: '', code: error.exitCode === 0 ? EXIT.ok : EXIT.usage };
  }
  if (isFault(error) && CALLERS.has(error.kind)) return { text: error.message, code: EXIT.usage };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text, code: EXIT.failed };
};
