import * as Redacted from 'effect/Redacted';
import type { Config } from '../config/config.ts';
import { TERMINAL_DEFAULTS, type TerminalOptions } from '../mt5/terminal/options.ts';
import { runTerminal } from '../mt5/terminal/terminal-process.ts';
import { CliError } from './cli-error.ts';
import type { CommandIo } from './command-io.ts';
import { readEaSecrets } from './link-keys.ts';
import { type MarketFlags, marketOptions, terminalAccount } from './market-setup.ts';
import { calendarOptions, readTerminalOptions } from './terminal-options.ts';
import { terminalPorts } from './terminal-ports.ts';

/** `bulwark terminal`: the simulated MetaTrader alone, for a runtime that runs elsewhere. */
export interface TerminalFlags extends MarketFlags {
  readonly connect?: string;
  readonly ledger?: string;
  readonly fresh?: boolean;
  readonly terminalDir: string;
  /** Keys of a link with CURVE, as `bulwark keys generate` wrote them for this terminal. */
  readonly keys?: string;
  /** Everything from one file: how the runtime starts its own terminal. */
  readonly options?: string;
}

export const runTerminalCommand = async (
  flags: TerminalFlags,
  config: Config,
  io: CommandIo,
): Promise<number> => {
  const options =
    flags.options === undefined
      ? optionsFromFlags(flags, config)
      : readTerminalOptions(flags.options);
  const ports = terminalPorts(io);
  ports.log(`simulated terminal ${options.account.login}@${options.account.server}`);
  ports.log(`dials ${options.endpoint}; its ledger is ${options.dataDir}/ledger.ndjson`);
  return await runTerminal(options, ports);
};

/** Where the runtime listens; one that chose its port itself has to be asked. */
const endpointOf = (flags: TerminalFlags, { link }: Config): string => {
  if (flags.connect !== undefined) return flags.connect;
  if (link.port !== 0) return `tcp://${link.host}:${link.port}`;
  throw new CliError(
    'a terminal alone has to know where the runtime listens',
    'give --connect tcp://host:port, or set link.port',
  );
};

const optionsFromFlags = (flags: TerminalFlags, config: Config): TerminalOptions => ({
  ...TERMINAL_DEFAULTS,
  endpoint: endpointOf(flags, config),
  dataDir: flags.terminalDir,
  ...(flags.ledger === undefined ? {} : { ledgerFile: flags.ledger }),
  fresh: flags.fresh ?? false,
  account: terminalAccount(config),
  market: marketOptions(flags, config),
  instruments: config.instruments,
  speed: config.market.speed,
  clock: config.market.clock,
  latencyMs: config.terminal.latencyMs,
  seed: config.market.seed,
  rejectRate: config.terminal.rejectRate,
  requoteRate: config.terminal.requoteRate,
  partialFillRate: config.terminal.partialFillRate,
  operations: config.terminal.operations,
  ...calendarOptions(config),
  instanceId: 'simulated',
  reconnect: config.link.reconnect,
  ...(config.link.takeoverToken === undefined
    ? {}
    : { takeoverToken: Redacted.value(config.link.takeoverToken) }),
  ...presented(flags, config),
});

/** What this terminal shows of itself: the token and keys of its own file, else the shared token. */
const presented = (
  { keys }: TerminalFlags,
  { link }: Config,
): Pick<TerminalOptions, 'token' | 'curve'> => {
  if (keys === undefined) {
    return link.token === undefined ? {} : { token: Redacted.value(link.token) };
  }
  const { token, serverKey, publicKey, secretKey } = readEaSecrets(keys);
  return { token, curve: { serverKey, publicKey, secretKey } };
};
