import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { absurd } from '../../domain/units.ts';
import { acquireInstanceLock } from '../../journal/instance-lock.ts';
import { parseServerTz, type ServerZone } from '../venue-time.ts';
import { BrokerLog, eraseLog, loadLog, refuseForeignLog } from './broker-log.ts';
import { openEaLink } from './ea-link.ts';
import { EaModel } from './ea-model.ts';
import type { EngineEnvironment } from './engine/environment.ts';
import { environmentFor } from './environment-for.ts';
import { TerminalRefused } from './errors.ts';
import { eraseLedger, Ledger } from './ledger.ts';
import { LedgerLines } from './ledger-lines.ts';
import { cutMarket } from './market/cut-market.ts';
import { loadMarket } from './market/load-market.ts';
import type { Market, MarketOptions } from './market/types.ts';
import type { TerminalOptions } from './options.ts';
import type { HostPorts } from './terminal-host.ts';
import { TerminalHost } from './terminal-host.ts';

export const PID_FILE = 'terminal.pid';

/** What the process takes from the machine. */
export interface TerminalPorts extends HostPorts {
  /** Runs a turn after pending I/O had its chance. */
  readonly defer: (turn: () => void) => void;
  /** Uniform in [0, 1): jitter of the reconnect delay, nothing that trades. */
  readonly random: () => number;
  /** Calls `stop` when the process is asked to end; returns how to stop listening. */
  readonly onStopRequested: (stop: (reason: string) => void) => () => void;
}

/** SIGTERM and SIGINT ask a process to end. */
export const onSignals: TerminalPorts['onStopRequested'] = (stop) => {
  const listen = (signal: NodeJS.Signals): void => stop(signal);
  process.on('SIGTERM', listen);
  process.on('SIGINT', listen);
  return () => {
    process.off('SIGTERM', listen);
    process.off('SIGINT', listen);
  };
};

const zoneOf = (serverTz: string): ServerZone => {
  const parsed = parseServerTz(serverTz);
  if (parsed.ok) return parsed.zone;
  throw new TerminalRefused({ subject: '--server-tz', ...parsed });
};

/** What makes a market this market: its files may move, their names and sizes may not change. */
const marketIdentity = (market: MarketOptions): unknown => {
  switch (market.kind) {
    case 'replay':
      return {
        kind: market.kind,
        serverTz: market.serverTz,
        convention: market.convention ?? 'honest',
        files: market.files.map(({ path, symbol }) => ({
          name: basename(path),
          bytes: statSync(path).size,
          symbol: symbol ?? null,
        })),
      };
    case 'synthetic':
      return market;
    default:
      return absurd(market);
  }
};

/** Text that a data directory must carry to be this terminal's. */
const identityOf = (options: TerminalOptions, market: Market): string => {
  const { login, server, currency, currencyDigits, marginMode } = options.account;
  const account = { login, server, currency, currencyDigits, marginMode };
  // Prices and volumes of the log mean something only with these figures.
  const symbols = market.instruments.map((item) => [item.symbol, item.digits, item.contractSize]);
  return JSON.stringify({ account, market: marketIdentity(options.market), symbols });
};

/** For whoever is about to start a terminal: throws TerminalRefused when its directory belongs to
 * another account or market, which no number of restarts would change. */
export const checkTerminalDirectory = (options: TerminalOptions, market: Market): void => {
  refuseForeignLog(options.dataDir, identityOf(options, market));
};

interface Opened {
  readonly model: EaModel;
  readonly market: Market;
  readonly env: EngineEnvironment;
  readonly close: () => void;
}

const openBroker = (options: TerminalOptions, market: Market, zone: ServerZone): Opened => {
  const { dataDir, ledgerFile, account } = options;
  const { currency: accountCurrency, currencyDigits, balanceMinor, ...identity } = account;
  const env = environmentFor({ ...options, market, zone, accountCurrency });
  if (options.fresh) {
    eraseLog(dataDir);
    eraseLedger(dataDir, ledgerFile);
  }
  const mine = identityOf(options, market);
  const loaded = loadLog(dataDir, mine);
  const digitsOf = (symbol: string): number | undefined => env.instruments.get(symbol)?.digits;
  const ledger = new Ledger({
    dataDir,
    lines: new LedgerLines({ digitsOf, currencyDigits }),
    loaded,
    ...(ledgerFile === undefined ? {} : { copy: ledgerFile }),
  });
  const log = new BrokerLog({
    directory: dataDir,
    identity: mine,
    loaded,
    hooks: {
      onAppended: (transaction) => ledger.append(transaction),
      beforeCheckpoint: () => ledger.sync(),
    },
  });
  const { seed, instanceId, token, takeoverToken, clock, calendar } = options;
  const model = new EaModel({
    state: loaded.state,
    env,
    market,
    store: log,
    account: { ...identity, currency: accountCurrency, currencyDigits },
    balanceMinor,
    seed,
    instanceId,
    clock,
    token: token ?? null,
    ...(takeoverToken === undefined ? {} : { takeoverToken }),
    ...(calendar === undefined ? {} : { calendar }),
  });
  const close = (): void => {
    log.close();
    ledger.close();
  };
  return { model, market, env, close };
};

/** Connects, runs until somebody or something ends it, and resolves with the exit code. */
const serve = async (
  options: TerminalOptions,
  ports: TerminalPorts,
  opened: Opened,
): Promise<number> => {
  let finish: (code: number) => void = () => undefined;
  const finished = new Promise<number>((resolve) => {
    finish = resolve;
  });
  const { model, market, env } = opened;
  const { speed, clock, orphanTimeoutMs } = options;
  const host = new TerminalHost({
    model,
    market,
    env,
    speed,
    clock,
    orphanTimeoutMs,
    ports,
    onEnd: finish,
  });
  const link = await openEaLink(host, options, ports);
  host.attach(link);
  const stopListening = ports.onStopRequested((reason) => host.stop(reason));
  try {
    return await finished;
  } finally {
    stopListening();
    await link.close();
  }
};

/**
 * Runs a simulated terminal until it is told to stop, loses its last runtime for `orphanTimeoutMs`,
 * or can no longer write its log. Resolves with the exit code (0 ended in order, 1 a defect or a
 * full disk). Rejects before anything was traded: MarketDataError, TerminalRefused, LinkMisconfigured
 * and InstanceLocked are for people and end the CLI with code 2.
 */
export const runTerminal = async (
  options: TerminalOptions,
  ports: TerminalPorts,
): Promise<number> => {
  const zone = zoneOf(options.market.serverTz);
  if (options.clock === 'free' && options.speed === 'max') {
    throw new TerminalRefused({
      subject: '--clock free',
      reason: 'a session that nobody steps needs a pace',
      remedy: 'Set market.speed to a number, for example 1.',
    });
  }
  mkdirSync(options.dataDir, { recursive: true });
  const lock = acquireInstanceLock(options.dataDir);
  const pidFile = join(options.dataDir, PID_FILE);
  try {
    const whole = await loadMarket(options.market, {
      accountCurrency: options.account.currency,
      ...(options.instruments === undefined ? {} : { overrides: options.instruments }),
    });
    const { marketUntilMs } = options;
    const market = marketUntilMs === undefined ? whole : cutMarket(whole, marketUntilMs);
    const opened = openBroker(options, market, zone);
    writeFileSync(pidFile, `${process.pid}\n`);
    try {
      return await serve(options, ports, opened);
    } finally {
      opened.close();
      rmSync(pidFile, { force: true });
    }
  } finally {
    lock.release();
  }
};
