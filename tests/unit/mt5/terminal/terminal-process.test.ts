import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EaMessageOf, RuntimeBody } from '../../../../src/mt5/wire/messages.ts';
import { barFile, rowTime, writeMarketFile } from '../../../support/market-files.ts';
import { MINUTE, MONDAY } from '../../../support/scripted-market.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';
import { WireRuntime } from '../../../support/wire-runtime.ts';

const CHILD = fileURLToPath(new URL('../../../support/terminal-child.mjs', import.meta.url));

/** Half a day of bars that wander enough to reach stops and targets. */
const marketFile = (directory: string): string => {
  const lines = Array.from({ length: 600 }, (_, index) => {
    const level = (at: number): number => 130_000 + Math.round(200 * Math.sin(at / 25));
    const [open, close] = [level(index), level(index + 1)];
    const price = (points: number): string => (points / 100_000).toFixed(5);
    const bar = [open, Math.max(open, close) + 12, Math.min(open, close) - 12, close].map(price);
    return `${rowTime(MONDAY + index * MINUTE)} ${bar.join(' ')} 40 0 8`;
  });
  return writeMarketFile(directory, 'EURUSD_M1.csv', barFile(lines));
};

const optionsFor = (directory: string, endpoint: string, extra: object = {}) => ({
  endpoint,
  dataDir: join(directory, 'terminal'),
  fresh: false,
  account: {
    login: '5012345',
    server: 'Sim',
    company: 'Bulwark',
    currency: 'USD',
    currencyDigits: 2,
    leverage: 100,
    marginMode: 'hedging',
    stopOutLevelPercent: 50,
    balanceMinor: '10000000',
  },
  market: { kind: 'replay', files: [{ path: join(directory, 'EURUSD_M1.csv') }], serverTz: 'UTC' },
  speed: 'max',
  latencyMs: 250,
  seed: 1,
  instanceId: 'ea-1',
  rejectRate: 0,
  requoteRate: 0,
  orphanTimeoutMs: 20_000,
  ...extra,
});

const startTerminal = (options: unknown) => {
  const child: ChildProcess = spawn(process.execPath, [CHILD, JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return { child, exited, stderr: () => stderr };
};

/** Every 20 minutes an order with stop and target; the intent is a function of the instant. */
const strategy = (advance: EaMessageOf<'clock.advance'>): readonly RuntimeBody[] => {
  const minute = Math.floor((advance.toMs - MONDAY) / MINUTE);
  if (advance.why !== 'bar' || minute % 20 !== 0) return [];
  const side = minute % 40 === 0 ? 'buy' : 'sell';
  const level = 130_000 + Math.round(200 * Math.sin(minute / 25));
  const price = (points: number): string => (points / 100_000).toFixed(5);
  const sign = side === 'buy' ? 1 : -1;
  return [
    {
      kind: 'order.place',
      intent: `I${minute}`,
      attempt: 1,
      seenMono: 0,
      ttlMs: 1e9,
      symbol: 'EURUSD',
      side,
      type: 'market',
      volume: '0.5',
      price: price(level),
      stopLimitPrice: null,
      stopLoss: price(level - sign * 120),
      takeProfit: price(level + sign * 90),
      deviationPoints: 20,
      magic: String(minute + 1),
      filling: 'fok',
      tif: 'gtc',
      expiresAtMs: null,
      comment: '',
    },
  ];
};

/** The ledger without the numbers that say how often the process was started. */
const truthIn = (directory: string): readonly unknown[] =>
  readFileSync(join(directory, 'terminal', 'ledger.ndjson'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const { n, i, ...rest } = JSON.parse(line) as Record<string, unknown>;
      expect([typeof n, typeof i]).toEqual(['number', 'number']);
      return rest;
    });

const undisturbed = async (speed: number | 'max' = 'max') => {
  const directory = temporaryDirectory();
  marketFile(directory);
  const runtime = await WireRuntime.open({ strategy });
  const terminal = startTerminal(optionsFor(directory, runtime.gateway.endpoint, { speed }));
  const end = await runtime.ended.next(15_000);
  terminal.child.kill('SIGTERM');
  expect(await terminal.exited).toBe(0);
  return { truth: truthIn(directory), end };
};

describe('the terminal process', () => {
  it('plays to the end of its data, says goodbye on SIGTERM and exits with 0', async () => {
    const directory = temporaryDirectory();
    marketFile(directory);
    const runtime = await WireRuntime.open({ strategy });
    const terminal = startTerminal(optionsFor(directory, runtime.gateway.endpoint));
    expect(await runtime.hellos.next(10_000)).toMatchObject({
      simulated: true,
      account: { balance: '100000.00' },
    });
    const end = await runtime.ended.next(15_000);
    expect(end).toMatchObject({ barsTotal: 600, ticksTotal: 2400 });
    expect(await runtime.heartbeats.next()).toMatchObject({ connected: true });
    const pidFile = join(directory, 'terminal', 'terminal.pid');
    expect(Number(readFileSync(pidFile, 'utf8'))).toBe(terminal.child.pid);
    terminal.child.kill('SIGTERM');
    expect(await terminal.exited).toBe(0);
    expect((await runtime.goodbyes.next()).reason).toBe('SIGTERM');
    expect(existsSync(pidFile)).toBe(false);
    expect(truthIn(directory).length).toBeGreaterThan(100);
  });

  it('tells the same truth however often it is killed, and at any speed', async () => {
    const [{ truth, end }, paced] = await Promise.all([undisturbed(), undisturbed(200_000)]);
    expect(paced.truth).toEqual(truth);
    const directory = temporaryDirectory();
    marketFile(directory);
    const runtime = await WireRuntime.open({ strategy });
    const options = optionsFor(directory, runtime.gateway.endpoint);
    let terminal = startTerminal(options);
    for (const afterMinute of [45, 202, 501]) {
      await runtime.advances.until(({ toMs }) => toMs >= MONDAY + afterMinute * MINUTE, 15_000);
      terminal.child.kill('SIGKILL');
      await terminal.exited;
      terminal = startTerminal(options);
    }
    expect(await runtime.ended.next(15_000)).toEqual(end);
    terminal.child.kill('SIGTERM');
    await terminal.exited;
    expect(truthIn(directory)).toEqual(truth);
  }, 60_000);

  it('resumes where it was, and starts over when it is told to', async () => {
    const directory = temporaryDirectory();
    marketFile(directory);
    const runtime = await WireRuntime.open({ strategy });
    const options = optionsFor(directory, runtime.gateway.endpoint);
    const first = startTerminal(options);
    await runtime.advances.until(({ toMs }) => toMs >= MONDAY + 100 * MINUTE, 15_000);
    runtime.confirming = false;
    first.child.kill('SIGTERM');
    await first.exited;
    runtime.hellos.rest();
    await runtime.hellos.next();
    const second = startTerminal(options);
    const resumed = await runtime.hellos.next(10_000);
    expect(resumed.highestEpoch).toBe(1);
    expect(resumed.clock?.atMs).toBeGreaterThanOrEqual(MONDAY + 100 * MINUTE);
    second.child.kill('SIGTERM');
    await second.exited;
    const third = startTerminal({ ...options, fresh: true });
    expect(await runtime.hellos.next(10_000)).toMatchObject({
      highestEpoch: 0,
      clock: { doneSeq: 0, atMs: MONDAY - 1 },
    });
    third.child.kill('SIGTERM');
    await third.exited;
  }, 30_000);

  it('ends by itself when no runtime is heard', async () => {
    const directory = temporaryDirectory();
    marketFile(directory);
    const options = optionsFor(directory, 'tcp://127.0.0.1:9', { orphanTimeoutMs: 1_500 });
    const terminal = startTerminal(options);
    expect(await terminal.exited).toBe(0);
    expect(terminal.stderr()).toMatch(/no runtime was heard/);
  });

  it('refuses to start, with code 2 and a remedy, on what it cannot trade', async () => {
    const directory = temporaryDirectory();
    marketFile(directory);
    const options = optionsFor(directory, 'tcp://127.0.0.1:9');
    const refusal = async (changed: object): Promise<string> => {
      const terminal = startTerminal({ ...options, ...changed });
      expect(await terminal.exited).toBe(2);
      return terminal.stderr();
    };
    expect(await refusal({ account: { ...options.account, currency: 'GBP' } })).toMatch(
      /converts USD to GBP. Add USDGBP or GBPUSD/,
    );
    expect(await refusal({ market: { ...options.market, serverTz: 'Mars' } })).toMatch(
      /Mars.*ny\+7/,
    );
    expect(
      await refusal({
        market: {
          ...options.market,
          files: [{ path: join(directory, 'none.csv'), symbol: 'EURUSD' }],
        },
      }),
    ).toMatch(/none\.csv/);
  });
});
