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
import { journalReach } from '../journal/backup-manifest.ts';
import { copyDatabase } from '../journal/database-copy.ts';
import { InstanceLocked } from '../journal/errors.ts';
import { JOURNAL_FILE, LINK_FILE } from '../journal/files.ts';
import { acquireInstanceLock } from '../journal/instance-lock.ts';
import { loadMarket } from '../mt5/terminal/market/load-market.ts';
import { CliError } from './cli-error.ts';
import { type CommandIo, EXIT, type ExitCode } from './command-io.ts';
import { type MarketFlags, marketOptions } from './market-setup.ts';
import type { RunPorts } from './run-command.ts';
import { runKeys } from './run-link.ts';
import { linkPlace, TERMINAL_DIR } from './run-place.ts';
import { planStrategies, runtimeSpec } from './run-plan.ts';

/** `bulwark reconcile --dry-run`: what a start would find and do, shown on a copy. */
export interface ReconcileFlags extends MarketFlags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

interface Reconciled {
  readonly outcome: 'agrees' | 'differs';
  readonly counts: Readonly<Record<string, number>>;
  readonly actions: readonly string[];
}

const newId = (): string => encodeUlid(ambientClock.now(), ambientRandomBytes(10));
/** How long a copy may take to link and to be compared. Wall milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * Journal, broker and link are copied into a folder of their own, and a whole runtime with a
 * terminal of its own starts there: what it says is what recovery says, because it is recovery. The
 * copies are gone afterwards; nothing that was there has been opened to write.
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
  const { dataDir } = config;
  refuse(config);
  const running = isRunning(dataDir);
  const copy = mkdtempSync(join(tmpdir(), 'bulwark-reconcile-'));
  try {
    await copyFolder(dataDir, copy);
    const runtime = await startCopy(flags, config, copy, ports);
    try {
      const found = await conclusion(runtime);
      io.out.write(
        flags.json === true
          ? `${JSON.stringify({ dataDir, running, ...found })}\n`
          : told(dataDir, running, found),
      );
      return found.outcome === 'agrees' ? EXIT.ok : EXIT.failed;
    } finally {
      await runtime.stop('the dry run is over');
    }
  } finally {
    rmSync(copy, { recursive: true, force: true, maxRetries: 5 });
  }
};

const refuse = ({ dataDir, terminal }: Config): void => {
  journalReach(join(dataDir, JOURNAL_FILE));
  if (terminal.kind !== 'external') return;
  throw new CliError(
    'the terminal is external: it cannot be copied, and a session with it would take its lease',
    isRunning(dataDir)
      ? 'look at the events recovery.* of the runtime, which compares every five seconds'
      : 'start with --profile dryRun: it compares, says so in the events recovery.*, and opens nothing',
  );
};

const isRunning = (dataDir: string): boolean => {
  try {
    acquireInstanceLock(dataDir).release();
    return false;
  } catch (error) {
    if (error instanceof InstanceLocked) return true;
    throw error;
  }
};

/** The journal first: whatever happens in between, the terminal is the one that knows more. */
const copyFolder = async (from: string, to: string): Promise<void> => {
  await copyDatabase(join(from, JOURNAL_FILE), join(to, JOURNAL_FILE));
  if (existsSync(join(from, LINK_FILE))) copyFileSync(join(from, LINK_FILE), join(to, LINK_FILE));
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
  const market = await loadMarket(options, {
    accountCurrency: config.account.currency,
    overrides: config.instruments,
  });
  const strategies = await planStrategies(config, market, undefined, join(copy, 'strategies'));
  const { host } = config.link;
  const place = await linkPlace({ dataDir: copy, host, wantedPort: 0, newId });
  const spec: RuntimeSpec = runtimeSpec({
    config,
    market,
    simulated: market,
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
    { ...spec, control: null },
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

/** The first reconciliation of the copy; what its market does afterwards is nobody's business. */
const conclusion = (runtime: Runtime): Promise<Reconciled> =>
  new Promise((resolve, reject) => {
    const late = ambientClock.schedule(PATIENCE_MS, () =>
      reject(new CliError('the copy of the terminal never came up', 'try bulwark run')),
    );
    runtime.onEntry((entry) => {
      if (entry.kind !== 'recovery.completed') return;
      late.cancel();
      const { counts, actions } = entry;
      const outcome = counts['balanced'] === 0 ? 'differs' : 'agrees';
      resolve({ outcome, counts, actions });
    });
  });

const told = (dataDir: string, running: boolean, found: Reconciled): string => {
  const { outcome, counts, actions } = found;
  const { positions = 0, orders = 0, deals = 0 } = counts;
  const lines = [
    `${dataDir}: ${positions} positions, ${orders} orders and ${deals} deals compared, on a copy.`,
    ...(running ? ['A runtime is trading here: what happened a moment ago may be among it.'] : []),
    ...(actions.length === 0 ? ['Nothing to do.'] : actions.map((action) => `  ${action}`)),
    outcome === 'agrees'
      ? 'The gate would open. Nothing was changed.'
      : 'The books differ: the gate would stay shut. Nothing was changed.',
  ];
  return `${lines.join('\n')}\n`;
};
