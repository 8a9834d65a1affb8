import { expect, onTestFinished } from 'vitest';
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
  ambientStopwatch,
} from '../../../src/actors/kernel/ambient-clock.ts';
import type { JsonApiOptions } from '../../../src/mt5/jsonapi/bridge-options.ts';
import { runJsonApiBridge } from '../../../src/mt5/jsonapi/bridge-process.ts';
import { account } from '../../support/broker-bench.ts';
import { type TestGateway, testGateway } from '../../support/link-ends.ts';
import { eurusd, type Quote } from '../../support/scripted-market.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { RuntimeEnd } from '../runtime-end.ts';
import { bridgedReference } from './bridge-journal.ts';
import type { JsonApiTerminal, JsonApiTerminalOptions } from './json-api-terminal.ts';
import { jsonApiTerminal } from './quoted-terminal.ts';

const STOPPED = 'the test is over';
/** Terminal time passes in such steps while a test waits; the wall's between two lets others work. */
const STEP_MS = 250;
const PACE_MS = 5;
const STEPS = 2_000;

export interface BridgeBenchOptions extends Partial<JsonApiTerminalOptions> {
  readonly bridge?: Partial<JsonApiOptions>;
  readonly quotes?: readonly Quote[];
}

interface Life {
  readonly ended: Promise<number>;
  readonly stop: (reason: string) => void;
}

/** A bridge between an EA of the kind of MQL5-JSON-API and a runtime's side by hand. */
export class BridgeBench extends RuntimeEnd {
  readonly terminal: JsonApiTerminal;
  readonly log: string[];
  readonly #options: JsonApiOptions;
  #life: Life;

  private constructor(parts: {
    readonly terminal: JsonApiTerminal;
    readonly gateway: TestGateway;
    readonly options: JsonApiOptions;
    readonly log: string[];
  }) {
    super(parts.gateway, () => parts.log);
    this.terminal = parts.terminal;
    this.log = parts.log;
    this.#options = parts.options;
    this.#life = this.#start();
  }

  /** From the start of the bridge to a granted claim. */
  static async open(options: BridgeBenchOptions = {}): Promise<BridgeBench> {
    const { bridge = {}, ...market } = options;
    const holder: { bench?: BridgeBench } = {};
    const gateway = await testGateway({
      onFrame: (identity, frame) => holder.bench?.receive(identity, frame),
    });
    const dataDir = temporaryDirectory();
    const terminal = await jsonApiTerminal({ ...market, referenceOf: bridgedReference(dataDir) });
    const { marginMode } = { ...account, ...market.account };
    const bench = new BridgeBench({
      terminal,
      gateway,
      log: [],
      options: {
        ...{ endpoint: gateway.endpoint, dataDir, instanceId: 'json-api' },
        ...{ host: '127.0.0.1', ...terminal.ports },
        ...{ answerMs: 500, pollMs: 50, settleMs: 200 },
        ...{ account: { ...account, marginMode }, accountKind: 'demo', serverTz: 'ny+7' },
        instruments: [eurusd],
        ...bridge,
      },
    });
    holder.bench = bench;
    onTestFinished(async () => {
      await bench.stop();
      expect(gateway.malformed.rest()).toEqual([]);
    });
    return bench;
  }
  static async controlled(options: BridgeBenchOptions = {}): Promise<BridgeBench> {
    const bench = await BridgeBench.open(options);
    await bench.control();
    return bench;
  }

  #start(): Life {
    let stop: (reason: string) => void = () => undefined;
    const ended = runJsonApiBridge(this.#options, {
      clock: { ...ambientClock, now: () => this.terminal.now },
      stopwatch: ambientStopwatch,
      defer: ambientDefer,
      random: ambientRandom.next,
      log: (line) => this.log.push(line),
      onStopRequested: (asked) => {
        stop = asked;
        return () => undefined;
      },
    });
    ended.catch(() => undefined);
    return { ended, stop: (reason) => stop(reason) };
  }

  /** The bridge's exit code, once it has ended. */
  ended(): Promise<number> {
    return this.#life.ended;
  }
  async stop(): Promise<number> {
    this.#life.stop(STOPPED);
    return this.#life.ended;
  }
  /** Another bridge in the same folder, up to a granted claim. */
  async restart(): Promise<void> {
    await this.stop();
    this.#life = this.#start();
    await this.control();
  }

  /** Lets terminal time pass a little at a time, until something is so. */
  async until(what: string, condition: () => boolean): Promise<void> {
    for (let step = 0; !condition(); step += 1) {
      if (step === STEPS) throw new Error(`still waiting for ${what}:\n${this.log.join('\n')}`);
      await this.elapse(STEP_MS);
    }
  }
  /** ... while the market stands still. */
  async settled(what: string, condition: () => boolean): Promise<void> {
    for (let step = 0; !condition(); step += 1) {
      if (step === STEPS) throw new Error(`still waiting for ${what}:\n${this.log.join('\n')}`);
      await pause();
    }
  }
  async elapse(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.terminal.elapse(Math.min(left, STEP_MS));
      await pause();
    }
  }

  /** Buys half a lot and waits for its result. */
  async bought(intent = 'i-1') {
    this.say(this.order(intent));
    const { body } = await this.next('result', ({ result }) => result.intent === intent);
    return body.result;
  }
}

const pause = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, PACE_MS);
  });
