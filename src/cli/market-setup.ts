import { resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import type { MarketOptions } from '../mt5/terminal/market/types.ts';
import type { TerminalAccountOptions } from '../mt5/terminal/options.ts';
import { CliError } from './cli-error.ts';

/** Which market a run or a terminal plays. */
export interface MarketFlags {
  readonly replay?: readonly string[];
  readonly symbol?: readonly string[];
}

/**
 * Files of `--replay` with their symbols: the n-th `--symbol` names the n-th file; one `--symbol`
 * for several files names them all; without one the file name says it.
 */
export const marketOptions = (flags: MarketFlags, config: Config): MarketOptions => {
  const { serverTz, seed, symbols, startAt: startMs } = config.market;
  const { replay: files = [], symbol: names = [] } = flags;
  refuseNames(files, names);
  if (files.length === 0) return { kind: 'synthetic', seed, symbols, startMs, serverTz };
  return {
    kind: 'replay',
    serverTz,
    files: files.map((file, index) => {
      const symbol = names.length === 1 ? names[0] : names[index];
      const path = resolve(file);
      return symbol === undefined ? { path } : { path, symbol };
    }),
  };
};

const refuseNames = (files: readonly string[], names: readonly string[]): void => {
  if (names.length === 0) return;
  if (files.length === 0) {
    throw new CliError(
      '--symbol names the symbol of replay files, and there are none',
      'for the built-in market set BULWARK_MARKET__SYMBOLS and `strategies`',
    );
  }
  if (names.length !== 1 && names.length !== files.length) {
    throw new CliError(
      `${names.length} symbols were named for ${files.length} files`,
      'give --symbol once for all files, or one name for each',
    );
  }
};

export const terminalAccount = (config: Config): TerminalAccountOptions => {
  const { initialBalanceMinor: balanceMinor, ...account } = config.account;
  return { ...account, company: 'Bulwark simulated broker', balanceMinor };
};
