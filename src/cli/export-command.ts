import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exportCsv } from '../audit/export-csv.ts';
import { openAuditQueries } from '../audit/queries.ts';
import type { AuditTableName } from '../audit/tables.ts';
import { AUDIT_TABLE_NAMES, isAuditTable } from '../audit/tables.ts';
import { AUDIT_FILE } from '../journal/files.ts';
import { CliError } from './cli-error.ts';
import type { CommandIo, ExitCode } from './command-io.ts';
import { EXIT } from './command-io.ts';

/** `bulwark export --table NAME --csv [FILE|-] [--data-dir DIR] [--account ID] [--json]` */
export interface ExportCommandOptions {
  readonly table: string;
  /** A file to replace, or `-` (also: no value) for stdout. */
  readonly csv: string | true;
  readonly dataDir: string;
  readonly account?: string | undefined;
  /** One line of JSON about the export on stdout; the CSV then has to go to a file. */
  readonly json?: boolean | undefined;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
const isClosedPipe = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EPIPE';

const isFileError = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error && 'syscall' in error && 'code' in error;

/** A name that nobody bears would give an empty file, and a wrong belief. */
const refuseUnknownAccount = ({ auditFile, accountId }: Target): void => {
  if (accountId === undefined) return;
  const audit = openAuditQueries({ file: auditFile });
  const accounts = audit.accounts();
  audit.close();
  if (accounts.includes(accountId)) return;
  throw new CliError(
    `there is no account ${accountId} here`,
    accounts.length === 0 ? 'nothing has been audited yet' : `it has ${accounts.join(', ')}`,
  );
};

interface Target {
  readonly auditFile: string;
  readonly table: AuditTableName;
  readonly accountId: string | undefined;
}

/** A whole file or none: the export appears under its name only when it is complete. */
const exportToFile = async (target: Target, file: string): Promise<number> => {
  const partial = `${file}.partial`;
  const stream = createWriteStream(partial);
  try {
    await once(stream, 'open');
    const rows = await exportCsv(target, stream);
    stream.end();
    await once(stream, 'close');
    await rename(partial, file);
    return rows;
  } catch (error) {
    stream.destroy();
    await rm(partial, { force: true });
    if (!isFileError(error)) throw error;
    throw new CliError(
      `${file} cannot be written: ${error.code}`,
      'name a file in a folder that exists',
    );
  }
};

const refusalOf = (options: ExportCommandOptions): string | undefined => {
  if (!isAuditTable(options.table)) {
    return `There is no table "${options.table}". The tables are: ${AUDIT_TABLE_NAMES.join(', ')}.`;
  }
  return options.json === true && toStdout(options)
    ? '--json and the CSV both want stdout. Name a file: --csv FILE.'
    : undefined;
};
const toStdout = ({ csv }: ExportCommandOptions): boolean => csv === true || csv === '-';

const exportTable = async (
  table: AuditTableName,
  options: ExportCommandOptions,
  io: CommandIo,
): Promise<void> => {
  const auditFile = join(options.dataDir, AUDIT_FILE);
  const target: Target = { auditFile, table, accountId: options.account };
  refuseUnknownAccount(target);
  if (options.csv === true || options.csv === '-') {
    await exportCsv(target, io.out);
    return;
  }
  const rows = await exportToFile(target, options.csv);
  if (options.json === true) {
    io.out.write(`${JSON.stringify({ table, rows, file: options.csv })}\n`);
  } else {
    io.err.write(`${rows} rows of ${table} written to ${options.csv}\n`);
  }
};

export const runExport = async (
  options: ExportCommandOptions,
  io: CommandIo,
): Promise<ExitCode> => {
  const refusal = refusalOf(options);
  if (refusal !== undefined || !isAuditTable(options.table)) {
    io.err.write(`${refusal}\n`);
    return EXIT.usage;
  }
  try {
    await exportTable(options.table, options, io);
    return EXIT.ok;
  } catch (error) {
    // `bulwark export … | head` is a reader that has seen enough, not a failure.
    if (isClosedPipe(error)) return EXIT.ok;
    io.err.write(`${messageOf(error)}\n`);
    return EXIT.usage;
  }
};
