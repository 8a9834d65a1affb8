import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildProgram, explainFailure } from '../../../src/cli/commands.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { barFile, writeMarketFile } from '../../support/market-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'bulwark-usage-'));
// Somewhere empty: who ran `npm start` has a .bulwark in the project, and may have a configuration there.
const project = process.cwd();
process.chdir(folder);
afterAll(() => {
  process.chdir(project);
  rmSync(folder, { recursive: true, force: true });
});
const ROWS = ['10:00:00', '10:01:00'].map((time) => `2024.02.08 ${time} 1.1 1.2 1.0 1.1 4 0 8`);
const M = writeMarketFile(folder, 'm.csv', barFile(ROWS));

/** The whole command line in this process: what main.ts does, without its process. */
const bulwark = async (args: readonly string[]) => {
  const { written, io } = capturedIo();
  let code = 0;
  const ports = {
    io,
    onStopRequested: () => () => undefined,
    onKillRequested: () => () => undefined,
    argv: args,
    program: { command: process.execPath, args: [] },
    cpuSeconds: () => 0,
    version: '1.2.3',
  };
  try {
    const program = buildProgram(ports, (exit) => {
      code = exit;
    });
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    const failure = explainFailure(error);
    written.err += failure.text;
    code = failure.code;
  }
  return { code, ...written };
};

const HELP = [
  [],
  ['run'],
  ['reconcile'],
  ['terminal'],
  ['config'],
  ['export'],
  ['audit'],
  ['audit', 'rebuild'],
  ['audit', 'verify'],
  ['backup'],
  ['restore'],
  ...['status', 'why', 'halt', 'resume', 'flatten', 'kill', 'rearm', 'restart'].map((name) => [
    name,
  ]),
  ['strategy', 'enable'],
  ...['start', 'bind', 'status'].map((name) => ['evaluation', name]),
  ['limits'],
  ['keys'],
  ['keys', 'generate'],
  ['keys', 'show'],
  ['keys', 'rotate'],
];

/** What a newcomer may type, and what must stand in the answer. */
const MISTAKES: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no command', [], /Usage: bulwark/],
  ['an unknown command', ['trade'], /unknown command 'trade'/],
  ['an unknown flag', ['run', '--sped', '5'], /unknown option '--sped'.*--speed/s],
  ['a duration of nothing', ['run', '--duration', '0'], /90s, 15m, 2h or 5d/],
  ['a backup to nowhere', ['backup'], /required option '--to <path>'/],
  ['a backup of nothing', ['backup', '--to', `${folder}/b`, '--data-dir', folder], /no journal/],
  ['a rearm of everybody', ['rearm', '--reason', 'x', '--data-dir', folder], /type its login/i],
  [
    'a rearm without a reason',
    ['rearm', '--account', '1', '--data-dir', folder],
    /without a reason/,
  ],
  ['an evaluation of no name', ['evaluation', 'start', 'a b', '--data-dir', folder], /64 letters/],
  ['a login in words', ['evaluation', 'bind', 'e', 'me', '--data-dir', folder], /is no login/],
  ['an evaluation of nowhere', ['evaluation', 'status', '--data-dir', folder], /holds no run/],
  ['an order to nobody', ['halt', '--data-dir', folder], /holds no run/],
  ['a restore of nothing', ['restore', `${folder}/none`], /does not exist/],
  ['a reconcile that would act', ['reconcile'], /only looks.*--dry-run/],
  ['an empty symbol', ['run', '--symbol', ''], /EURUSD,XAUUSD/],
  ['a symbol without a file', ['run', '--symbol', 'EURUSD'], /--symbol .* BULWARK_MARKET__SYMBOLS/],
  ['two symbols for a file', ['run', '--replay', M, '--symbol', 'A,B'], /2 symbols .* 1 files/],
  ['the same file twice', ['run', '--replay', M, M, '--symbol', 'EURUSD'], /overlap/],
  ['a data directory that is a file', ['run', '--data-dir', M], /cannot be the data directory/],
  [
    'a data directory below a file',
    ['run', '--data-dir', `${M}/x`],
    /cannot be the data directory/,
  ],
  ['a ledger that is a folder', ['run', '--ledger', '.'], /--ledger \. is a folder/],
  ['a terminal that is told nothing', ['terminal'], /--connect tcp:\/\/host:port/],
  ['an endpoint that is none', ['terminal', '--connect', 'here'], /tcp:\/\/host:port/],
  ['options that are absent', ['terminal', '--options', 'none.json'], /none\.json/],
  ['an export of nothing', ['export'], /--table/],
  ['an export from nowhere', ['export', '--table', 'orders'], /no audit database here/],
  ['two outputs for one stdout', ['export', '--table', 'orders', '--json'], /--csv FILE/],
  ['a ledger that is absent', ['audit', 'verify', '--ledger', 'none'], /none|no audit database/],
  ['a rebuild from nowhere', ['audit', 'rebuild'], /no journal here/],
];

describe('the command line', () => {
  it.each(HELP.map((command) => [command]))('explains: bulwark %j --help', async (command) => {
    const { code, out, err } = await bulwark([...command, '--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`Usage: ${['bulwark', ...command].join(' ')}`);
    expect(out).toContain('--help');
  });

  it.each(MISTAKES)('answers %s with a sentence and exit code 2', async (_what, args, words) => {
    const { code, out, err } = await bulwark(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(words);
    expect(err).not.toMatch(/^\s+at /m);
  });

  it('knows its version', async () => {
    expect(await bulwark(['--version'])).toEqual({ code: 0, out: '1.2.3\n', err: '' });
  });

  it('tells a defect from a mistake: it ends with 1 and shows where', () => {
    const { text, code } = explainFailure(new Error('a defect'));
    expect(code).toBe(1);
    expect(text).toContain('a defect');
    expect(text).toMatch(/^\s+at /m);
  });
});
