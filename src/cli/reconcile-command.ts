import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
  ambientStopwatch,
} from '../actors/kernel/ambient-clock.ts';
import { ambientRandomBytes } from '../actors/kernel/ambient-random-bytes.ts';
import { type Runtime, type RuntimeSpec, startRuntime } from '../actors/runtime.ts';
import type { Config } from '../config/config.ts';
import { encodeUlid } from '../domain/ulid.ts';
import type { EpochMs } from '../domain/units.ts';
import { journalReach } from '../journal/backup-manifest.ts';
import { copyDatabase } from '../journal/database-copy.ts';
import { InstanceLocked } from '../journal/errors.ts';
import { JOURNAL_FILE, LINK_FILE } from '../journal/files.ts';
import { acquireInstanceLock } from '../journal/instance-lock.ts';
import { openJournalReader } from '../journal/journal-reader.ts';
import type { Entry } from '../journal/types.ts';
import { CliError } from './cli-error.ts';
import { type CommandIo, EXIT, type ExitCode } from './command-io.ts';
import { runMarket } from './live-checks.ts';
import { type MarketFlags, marketOptions } from './market-setup.ts';
import type { RunPorts } from './run-command.ts';
import { runKeys } from './run-link.ts';
import { linkPlace, TERMINAL_DIR } from './run-place.ts';
import { planStrategies, runtimeSpec } from './run-plan.ts';

/** `bulwark reconcile --dry-run`: what a start would find and do, and nothing is done. */
export interface ReconcileFlags extends MarketFlags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

interface Reconciled {
  readonly outcome: 'agrees' | 'differs';
  /** Session time of the comparison. */
  readonly at: EpochMs;
  readonly counts: Readonly<Record<string, number>>;
  readonly actions: readonly string[];
}
/** Whom the journal was compared with: a copy of the simulated broker, the real terminal through a
 * session that claims nothing, or the terminal of the runtime that is trading, by that runtime. */
type ComparedWith = 'copy' | 'terminal' | 'runtime';

const newId = (): string => encodeUlid(ambientClock.now(), ambientRandomBytes(10));
/** How long a terminal may take to dial in and to be compared. Wall milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * A whole runtime starts in a folder of its own, on a copy of the journal: what it says is what
 * recovery says, because it is recovery. A simulated broker is copied as well; an external terminal
 * is looked at in a session that never asks for the account. Nothing that was there has been opened
 * to write, and the folder is gone afterwards.
 */
export const runReconcile = async (
  flags: ReconcileFlags,
  config: Config,
  io: CommandIo,
  ports: RunPorts,
): Promise<ExitCode> => {
  if (flags.dryRun !== true) {
    const remedy = 'add --dry-run to see what it would do; bulwark run does it at every start';
    throw new CliError('reconcile only looks', remedy);
  }
  const { dataDir, account } = config;
  journalReach(join(dataDir, JOURNAL_FILE));
  const running = isRunning(dataDir);
  const isOutside = config.terminal.kind === 'external';
  const tell = (found: Reconciled, comparedWith: ComparedWith): ExitCode => {
    io.out.write(
      flags.json === true
        ? `${JSON.stringify({ dataDir, running, comparedWith, ...found })}\n`
        : told(dataDir, running, comparedWith, found),
    );
    return found.outcome === 'agrees' ? EXIT.ok : EXIT.failed;
  };
  if (isOutside && running) return tell(lastReconciled(dataDir, account.login), 'runtime');
  const copy = mkdtempSync(join(tmpdir(), 'bulwark-reconcile-'));
  try {
    await copyFolder(dataDir, copy, isOutside);
    if (isOutside) io.err.write(`${awaited(config)}\n`);
    const runtime = await startCopy(flags, config, copy, ports);
    try {
      return tell(await conclusion(runtime, config), isOutside ? 'terminal' : 'copy');
    } finally {
      await runtime.stop('the dry run is over');
    }
  } finally {
    rmSync(copy, { recursive: true, force: true, maxRetries: 5 });
  }
};

const awaited = ({ link }: Config): string =>
  link.kind === 'jsonapi'
    ? `looking at the EA on ${link.host} through a bridge, for at most ${PATIENCE_MS / 1_000} s`
    : `waiting for the terminal to dial ${link.host}:${link.port}, at most ${PATIENCE_MS / 1_000} s`;

const isRunning = (dataDir: string): boolean => {
  try {
    acquireInstanceLock(dataDir).release();
    return false;
  } catch (error) {
    if (error instanceof InstanceLocked) return true;
    throw error;
  }
};

/** A runtime that trades compares with its terminal every few seconds, and writes down when it had to
 * reconcile: a second session beside it would only learn what it knows already. */
const lastReconciled = (dataDir: string, login: string): Reconciled => {
  const reader = openJournalReader({ file: join(dataDir, JOURNAL_FILE) });
  try {
    const last = reader.last(login, 'recovery.completed');
    if (last?.kind === 'recovery.completed') return reconciled(last);
  } finally {
    reader.close();
  }
  throw new CliError(
    'the runtime that is running here has not been compared with its terminal yet',
    'ask `bulwark doctor` what it waits for',
  );
};

const reconciled = (entry: Extract<Entry, { kind: 'recovery.completed' }>): Reconciled => {
  const { at, counts, actions } = entry;
  return { outcome: counts['balanced'] === 0 ? 'differs' : 'agrees', at, counts, actions };
};

/** The journal first: whatever happens in between, the terminal is the one that knows more. The name
 * that holds the lease is only taken along to a copy of the terminal that knows it. */
const copyFolder = async (from: string, to: string, isOutside: boolean): Promise<void> => {
  await copyDatabase(join(from, JOURNAL_FILE), join(to, JOURNAL_FILE));
  const place = join(from, LINK_FILE);
  if (existsSync(place) && !isOutside) copyFileSync(place, join(to, LINK_FILE));
  const terminal = join(from, TERMINAL_DIR);
  mkdirSync(join(to, TERMINAL_DIR));
  if (!existsSync(terminal)) return;
  cpSync(terminal, join(to, TERMINAL_DIR), {
    recursive: true,
    filter: (path) => path === terminal || basename(path).endsWith('.ndjson'),
  });
};

const startCopy = async (
  flags: ReconcileFlags,
  config: Config,
  copy: string,
  ports: RunPorts,
): Promise<Runtime> => {
  const options = marketOptions(flags, config);
  const { simulated, market } = await runMarket(options, config, ambientClock.now());
  const strategies = await planStrategies(config, market, undefined, join(copy, 'strategies'));
  const { host, port } = config.link;
  const isOutside = config.terminal.kind === 'external';
  const wantedPort = isOutside ? port : 0;
  const place = await linkPlace({ dataDir: copy, host, wantedPort, newId });
  const spec: RuntimeSpec = runtimeSpec({
    config,
    market,
    simulated,
    keys: runKeys(config, copy, ambientRandomBytes),
    takeover: false,
    marketOptions: options,
    dataDir: copy,
    place,
    runId: newId(),
    fresh: false,
    strategies,
    program: ports.program,
    argv: ports.argv,
  });
  return await startRuntime(
    {
      ...spec,
      control: null,
      connection: { ...spec.connection, looksOnly: isOutside },
      // A command of one's own is not run to look: whoever trades with it has started it.
      terminal: isOutside && config.link.kind !== 'jsonapi' ? null : spec.terminal,
    },
    {
      wall: ambientClock,
      stopwatch: ambientStopwatch,
      defer: ambientDefer,
      random: ambientRandom.next,
      newId,
      residentBytes: process.memoryUsage.rss,
      onStrategyOutput: () => undefined,
    },
  );
};

/** The first reconciliation; what the market does afterwards is nobody's business. */
const conclusion = (runtime: Runtime, config: Config): Promise<Reconciled> =>
  new Promise((resolve, reject) => {
    let trouble = '';
    runtime.onNotice(({ severity, detail }) => {
      if (severity !== 'info') trouble = `: ${detail}`;
    });
    const late = ambientClock.schedule(PATIENCE_MS, () =>
      reject(new CliError(`no terminal was compared${trouble}`, remedyOf(config))),
    );
    runtime.onEntry((entry) => {
      if (entry.kind !== 'recovery.completed') return;
      late.cancel();
      resolve(reconciled(entry));
    });
  });

const remedyOf = ({ terminal }: Config): string =>
  terminal.kind === 'external'
    ? 'start the terminal with its EA; `bulwark doctor` tells EA, network, key and account apart'
    : 'try bulwark run';

const told = (
  dataDir: string,
  running: boolean,
  comparedWith: ComparedWith,
  found: Reconciled,
): string => {
  const { outcome, at, counts, actions } = found;
  const { positions = 0, orders = 0, deals = 0 } = counts;
  const compared = `${positions} positions, ${orders} orders and ${deals} deals compared`;
  const isOwn = comparedWith === 'runtime';
  const lines = [
    ...(isOwn
      ? [
          `${dataDir}: a runtime is trading here, and compares with its terminal every five seconds.`,
          `It last had to reconcile at ${new Date(at).toISOString()}: ${compared}.`,
        ]
      : [`${dataDir}: ${compared}, ${PLACES[comparedWith]}.`]),
    ...(running && !isOwn
      ? ['A runtime is trading here: what happened a moment ago may be among it.']
      : []),
    ...(actions.length === 0 ? ['Nothing to do.'] : actions.map((action) => `  ${action}`)),
    `${VERDICTS[isOwn ? 'past' : 'future'][outcome]} Nothing was changed.`,
  ];
  return `${lines.join('\n')}\n`;
};
const PLACES = { copy: 'on a copy', terminal: 'with the terminal itself' } as const;
const VERDICTS = {
  past: { agrees: 'The gate opened.', differs: 'The books differed: the gate stayed shut.' },
  future: {
    agrees: 'The gate would open.',
    differs: 'The books differ: the gate would stay shut.',
  },
} as const;
