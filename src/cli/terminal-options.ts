import { readFileSync, writeFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { readNewsFile } from '../config/news-file.ts';
import type { JsonApiOptions } from '../mt5/jsonapi/bridge-options.ts';
import type { TerminalOptions } from '../mt5/terminal/options.ts';
import { CliError } from './cli-error.ts';

/**
 * The options of a simulated terminal, or of a bridge, as a file, for the process that the runtime starts: a token
 * must not stand on a command line, where every user of the machine can read it. Written with
 * mode 0600; bigints are marked, because JSON has none.
 */
export const TERMINAL_OPTIONS_FILE = 'terminal.json';
interface MarkedBigint {
  readonly $bigint: string;
}
const isMarked = (value: unknown): value is MarkedBigint =>
  typeof value === 'object' &&
  value !== null &&
  '$bigint' in value &&
  typeof value.$bigint === 'string';

export const writeTerminalOptions = (
  file: string,
  options: TerminalOptions | JsonApiOptions,
): void => {
  const text = JSON.stringify(
    options,
    (_key, value: unknown) => (typeof value === 'bigint' ? { $bigint: value.toString() } : value),
    2,
  );
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
};

/** Throws CliError when the file is missing or not JSON; its content is trusted: the runtime wrote
 * it. */
export const readTerminalOptions = <Options = TerminalOptions>(file: string): Options => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'), (_key, value: unknown) =>
      isMarked(value) ? BigInt(value.$bigint) : value,
    ) as Options;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(`--options ${file}: ${why}`, 'name the terminal.json that a runtime wrote');
  }
};

/** The economic calendar of a simulated terminal, from the user's file. Throws CliError. */
export const calendarOptions = ({
  terminal,
}: Pick<Config, 'terminal'>): Pick<TerminalOptions, 'calendar'> => {
  if (terminal.calendar === undefined) return {};
  const read = readNewsFile(terminal.calendar);
  if (!read.ok) throw new CliError(read.reason, 'correct the file that terminal.calendar names');
  const calendar = read.calendar.releases.map(({ at, currency, impact, title }, index) => ({
    ...{ id: String(index + 1), name: title, currency, atMs: at, dayOnly: false },
    importance: impact === 'medium' ? ('moderate' as const) : impact,
    ...{ actual: null, forecast: null, previous: null },
  }));
  return { calendar: calendar.sort((a, b) => a.atMs - b.atMs) };
};
