import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { epochMs, minor } from '../../domain/units.ts';
import { acquireInstanceLock } from '../../journal/instance-lock.ts';
import { BrokerLog, type LoadedLog, loadLog } from '../terminal/broker-log.ts';
import { openEaLink } from '../terminal/ea-link.ts';
import { EaModel } from '../terminal/ea-model.ts';
import type { EngineEnvironment } from '../terminal/engine/environment.ts';
import { environmentFor } from '../terminal/environment-for.ts';
import { TerminalRefused } from '../terminal/errors.ts';
import { PID_FILE, type TerminalPorts } from '../terminal/terminal-process.ts';
import { parseServerTz, type ServerZone } from '../venue-time.ts';
import { BRIDGE_LIMITS, bridgeFacts, JsonApiBridge } from './bridge.ts';
import { BridgeAccount, ForeignAccount } from './bridge-account.ts';
import { type JsonApiOptions, REDUCED_GUARANTEES } from './bridge-options.ts';
import { type JsonApiChannel, openJsonApiChannel } from './channel.ts';
import { type LiveFeedOptions, openLiveFeed } from './live-feed.ts';
import { LiveMarket } from './live-market.ts';
import { Mirror } from './mirror.ts';
import type { Ask } from './reading.ts';
import type { JsonApiRequest } from './requests.ts';

const VERSION = 'json-api';

const zoneOf = (serverTz: string): ServerZone => {
  const parsed = parseServerTz(serverTz);
  if (parsed.ok) return parsed.zone;
  throw new TerminalRefused({ subject: 'market.serverTz', ...parsed });
};

/** What the log belongs to: prices and volumes of it mean something only with these figures. */
const identityOf = ({ account, instruments }: JsonApiOptions): string => {
  const { login, server, currency, currencyDigits, marginMode } = account;
  const symbols = instruments.map((item) => [item.symbol, item.digits, item.contractSize]);
  const who = { login, server, currency, currencyDigits, marginMode };
  return JSON.stringify({ account: who, market: 'json-api', symbols });
};

/** The parts of one bridge, over a log that was read. */
class Assembly {
  readonly market: LiveMarket;
  readonly env: EngineEnvironment;
  readonly mirror: Mirror;
  readonly channel: JsonApiChannel;
  readonly account: BridgeAccount;
  readonly model: EaModel;
  isConnected = true;
  bridge: JsonApiBridge | undefined;
  /** The EA may be another than before: it is to be told again what to stream. */
  onConnected: () => void = () => undefined;

  constructor(options: JsonApiOptions, ports: TerminalPorts, loaded: LoadedLog, log: BrokerLog) {
    const zone = zoneOf(options.serverTz);
    const now = epochMs(Math.max(ports.clock.now(), loaded.state.broker.now + 1));
    const { instruments } = options;
    this.market = new LiveMarket({ instruments, zone, startsAt: now });
    const { currency: accountCurrency } = options.account;
    const honest = { latencyMs: 0, rejectRate: 0, requoteRate: 0 };
    this.env = environmentFor({ market: this.market, zone, accountCurrency, ...honest });
    this.mirror = new Mirror(loaded.state.broker, this.env, 2 * options.pollMs);
    this.channel = openJsonApiChannel({
      ...options,
      clock: ports.clock,
      defer: ports.defer,
      onFault: (error) => ports.log(`link to the EA: ${String(error)}`),
      firstBarrier: ports.clock.now(),
      onConnected: () => this.onConnected(),
      onLate: (request, replies) => {
        this.account.late(request, replies);
        this.bridge?.look();
      },
    });
    this.account = new BridgeAccount({
      mirror: this.mirror,
      env: this.env,
      zone,
      ask: (request) => this.channel.ask(request),
      wallMs: () => ports.stopwatch.elapsedMs(),
      settleMs: options.settleMs,
      log: ports.log,
      onChanged: () => this.bridge?.pump(),
      onHidden: () => this.bridge?.renew(),
    });
    const silentMs = BRIDGE_LIMITS.silentPolls * options.pollMs + options.answerMs;
    this.model = new EaModel({
      state: loaded.state,
      env: this.env,
      market: this.market,
      store: log,
      account: options.account,
      balanceMinor: minor(0n),
      seed: 0,
      instanceId: options.instanceId,
      clock: 'free',
      token: options.token ?? null,
      broker: this.mirror,
      facts: bridgeFacts({
        version: VERSION,
        accountKind: options.accountKind,
        account: () => this.account,
        isConnected: () => this.isConnected && this.account.silentMs() < silentMs,
      }),
      ...(options.takeoverToken === undefined ? {} : { takeoverToken: options.takeoverToken }),
    });
  }
}

/** Asks the EA to stream every symbol's quotes; what an earlier process subscribed is dropped. Again
 * and again, because the port of its replies may come up after the one that it is asked on. */
const subscribe = async (
  { channel }: Assembly,
  options: JsonApiOptions,
  pause: () => Promise<void>,
  isOver: () => boolean,
): Promise<void> => {
  const requests: readonly JsonApiRequest[] = [
    { action: 'RESET' },
    ...options.instruments.map(
      ({ symbol }) => ({ action: 'CONFIG', symbol, chartTF: 'TICK' }) as const,
    ),
  ];
  for (const request of requests) {
    while (!isOver() && (await channel.ask(request)).type !== 'answered') await pause();
  }
};

/** Until the account was read once, nobody is told of it: hello names its balance. */
const firstReading = async (
  { account }: Assembly,
  options: JsonApiOptions,
  ports: TerminalPorts,
  pause: () => Promise<void>,
  isOver: () => boolean,
): Promise<void> => {
  const { host, sysPort, dataPort } = options;
  ports.log(`looks for the EA at ${host}:${sysPort} and ${host}:${dataPort}`);
  while (!isOver()) {
    await account.refresh();
    if (account.account !== undefined && account.isRead) return;
    await pause();
  }
};

const serve = async (
  parts: Assembly,
  options: JsonApiOptions,
  ports: TerminalPorts,
): Promise<number> => {
  const { account, model, market, env, channel } = parts;
  let finish: (code: number) => void = () => undefined;
  let isOver = false;
  const finished = new Promise<number>((resolve) => {
    finish = resolve;
  });
  const zone = zoneOf(options.serverTz);
  const ask: Ask = (request) => channel.ask(request);
  const { pollMs } = options;
  const bridge = new JsonApiBridge({
    ...{ model, account, market, env, zone, ask, pollMs, ports },
    onEnd: (code) => {
      isOver = true;
      finish(code);
    },
  });
  const stopListening = ports.onStopRequested((reason) => {
    isOver = true;
    bridge.stop(reason);
  });
  const feed: LiveFeedOptions = {
    ...options,
    clock: ports.clock,
    defer: ports.defer,
    onFault: (error) => ports.log(`live data of the EA: ${String(error)}`),
    onQuote: (quote) => {
      parts.isConnected = true;
      bridge.quote(quote);
    },
    onDisconnected: () => {
      parts.isConnected = false;
      ports.log('the terminal has lost its trade server');
    },
    onEvent: () => bridge.look(),
  };
  const ears = openLiveFeed(feed);
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      ports.clock.schedule(pollMs, resolve);
    });
  try {
    await firstReading(parts, options, ports, pause, () => isOver);
    if (isOver) return 0;
    await subscribe(parts, options, pause, () => isOver);
    let connections = 0;
    parts.onConnected = () => {
      connections += 1;
      const mine = connections;
      subscribe(parts, options, pause, () => isOver || mine !== connections).then(
        () => bridge.look(),
        (error: unknown) => ports.log(String(error)),
      );
    };
    parts.bridge = bridge;
    bridge.pump();
    const link = await openEaLink(bridge, options, ports);
    bridge.attach(link);
    const code = await finished;
    await link.close();
    return code;
  } catch (error) {
    if (!(error instanceof ForeignAccount)) throw error;
    ports.log(error.message);
    return 2;
  } finally {
    stopListening();
    ears.close();
    channel.close();
  }
};

/**
 * Runs a bridge between a runtime and an EA of the kind of MQL5-JSON-API until it is told to stop,
 * or can no longer write its log. Resolves with the exit code (0 ended in order, 1 a defect or a full
 * disk, 2 a person has to change something: the account is another). Rejects with TerminalRefused,
 * LinkMisconfigured or InstanceLocked before anything was said.
 */
export const runJsonApiBridge = async (
  options: JsonApiOptions,
  ports: TerminalPorts,
): Promise<number> => {
  mkdirSync(options.dataDir, { recursive: true });
  const lock = acquireInstanceLock(options.dataDir);
  const pidFile = join(options.dataDir, PID_FILE);
  try {
    const identity = identityOf(options);
    const loaded = loadLog(options.dataDir, identity);
    const log = new BrokerLog({
      directory: options.dataDir,
      identity,
      loaded,
      hooks: { onAppended: () => undefined, beforeCheckpoint: () => undefined },
    });
    writeFileSync(pidFile, `${process.pid}\n`);
    for (const line of REDUCED_GUARANTEES) ports.log(`reduced guarantee: ${line}`);
    try {
      return await serve(new Assembly(options, ports, loaded, log), options, ports);
    } finally {
      log.close();
      rmSync(pidFile, { force: true });
    }
  } finally {
    lock.release();
  }
};
