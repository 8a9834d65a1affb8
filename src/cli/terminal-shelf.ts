import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { livingTerminal } from '../actors/terminal-watchdog.ts';
import { loginOfLog } from '../mt5/terminal/broker-log.ts';
import { CliError } from './cli-error.ts';
import { TERMINAL_DIR } from './run-place.ts';

/**
 * The phases of an evaluation have an account each and share a data directory. The built-in terminal
 * keeps one account: that of another is put aside as `terminal-<its login>`, and taken up again when
 * its account runs here again. Whose it is stands in its own log, so that a crash between the two
 * renames loses nothing. Throws CliError while the other account's terminal still runs.
 */
export const shelveTerminal = (dataDir: string, login: string): void => {
  const directory = join(dataDir, TERMINAL_DIR);
  const shelf = (of: string): string => join(dataDir, `${TERMINAL_DIR}-${of}`);
  const holder = loginOfLog(directory);
  if (holder === login) return;
  if (holder !== undefined) {
    const pid = livingTerminal(directory);
    if (pid !== undefined) {
      throw new CliError(
        `the terminal of ${holder} still runs in ${directory} (pid ${pid})`,
        'wait until it ends: it does so by itself when no runtime has spoken to it for a while',
      );
    }
    if (existsSync(shelf(holder))) {
      throw new CliError(
        `${directory} and ${shelf(holder)} both hold the account ${holder}`,
        'move the one that is not wanted away',
      );
    }
    renameSync(directory, shelf(holder));
  }
  if (existsSync(shelf(login)) && !existsSync(directory)) renameSync(shelf(login), directory);
};
