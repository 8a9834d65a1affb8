import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { takeBackup } from '../journal/backup.ts';
import type { CopyProgress } from '../journal/database-copy.ts';
import { JOURNAL_FILE } from '../journal/files.ts';
import { acquireInstanceLock } from '../journal/instance-lock.ts';
import { restoreBackup } from '../journal/restore.ts';
import { CliError } from './cli-error.ts';
import { type CommandIo, EXIT, type ExitCode } from './command-io.ts';
import { makeDataDir } from './run-place.ts';

interface Common {
  readonly dataDir: string;
  readonly json?: boolean | undefined;
  /** Wall time, epoch milliseconds. */
  readonly nowMs: number;
}

/** Long copies tell how far they are, on a terminal only: a log has no use for it. */
const progressOn = (io: CommandIo): CopyProgress => {
  if (!('isTTY' in io.err) || io.err.isTTY !== true) return () => undefined;
  return (copied, total) => {
    const percent = total === 0 ? 100 : Math.floor((copied / total) * 100);
    io.err.write(`\rcopied ${percent} %${percent === 100 ? '\n' : ''}`);
  };
};

const time = (atMs: number | null): string =>
  atMs === null ? 'never' : new Date(atMs).toISOString().replace('T', ' ').slice(0, 19);

/** `bulwark backup --to FILE|DIR`: beside a runtime that goes on trading. */
export const runBackup = async (
  options: Common & { readonly to: string },
  io: CommandIo,
): Promise<ExitCode> => {
  const { dataDir, nowMs: takenAtMs } = options;
  const target = resolve(options.to);
  const manifest = await takeBackup({ dataDir, target, takenAtMs, onProgress: progressOn(io) });
  const { lastSeq, lastRecordedAtMs, files } = manifest;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  io.out.write(
    options.json === true
      ? `${JSON.stringify({ target, ...manifest })}\n`
      : `${target}: ${files.map(({ name }) => name).join(', ')}, ${bytes} bytes; ` +
          `${lastSeq} journal entries, the last of ${time(lastRecordedAtMs)} UTC.\n`,
  );
  return EXIT.ok;
};

/** `bulwark restore FROM`: while no runtime uses the data directory. */
export const runRestore = async (
  options: Common & { readonly from: string },
  io: CommandIo,
): Promise<ExitCode> => {
  const { dataDir } = options;
  const from = resolve(options.from);
  if (!existsSync(from)) {
    throw new CliError(`${from} does not exist`, 'name what bulwark backup made');
  }
  if (from === resolve(join(dataDir, JOURNAL_FILE))) {
    throw new CliError(`${from} is the journal itself`, 'name a backup of it');
  }
  makeDataDir(dataDir);
  const lock = acquireInstanceLock(dataDir);
  try {
    const stamp = new Date(options.nowMs).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
    const restored = await restoreBackup({ from, dataDir, stamp, onProgress: progressOn(io) });
    const { manifest, setAside } = restored;
    const kept = setAside.length === 0 ? '' : `\nWhat was here is kept as ${setAside.join(', ')}.`;
    io.out.write(
      options.json === true
        ? `${JSON.stringify({ dataDir, setAside, ...manifest })}\n`
        : `${dataDir}: ${manifest.lastSeq} journal entries of ${manifest.accounts.join(', ')}, ` +
            `the last of ${time(manifest.lastRecordedAtMs)} UTC.${kept}\n` +
            'The next start compares them with the terminal and books what is newer.\n',
    );
    return EXIT.ok;
  } finally {
    lock.release();
  }
};

type Flags = Readonly<Record<string, unknown>>;

/** `bulwark backup` and `bulwark restore`. `dataDirOf` reads the configuration of the flags. */
export const registerBackup = (
  program: Command,
  ports: {
    readonly io: CommandIo;
    readonly now: () => number;
    readonly withConfigFlags: (command: Command) => Command;
    readonly dataDirOf: (flags: Flags) => Promise<string>;
  },
  onExit: (code: number) => void,
): void => {
  const { io, now, withConfigFlags, dataDirOf } = ports;
  withConfigFlags(
    program
      .command('backup')
      .description('copy journal and audit, also while a runtime writes to them'),
  )
    .requiredOption('--to <path>', 'a new folder, or NAME.db for the journal alone')
    .option('--json', 'as JSON')
    .action(async (flags: Flags & { readonly to: string; readonly json?: boolean }) => {
      const dataDir = await dataDirOf(flags);
      onExit(await runBackup({ dataDir, to: flags.to, json: flags.json, nowMs: now() }, io));
    });
  withConfigFlags(
    program
      .command('restore')
      .description('put a backup back; what is there is set aside, never deleted')
      .argument('<from>', 'what bulwark backup made'),
  )
    .option('--json', 'as JSON')
    .action(async (from: string, flags: Flags & { readonly json?: boolean }) => {
      const dataDir = await dataDirOf(flags);
      onExit(await runRestore({ dataDir, from, json: flags.json, nowMs: now() }, io));
    });
};
