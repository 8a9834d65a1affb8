import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { compareWithLedger } from '../../../src/audit/compare.ts';
import type { Finding } from '../../../src/audit/findings.ts';
import { minor } from '../../../src/domain/units.ts';
import { account } from '../../support/broker-bench.ts';
import { type RunningCli, type Sandbox, sandbox } from '../../support/cli-sandbox.ts';
import { newYork7 } from '../../support/new-york-7.ts';
import { FollowedTime, hourOf } from '../followed-time.ts';
import { bridgedReference } from './bridge-journal.ts';
import { JsonApiTerminal } from './json-api-terminal.ts';
import { exceptForTheDefects } from './ledger-differences.ts';

/** Buys once, and asks until it has what it bought. */
const STRATEGY = `
export default {
  name: 'once',
  version: '1.0.0',
  timeframe: 'M1',
  params: {},
  warmupBars: () => 0,
  init: () => ({ isDone: false }),
  onBar: (state) => ({ state, signals: [] }),
  onTick: ({ isDone }, tick, { positions }) => ({
    state: { isDone: isDone || positions.length > 0 },
    signals: isDone || positions.length > 0 ? [] : [
      { type: 'open', side: 'buy', kind: 'market', stopDistance: 1500, leg: 0, reason: 'flat' },
    ],
  }),
};
`;
/** A Monday noon. */
const BEGIN = Date.UTC(2024, 2, 4, 12);
const TICK_MS = 1_000;
const STEP_MS = 250;
const PACE_MS = 15;
const STEPS = 3_000;

export interface BridgedOptions {
  /** Bid in points at so many milliseconds after the beginning. */
  readonly bid?: (afterMs: number) => number;
}

/**
 * `bulwark run` of the profile live as a process of its own, which starts its bridge as another one,
 * and somebody else's EA in a terminal whose market a test moves. All have the same time of day.
 */
export class BridgedDesk {
  readonly box: Sandbox;
  readonly terminal: JsonApiTerminal;
  readonly #time: FollowedTime;
  readonly #runs: RunningCli[] = [];

  private constructor(box: Sandbox, terminal: JsonApiTerminal) {
    this.box = box;
    this.terminal = terminal;
    this.#time = new FollowedTime(box.path('clock'), terminal.now);
    const { ports } = terminal;
    writeFileSync(box.path('once.mjs'), STRATEGY);
    writeFileSync(box.path('bulwark.config.json'), JSON.stringify(configOf(ports)));
  }

  static async open({ bid = () => 130_000 }: BridgedOptions = {}): Promise<BridgedDesk> {
    const box = sandbox();
    const terminal = await JsonApiTerminal.open({
      directory: box.path('broker'),
      market: hourOf(BEGIN, TICK_MS, bid),
      zone: newYork7,
      account: { ...account, server: 'Sim', balanceMinor: minor(10_000_000n) },
      latencyMs: 0,
      seed: 1,
      referenceOf: bridgedReference(box.path('data', 'terminal')),
    });
    const desk = new BridgedDesk(box, terminal);
    onTestFinished(async () => {
      await box.close();
      await terminal.close();
      desk.#time.close();
    });
    return desk;
  }

  start(...args: readonly string[]): RunningCli {
    const run = this.box.start(args, { env: this.#time.env });
    this.#runs.push(run);
    return run;
  }
  run(): RunningCli {
    return this.start('run', '--data-dir', this.box.path('data'));
  }

  /** A runtime, and the position that its strategy opens. */
  async trading(): Promise<RunningCli> {
    const run = this.run();
    await this.until('a position', () => this.terminal.positions.length === 1);
    await this.until('the deal', () => run.said().includes('deal: bought'));
    return run;
  }

  /** The bridge's process. */
  get bridgePid(): number {
    return Number(readFileSync(this.box.path('data', 'terminal', 'terminal.pid'), 'utf8'));
  }
  get bridgeLog(): string {
    return readFileSync(this.box.path('data', 'terminal', 'process.log'), 'utf8');
  }
  /** Orders that opened something. */
  get openings() {
    return this.terminal.broker.engine.state.deals.filter(({ entry }) => entry === 'in');
  }

  killBridge(): void {
    process.kill(this.bridgePid, 'SIGKILL');
  }

  /** Ends a run in order; what its audit and the broker's ledger do not agree about. */
  async stopped(run: RunningCli): Promise<readonly Finding[]> {
    run.signal('SIGTERM');
    let isOver = false;
    const finished = run.finished().finally(() => {
      isOver = true;
    });
    await this.until('the end', () => isOver);
    expect(await finished).toMatchObject({ code: 0 });
    const auditFile = this.box.path('data', 'audit.db');
    const ledgerFile = this.box.path('broker', 'ledger.ndjson');
    const { findings } = await compareWithLedger({ auditFile, ledgerFile });
    return exceptForTheDefects(findings);
  }

  async kill(run: RunningCli): Promise<void> {
    run.signal('SIGKILL');
    expect(await run.finished()).toMatchObject({ signal: 'SIGKILL' });
  }

  /** Lets terminal time pass a little at a time, until something is so. */
  async until(what: string, condition: () => boolean): Promise<void> {
    for (let step = 0; !condition(); step += 1) {
      if (step === STEPS) throw new Error(`still waiting for ${what}:\n${this.#story()}`);
      await this.elapse(STEP_MS);
    }
  }
  async elapse(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.terminal.elapse(Math.min(STEP_MS, left));
      this.#time.tell(this.terminal.now);
      await pause(PACE_MS);
    }
  }
  #story(): string {
    const bridge = ((): string => {
      try {
        return this.bridgeLog;
      } catch {
        return 'no bridge';
      }
    })();
    return [...this.#runs.map((run) => run.said()), bridge, ...this.terminal.worked.slice(-5)].join(
      '\n',
    );
  }
}

const configOf = (ports: JsonApiTerminal['ports']) => ({
  profile: 'live',
  dataDir: 'data',
  account: { login: '5012345', server: 'Sim', currency: 'USD', initialBalance: '100000.00' },
  rules: { set: 'ftmo-2step', phase: 'challenge' },
  link: {
    kind: 'jsonapi',
    port: 0,
    leaseMs: 300_000,
    settleMs: 2_000,
    jsonApi: { ...ports, pollMs: 100, answerMs: 1_000, settleMs: 1_500 },
  },
  terminal: { restart: { backoffInitialMs: 10 } },
  risk: {
    sizing: { kind: 'fixedLots', volumeLots: '2' },
    maxTradeRiskPercent: 5,
    intentTtlMs: 600_000,
  },
  market: { serverTz: 'ny+7', symbols: ['EURUSD'] },
  instruments: {
    EURUSD: {
      digits: 5,
      contractSize: 100_000,
      baseCurrency: 'EUR',
      quoteCurrency: 'USD',
      volumeMinLots: '0.01',
      volumeMaxLots: '100',
      volumeStepLots: '0.01',
      stopsLevelPoints: 10,
      commissionPerLot: '3.50',
      swapLongPoints: -8.5,
      swapShortPoints: 3.4,
    },
  },
  strategies: [{ use: './once.mjs', symbol: 'EURUSD', timeframe: 'M1' }],
});
