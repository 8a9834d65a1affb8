import * as Redacted from 'effect/Redacted';
import type { Config } from '../config/config.ts';
import type { JsonApiOptions } from '../mt5/jsonapi/bridge-options.ts';
import { runJsonApiBridge } from '../mt5/jsonapi/bridge-process.ts';
import { bridgeOptions } from './bridge-options.ts';
import { CliError } from './cli-error.ts';
import type { CommandIo } from './command-io.ts';
import { readTerminalOptions } from './terminal-options.ts';
import { terminalPorts } from './terminal-ports.ts';

/** `bulwark bridge`: what stands between a runtime and an EA of the kind of MQL5-JSON-API. */
export interface BridgeFlags {
  readonly connect?: string;
  readonly bridgeDir: string;
  /** Everything from one file: how the runtime starts its own bridge. */
  readonly options?: string;
}

export const runBridgeCommand = (
  flags: BridgeFlags,
  config: Config,
  io: CommandIo,
): Promise<number> => {
  const options =
    flags.options === undefined
      ? optionsFromFlags(flags, config)
      : readTerminalOptions<JsonApiOptions>(flags.options);
  const ports = terminalPorts(io);
  ports.log(`bridge of ${options.account.login}@${options.account.server} for ${options.endpoint}`);
  return runJsonApiBridge(options, ports);
};

const optionsFromFlags = (flags: BridgeFlags, config: Config): JsonApiOptions => {
  const { link } = config;
  if (link.kind !== 'jsonapi') {
    throw new CliError(
      'a bridge stands before an EA of the kind of MQL5-JSON-API, and link.kind is "bwp"',
      'set link.kind to "jsonapi" (docs/json-api.md)',
    );
  }
  if (flags.connect === undefined && link.port === 0) {
    throw new CliError(
      'a bridge alone has to know where the runtime listens',
      'give --connect tcp://host:port, or set link.port; `bulwark run` starts its own bridge',
    );
  }
  const endpoint = flags.connect ?? `tcp://${link.host}:${link.port}`;
  return {
    ...bridgeOptions(config, { endpoint, dataDir: flags.bridgeDir }),
    ...(link.token === undefined ? {} : { token: Redacted.value(link.token) }),
  };
};
