import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { lotsE8, points } from '../../src/domain/units.ts';
import {
  type Finished,
  type RunningCli,
  type Sandbox,
  sandbox,
  until,
} from '../support/cli-sandbox.ts';
import { freePort } from '../support/free-port.ts';
import { compiledExpert, terminalOf } from './expert-bench.ts';
import { FollowedTime, hourOf } from './followed-time.ts';
import type { FakeTerminal } from './terminal/fake-terminal.ts';

/** Opens one position of two lots at the first quote, and does nothing more while it is there. */
const STRATEGY = `
export default {
  name: 'once',
  version: '1.0.0',
  timeframe: 'M1',
  params: {},
  warmupBars: () => 0,
  init: () => ({}),
  onBar: (state) => ({ state, signals: [] }),
  onTick: (state, tick, { positions }) => ({
    state,
    signals: positions.length > 0 ? [] : [
      { type: 'open', side: 'buy', kind: 'market', stopDistance: 1500, leg: 0, reason: 'flat' },
    ],
  }),
};
`;
const MINUTE = 60_000;
/** Ten minutes before midnight in Prague, which is when the firm's day begins. */
const BEGIN = Date.UTC(2024, 2, 4, 22, 50);
export const MIDNIGHT_AFTER_MS = 10 * MINUTE;
/** How long the terminal's lease outlives the last word of a runtime. */
export const LEASE_MS = 5 * MINUTE;
const TICK_MS = 5_000;
/** Terminal time passes in such steps, and the wall's between two of them lets a runtime answer:
 * it notices when the two drift apart by ten seconds. */
const STEP_MS = 1_000;
const PACE_MS = 15;
const STEPS = 2_000;
export const TAKEOVER = 'the-takeover-token-of-the-operator';
const NOBODY = { intent: '', attempt: 0 };

export interface DeskOptions {
  /** Bid in points at so many milliseconds after the beginning. */
  readonly bid?: (afterMs: number) => number;
  readonly deadMan?: { readonly policy: 'none' | 'tighten' | 'flatten'; readonly afterMs: number };
  /** `LEASE_MS` by default. */
  readonly leaseMs?: number;
  /** Runtimes that the EA may dial, in this order. */
  readonly runtimes?: number;
}

/**
 * A trader's desk as it stands in a real room: `bulwark run` of the profile live as a process of its
 * own, and the compiled Expert Advisor as another one, in a terminal whose market a test moves. Both
 * have the same time of day.
 */
export class LiveDesk {
  readonly box: Sandbox;
  readonly terminal: FakeTerminal;
  readonly #time: FollowedTime;
  readonly #runs: RunningCli[] = [];

  private constructor(parts: {
    readonly box: Sandbox;
    readonly terminal: FakeTerminal;
    readonly time: FollowedTime;
  }) {
    this.box = parts.box;
    this.terminal = parts.terminal;
    this.#time = parts.time;
  }

  static async open(options: DeskOptions = {}): Promise<LiveDesk> {
    const { bid = () => 130_000, runtimes = 1 } = options;
    const box = sandbox();
    const ports: number[] = [];
    for (let count = 0; count < runtimes; count += 1) ports.push(await freePort());
    writeFileSync(box.path('once.mjs'), STRATEGY);
    for (const [index, port] of ports.entries()) {
      mkdirSync(box.path(`runtime-${index}`));
      const config = JSON.stringify(configOf(port, options));
      writeFileSync(box.path(`runtime-${index}`, 'bulwark.config.json'), config);
    }
    const terminal = terminalOf({
      binary: compiledExpert(),
      directory: box.path('terminal'),
      market: hourOf(BEGIN, TICK_MS, bid),
      inputs: {
        InpEndpoints: ports.map((port) => `tcp://127.0.0.1:${port}`).join(','),
        InpInstance: 'ea-1',
        InpTakeoverToken: TAKEOVER,
        InpTrustHistory: 'true',
        InpParkMs: '0',
      },
    });
    const time = new FollowedTime(box.path('clock'), terminal.now);
    onTestFinished(async () => {
      time.close();
      await terminal.close();
      await box.close();
      expect(terminal.stderr, 'sanitizers and critical errors').toBe('');
    });
    return new LiveDesk({ box, terminal, time });
  }

  /** Starts the n-th runtime, as a person does. */
  run(index = 0, ...flags: readonly string[]): RunningCli {
    return this.#start(index, ['run', ...flags]);
  }

  /** What `bulwark reconcile --dry-run` of a person at the n-th runtime's desk says. */
  async look(index = 0): Promise<Finished> {
    const run = this.#start(index, ['reconcile', '--dry-run', '--json']);
    const ended: Finished[] = [];
    void run.finished().then((finished) => ended.push(finished));
    await this.until('the end of the look', () => ended.length > 0);
    return run.finished();
  }

  #start(index: number, args: readonly string[]): RunningCli {
    const cwd = this.box.path(`runtime-${index}`);
    const run = this.box.start(args, { cwd, env: this.#time.env });
    this.#runs.push(run);
    return run;
  }

  /** The EA is put on its chart once the runtime is there. */
  async started(run: RunningCli): Promise<void> {
    await until('a runtime', () => run.said().includes('inspector at'));
    expect(await this.terminal.start()).toBe(0);
  }

  /** A runtime and the EA, and the position that the strategy opens. */
  async trading(): Promise<RunningCli> {
    const run = this.run();
    await this.started(run);
    await this.until('a position', () => this.positions.length === 1);
    // The result is on its way: a runtime that is killed later knows what it has.
    await this.until('the deal', () => run.said().includes('deal: bought'));
    return run;
  }

  get positions() {
    return [...this.terminal.broker.engine.state.positions.values()];
  }
  /** Stops of the open positions, as prices. */
  get stops() {
    return this.positions.map(({ stopLoss }) => (stopLoss ?? 0) / 100_000);
  }
  /** Deals that opened a position. */
  get openings() {
    return this.terminal.broker.engine.state.deals.filter(({ entry }) => entry === 'in');
  }
  get balanceMinor(): bigint {
    return this.terminal.broker.engine.state.balanceMinor;
  }
  get notified(): string {
    return this.terminal.notifications.join('\n');
  }

  /** kill -9; resolves when the process is gone. */
  async kill(run: RunningCli): Promise<void> {
    run.signal('SIGKILL');
    expect(await run.finished()).toMatchObject({ signal: 'SIGKILL' });
  }

  /** Lets terminal time pass a little at a time, until something is so. */
  async until(what: string, condition: () => boolean): Promise<void> {
    for (let step = 0; !condition(); step += 1) {
      if (step === STEPS) throw new Error(`still waiting for ${what}:\n${this.#story()}`);
      await this.#elapse(STEP_MS);
      await pause(PACE_MS);
    }
  }

  async #elapse(ms: number): Promise<void> {
    await this.terminal.elapse(ms);
    this.#time.tell(this.terminal.now);
  }

  #story(): string {
    return [...this.#runs.map((run) => run.said()), ...this.terminal.printed].join('\n');
  }

  /** Lets terminal time pass while nobody is there but the terminal. */
  async alone(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= TICK_MS) {
      await this.#elapse(TICK_MS);
      await turn();
    }
  }

  /** What a person does in the terminal itself: takes the stops away. */
  async removeStops(): Promise<void> {
    for (const { ticket, symbol } of this.positions) {
      const levels = { stopLoss: null, takeProfit: null };
      this.terminal.broker.submit({ type: 'modifyPosition', ticket, symbol, ...levels }, NOBODY);
    }
    await this.#elapse(STEP_MS);
    expect(this.positions.map(({ stopLoss }) => stopLoss)).toEqual(this.positions.map(() => null));
  }
  /** ... and closes by hand. */
  async closeByHand(): Promise<void> {
    for (const { ticket, volumeE8 } of this.positions) {
      const byHand = { filling: 'fok', reason: 'client' } as const;
      this.terminal.broker.submit({ type: 'close', ticket, volumeE8, ...byHand }, NOBODY);
    }
    await this.#elapse(STEP_MS);
    expect(this.positions).toEqual([]);
  }
  /** ... and buys by hand, without a stop. */
  async buyByHand(lots: number): Promise<void> {
    const at = this.terminal.broker.engine.state.quotes.get('EURUSD');
    this.terminal.broker.submit(
      {
        ...{ type: 'place', symbol: 'EURUSD', side: 'buy', kind: 'market' },
        ...{ volumeE8: lotsE8(lots * 100_000_000), price: at?.ask ?? points(0) },
        ...{ stopLimitPrice: null, stopLoss: null, takeProfit: null, magic: '0' },
        ...{ filling: 'fok', tif: 'gtc', expiresAt: null, comment: 'by hand' },
      },
      NOBODY,
    );
    await this.#elapse(STEP_MS);
    expect(this.positions).toHaveLength(1);
  }
}

const configOf = (port: number, { deadMan, leaseMs = LEASE_MS }: DeskOptions) => ({
  profile: 'live',
  account: { login: '5012345', server: 'Sim', currency: 'USD', initialBalance: '100000.00' },
  rules: { set: 'ftmo-2step', phase: 'challenge' },
  // Terminal time passes much faster than the wall's, by which a runtime speaks.
  link: { port, leaseMs, takeoverToken: TAKEOVER, ...(deadMan && { deadMan }) },
  risk: {
    sizing: { kind: 'fixedLots', volumeLots: '2' },
    maxTradeRiskPercent: 5,
    intentTtlMs: 600_000,
  },
  market: { serverTz: 'ny+7', symbols: ['EURUSD'] },
  strategies: [{ use: '../once.mjs', symbol: 'EURUSD', timeframe: 'M1' }],
});
