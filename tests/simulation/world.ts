import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GuardSummary } from '../../src/actors/guard/guard-summary.ts';
import { createSeededRandom } from '../../src/actors/kernel/seeded-random.ts';
import { deskPath } from '../../src/actors/tree.ts';
import type { LogRecord } from '../../src/mt5/terminal/ea/ea-records.ts';
import type { EaFrame, RuntimeFrame } from '../../src/mt5/wire/messages.ts';
import { LOGIN } from '../support/runtime-spec.ts';
import { intentsOf } from './agreement.ts';
import { BrokerWatch } from './broker-watch.ts';
import { SimDisk } from './disk.ts';
import type { Plan } from './faults.ts';
import { SimLoop } from './loop.ts';
import { LostIntents } from './lost-intents.ts';
import { marketOf, SCENES, ticksOf } from './market.ts';
import { type Direction, SimNetwork } from './network.ts';
import { checkOpening } from './opening-watch.ts';
import { SimRuntime } from './runtime.ts';
import { NAKED_MS, simSpec } from './spec.ts';
import { pulseId } from './strategy.ts';
import { SimTerminal } from './terminal.ts';
import { Trace } from './trace.ts';
import { type Shape, treeShape } from './tree-shape.ts';

/** Linux's disk in memory where there is one: here processes die, and machines do not. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const PORT = 5_555;
const SECOND_PORT = 5_556;
/** Session time beyond T_naked that a close takes to execute: its latency, and the next quote. A
 * close that a fault of its own meets has to be found out about, and tried again. */
const NAKED_SLACK_MS = { alone: 2_000, disturbed: 60_000 } as const;
const RESTART_MS = 500;

/**
 * A whole system in one thread: runtimes, terminal, market, network, disks, all of production but
 * for sockets, threads and fsync, on one loop and under one seed.
 */
export class World {
  readonly plan: Plan;
  readonly loop: SimLoop;
  readonly network: SimNetwork;
  readonly terminal: SimTerminal;
  readonly first: SimRuntime;
  readonly second: SimRuntime;
  readonly disk: SimDisk;
  readonly secondDisk: SimDisk;
  readonly broker: BrokerWatch;
  readonly trace: Trace;
  readonly lost = new LostIntents();
  /** What happened how often: faults that struck, and branches that were reached. */
  readonly sometimes = new Map<string, number>();
  readonly #root: string;
  readonly #shapes: ReadonlyMap<string, Shape>;
  /** Instants that the terminal has sent, and the loop's step at which it sent the last one. */
  instants = 0;
  instantAtStep = 0;
  /** Faults that end by themselves later end with the healing. */
  healed = false;
  #whenOrderLeft: (() => void) | undefined;
  #failure: Error | undefined;

  constructor(plan: Plan, keepLines: number) {
    this.plan = plan;
    this.trace = new Trace(keepLines);
    this.count(`scene.${plan.market.scene}`);
    this.count(`style.${plan.style}`);
    if (plan.pending === true) this.count('style.pending');
    const random = (what: string) => createSeededRandom(`${plan.seed}/${plan.mode}/${what}`);
    this.loop = new SimLoop(SCENES[plan.market.scene], random('loop'));
    this.#shapes = treeShape(LOGIN, plan.market.symbols.map(pulseId));
    this.#root = mkdtempSync(join(MEMORY, 'bulwark-sim-'));
    this.network = new SimNetwork(this.loop, random('network'), {
      onSent: (direction, frame) => this.#sent(direction, frame),
      onWeather: (what) => this.count(`network.${what}`),
    });
    const ticks = ticksOf(plan.market);
    const requotes = plan.faults.some(({ kind }) => kind === 'requotes');
    const alone = plan.faults.every(({ kind }) => kind === 'stopRemoved');
    const slackMs = NAKED_SLACK_MS[alone ? 'alone' : 'disturbed'];
    this.broker = new BrokerWatch(NAKED_MS + slackMs);
    this.terminal = new SimTerminal({
      loop: this.loop,
      network: this.network,
      random: random('terminal'),
      events: {
        onRecords: (records) => this.#recorded(records),
        onForgotten: (intents) => this.lost.forgotten(intents, intentsOf(this.disk.journalFile)),
        onLog: (line) => this.say(`terminal: ${line}`),
        onEnded: () => {
          this.count('terminal.endedByItself');
          this.loop.after({ alive: true }, 1_000, () => {
            if (!this.terminal.running) this.terminal.start();
          });
        },
      },
      market: marketOf(ticks, plan.market.symbols),
      endpoints: [PORT, SECOND_PORT],
      seed: plan.seed,
      rates: requotes ? { reject: 0.15, requote: 0.25 } : { reject: 0, requote: 0 },
    });
    this.disk = this.#disk('first', random('disk'), () => this.first);
    this.secondDisk = this.#disk('second', random('second disk'), () => this.second);
    this.first = this.#runtime('first', PORT, this.disk, random('first'));
    this.second = this.#runtime('second', SECOND_PORT, this.secondDisk, random('second'));
  }

  count(what: string): void {
    this.sometimes.set(what, (this.sometimes.get(what) ?? 0) + 1);
  }

  say(line: string): void {
    this.trace.add(`${this.loop.clock.now()} ${line}`);
  }

  /** What a callback found; the next step throws it. */
  fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
  }

  /** Runs when the next opening order is on its way, and cannot be called back any more. */
  onOrderLeft(run: () => void): void {
    this.#whenOrderLeft = run;
  }

  get guard(): GuardSummary | undefined {
    return this.first.runtime?.guard();
  }

  async step(): Promise<void> {
    const more = await this.loop.step();
    if (this.#failure !== undefined) throw this.#failure;
    if (!more) throw new Error('nothing is left to do, and nothing has ended');
  }

  close(): void {
    this.first.close();
    this.second.close();
    this.disk.close();
    this.secondDisk.close();
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** A path for a file of the run. */
  file(name: string): string {
    return join(this.#root, name);
  }

  #disk(name: string, random: ReturnType<typeof createSeededRandom>, runtime: () => SimRuntime) {
    return new SimDisk(join(this.#root, name), this.loop, random, {
      onDeath: () => {
        this.count('runtime.diedInCommit');
        this.restartLater(runtime());
      },
      onFault: (fault) => {
        this.count(`disk.${fault}`);
        this.say(`disk: ${fault}`);
      },
      onCommitted: (requests) => {
        for (const { rows } of requests) {
          for (const { kind, payload } of rows) {
            this.say(`${name} journal: ${kind} ${payload}`);
            if (kind === 'order.denied') this.count(`denied.${JSON.parse(payload).code}`);
            if (kind === 'mode.changed') this.count(`mode.${JSON.parse(payload).to}`);
          }
        }
      },
    });
  }

  /** kill -9, and whoever watches over the process starts it again. */
  restartLater(runtime: SimRuntime, afterMs = RESTART_MS): void {
    runtime.kill();
    this.loop.after({ alive: true }, afterMs, () => {
      if (!runtime.running && !(this.healed && runtime === this.second)) runtime.start();
    });
  }

  #runtime(
    name: string,
    port: number,
    disk: SimDisk,
    random: ReturnType<typeof createSeededRandom>,
  ): SimRuntime {
    const runtime: SimRuntime = new SimRuntime({
      name,
      port,
      loop: this.loop,
      network: this.network,
      disk,
      random,
      spec: simSpec(this.plan, { id: `runtime-${name}`, port }),
      shapes: this.#shapes,
      events: {
        onKernel: (event) => {
          if (event.type === 'deadLetter') this.count(`deadLetter.${event.why}`);
          if (event.type === 'supervisor.exhausted') {
            this.count(`exhausted.${event.action}`);
            this.say(`${name}: ${event.path} exhausted`);
            // A parked account waits for a person: here one comes along and starts it all again.
            if (/^accounts\.\d+$/.test(event.path)) this.restartLater(runtime, 5_000);
          }
          if (event.type === 'actor.crashed') {
            this.count('actor.crashed');
            const { path, reason } = event.report;
            this.say(
              `${name}: ${path} crashed: ${JSON.stringify(reason.type === 'crash' ? reason.message : reason)}`,
            );
          }
        },
        onNotice: ({ code, detail }) => {
          this.count(`notice.${code}`);
          this.say(`${name}: ${code} ${detail}`);
        },
        onTrouble: ({ path, what }) => {
          this.count(`actor.${what}`);
          this.say(`${name}: ${path} ${what}`);
        },
        onViolation: (violation) => this.fail(violation),
        onEnded: (reason) => {
          this.count('runtime.endedByItself');
          this.say(`${name}: ended by itself: ${reason}`);
          this.restartLater(runtime, 1_000);
        },
      },
    });
    return runtime;
  }

  #sent(direction: Direction, frame: EaFrame | RuntimeFrame): void {
    const { body, envelope } = frame;
    this.count(`${direction}.${body.kind}`);
    if (body.kind !== 'runtime.heartbeat' && body.kind !== 'ea.heartbeat') {
      this.say(`${direction} ${envelope.session}#${envelope.seq} ${JSON.stringify(body)}`);
    }
    if (direction === 'down' && 'intent' in body && body.intent !== null) {
      const { instance } = envelope.claim ?? {};
      if (instance === 'runtime-first') this.lost.sent(body.intent, this.first.executor);
    }
    if (body.kind === 'clock.advance') {
      this.instants += 1;
      this.instantAtStep = this.loop.steps;
    }
    if (body.kind === 'order.place') {
      if (!this.healed) this.#whenOrderLeft?.();
      this.#whenOrderLeft = undefined;
    }
    if (body.kind === 'order.place') this.#checkHalt(envelope.claim?.instance);
  }

  #checkHalt(instance: string | undefined): void {
    if (instance !== 'runtime-first') return;
    const status = this.first.runtime?.system.info(deskPath(LOGIN, 'risk-guard'))?.status;
    try {
      checkOpening(status, this.guard?.mode);
    } catch (error) {
      this.fail(error);
    }
  }

  #recorded(records: readonly LogRecord[]): void {
    const { model } = this.terminal;
    try {
      this.broker.record(records, model?.now ?? 0);
      if (model !== undefined) this.broker.checkRisk(model.engine.equity());
    } catch (error) {
      this.fail(error);
    }
    for (const record of records) {
      if (record.type === 'deal') this.lost.dealt(record.deal.intent);
      if (record.type === 'deal' || record.type === 'request.done') {
        this.say(
          `broker: ${JSON.stringify(record, (_, field) => (typeof field === 'bigint' ? String(field) : field))}`,
        );
      }
    }
  }
}
