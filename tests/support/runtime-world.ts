import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { GuardSummary } from '../../src/actors/guard/guard-summary.ts';
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
  ambientStopwatch,
} from '../../src/actors/kernel/ambient-clock.ts';
import type { KernelEvent } from '../../src/actors/kernel/types.ts';
import type { SignalRaised } from '../../src/actors/messages.ts';
import {
  type Notice,
  type Runtime,
  type RuntimeSpec,
  startRuntime,
} from '../../src/actors/runtime.ts';
import type { StrategyOptions } from '../../src/actors/strategy-host.ts';
import { deskPath, strategyPath } from '../../src/actors/tree.ts';
import type { Clock } from '../../src/domain/ports.ts';
import { type EpochMs, epochMs, points } from '../../src/domain/units.ts';
import { JOURNAL_FILE } from '../../src/journal/files.ts';
import { openJournalReader } from '../../src/journal/journal-reader.ts';
import type { EntryKind, StoredEntry } from '../../src/journal/types.ts';
import type { MarketOptions } from '../../src/mt5/terminal/market/types.ts';
import type { TerminalOptions } from '../../src/mt5/terminal/options.ts';
import { expectAgreement } from './finished-run.ts';
import { freePort } from './free-port.ts';
import { walkedBars } from './generated-market.ts';
import { type LinkTap, openLinkTap } from './link-tap.ts';
import { replayOf, writeMarketFile } from './market-files.ts';
import { writePulse } from './pulse-strategy.ts';
import { LOGIN, type PulseOn, specOf, strategyOf, terminalOf } from './runtime-spec.ts';
import { type SteppedTerminal, startFreeTerminal, startTerminal } from './stepped-terminal.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Wall time runs this much faster, so that restart back-offs take milliseconds. */
const WALL_SPEED = 20;
const WAIT_MS = 10_000;
const FROM = '2024-02-08 00:00:00';
const TO = '2024-02-08 06:00:00';

/** Turns of the event loop that a runtime has left. */
interface Life {
  turnsLeft: number;
  ended: () => void;
}

export interface ClockedTerminal extends SteppedTerminal {
  readonly now: () => EpochMs;
}

export interface WorldOptions {
  readonly strategies?: readonly PulseOn[];
  /** An earlier world's folder: everything that it left is found again. */
  readonly dataDir?: string;
  readonly guard?: Parameters<typeof specOf>[0]['guard'];
  readonly control?: Parameters<typeof specOf>[0]['control'];
  /** The terminal runs by the wall, at so many session milliseconds per millisecond, until `to`; each
   * bar of its data has four ticks. */
  readonly free?: { readonly speed: number; readonly to: string; readonly stepMinutes?: number };
  /** The runtime dies after so many turns from when the terminal dials in: in its recovery. */
  readonly diesAfter?: number;
  /** What of the specification this world has its own way. */
  readonly spec?: (spec: RuntimeSpec) => RuntimeSpec;
  /** Everything between the two passes a tap that the test can turn. */
  readonly tapped?: boolean;
  /** Another terminal, that runs freely. Its clock is also the wall's: both agree on the day. */
  readonly terminal?: (options: TerminalOptions, speed: number) => Promise<ClockedTerminal>;
  /** What of the terminal's options. */
  readonly terminalOptions?: Partial<TerminalOptions>;
}

const fastWall = (shown: () => EpochMs | undefined): Clock => {
  const startedAt = ambientClock.now();
  return {
    now: () =>
      shown() ?? epochMs(Math.round(startedAt + (ambientClock.now() - startedAt) * WALL_SPEED)),
    schedule: (delayMs, fire) => ambientClock.schedule(delayMs / WALL_SPEED, fire),
  };
};

/** Bars of a seeded walk for every symbol, on a quarter of a day. */
const marketFor = (
  dataDir: string,
  symbols: ReadonlySet<string>,
  { to, stepMinutes = 1 }: { readonly to: string; readonly stepMinutes?: number },
): MarketOptions => {
  const files = [...symbols].sort().map((symbol, index) => {
    const text = walkedBars({ seed: 11 + index, from: FROM, to, stepMinutes, stepPoints: 4 });
    return writeMarketFile(dataDir, `${symbol}_M${stepMinutes}.csv`, text);
  });
  return replayOf(files);
};

/**
 * A real runtime over real sockets against a real simulated terminal, all in one process, with
 * SQLite on disk. The market moves only while a test lets it; whatever the test waits for is looked
 * at after every turn of the runtime, never after a span of time.
 */
export class RuntimeWorld {
  readonly runtime: Runtime;
  readonly dataDir: string;
  /** Where the runtime listens. */
  readonly port: number;
  terminal: SteppedTerminal;
  readonly events: KernelEvent[] = [];
  readonly notices: Notice[] = [];
  readonly options: readonly StrategyOptions[];
  /** Paths of the strategies' hosts. */
  readonly strategies: readonly string[];
  readonly #watchers: Set<() => void>;
  readonly #tap: LinkTap | undefined;
  readonly #life: Life;
  readonly #startTerminal: () => SteppedTerminal;
  #down = false;

  private constructor(parts: {
    readonly runtime: Runtime;
    readonly dataDir: string;
    readonly port: number;
    readonly tap: LinkTap | undefined;
    readonly terminal: SteppedTerminal;
    readonly options: readonly StrategyOptions[];
    readonly watchers: Set<() => void>;
    readonly life: Life;
    readonly startIt: () => SteppedTerminal;
  }) {
    this.runtime = parts.runtime;
    this.dataDir = parts.dataDir;
    this.port = parts.port;
    this.#tap = parts.tap;
    this.terminal = parts.terminal;
    this.options = parts.options;
    this.strategies = parts.options.map(({ key }) => strategyPath(LOGIN, key.id));
    this.#watchers = parts.watchers;
    this.#life = parts.life;
    this.#startTerminal = parts.startIt;
    this.runtime.system.subscribe((event) => this.events.push(event));
    this.runtime.onNotice((notice) => this.notices.push(notice));
  }

  static async start(options: WorldOptions = {}): Promise<RuntimeWorld> {
    const dataDir = options.dataDir ?? temporaryDirectory();
    mkdirSync(dataDir, { recursive: true });
    const pulses = options.strategies ?? [{ symbol: 'EURUSD' }];
    const { free, spec = (whole) => whole } = options;
    const symbols = new Set(pulses.map(({ symbol }) => symbol));
    const market = marketFor(dataDir, symbols, free ?? { to: TO });
    const file = writePulse(dataDir);
    const strategies = pulses.map((pulse, index) => strategyOf(pulse, index, file));
    const port = await freePort();
    const clocked: { terminal?: ClockedTerminal } = {};
    const startAt = epochMs(Date.parse(`${FROM.replace(' ', 'T')}Z`) - 1);
    const wall = fastWall(() => clocked.terminal?.now() ?? (options.terminal && startAt));
    const watchers = new Set<() => void>();
    const life: Life = { turnsLeft: Number.POSITIVE_INFINITY, ended: () => undefined };
    const { guard, control } = options;
    const runtime = await startRuntime(
      spec(
        specOf({
          dataDir,
          port,
          startAt,
          strategies,
          terminal: null,
          ...(guard === undefined ? {} : { guard }),
          ...(control === undefined ? {} : { control }),
        }),
      ),
      {
        wall,
        stopwatch: ambientStopwatch,
        defer: (turn) =>
          ambientDefer(() => {
            if (life.turnsLeft === 0) return;
            life.turnsLeft -= 1;
            turn();
            for (const look of [...watchers]) look();
            if (life.turnsLeft === 0) life.ended();
          }),
        random: ambientRandom.next,
        newId: newIds(),
        residentBytes: () => 0,
        onStrategyOutput: () => undefined,
      },
    );
    const tap = options.tapped === true ? await openLinkTap(`tcp://127.0.0.1:${port}`) : undefined;
    const dialled = tap === undefined ? {} : { endpoint: tap.endpoint };
    const whole = { ...terminalOf(dataDir, port, market), ...dialled, ...options.terminalOptions };
    const startIt = (): SteppedTerminal =>
      free === undefined
        ? startTerminal(whole, wall)
        : startFreeTerminal({ ...whole, clock: 'free', speed: free.speed });
    if (options.terminal !== undefined)
      clocked.terminal = await options.terminal(whole, free?.speed ?? 1);
    const terminal = clocked.terminal ?? startIt();
    const made = { runtime, dataDir, port, tap, terminal, options: strategies, watchers };
    const parts = { ...made, life, startIt };
    const world = new RuntimeWorld(parts);
    onTestFinished(() => world.stop());
    if (options.diesAfter === undefined) {
      await world.until('the gate to open', () => world.guard.gateOpen);
    } else await world.dieAfter(options.diesAfter);
    return world;
  }

  get tap(): LinkTap {
    if (this.#tap === undefined) throw new Error('this world was not tapped');
    return this.#tap;
  }
  /** Codes of the notices so far. */
  codes(): readonly string[] {
    return this.notices.map(({ code }) => code);
  }
  path(name: string): string {
    return deskPath(LOGIN, name);
  }
  get guard(): GuardSummary {
    const summary = this.runtime.guard();
    if (summary === undefined) throw new Error('there is no guard to look at');
    return summary;
  }
  summary<T>(path: string): T | undefined {
    return this.runtime.system.info(path)?.summary as T | undefined;
  }
  incarnation(path: string): number {
    return this.runtime.system.info(path)?.incarnation ?? 0;
  }
  isRunning(path: string): boolean {
    return this.runtime.system.info(path)?.status === 'running';
  }

  tell<M extends { readonly type: string }>(name: string, message: M): void {
    this.runtime.system.ref(this.path(name)).send(message);
  }
  /** Orders in the executor's hands that have not ended. */
  orders(): readonly {
    readonly intentId: string;
    readonly action: string;
    readonly state: string;
  }[] {
    return (
      this.summary<{ live: ReturnType<RuntimeWorld['orders']> }>(this.path('executor'))?.live ?? []
    );
  }
  phase(index = 0): string | undefined {
    return this.summary<{ phase: string }>(this.strategies[index] ?? '')?.phase;
  }
  /** An opening signal of the n-th strategy, as its host would raise it now. */
  signal(index = 0): SignalRaised {
    const strategy = this.options[index]?.key;
    if (strategy === undefined) throw new Error(`there is no strategy ${index}`);
    const at = this.runtime.now();
    const stopDistance = points(400);
    const wish = { type: 'open', side: 'buy', kind: 'market', stopDistance } as const;
    const signal = { ...wish, leg: 9, reason: 'by hand' };
    return { type: 'signal.raised', strategy, barAt: at, at, signal };
  }

  /** Resolves at the first turn of the runtime after which `condition` holds. */
  until(what: string, condition: () => boolean, timeoutMs = WAIT_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        timer.cancel();
        this.#watchers.delete(look);
        settle();
      };
      const look = (): void => {
        if (holds(condition)) end(resolve);
      };
      const timer = ambientClock.schedule(timeoutMs, () =>
        end(() => reject(new Error(`still waiting for ${what}:\n${this.#story()}`))),
      );
      this.#watchers.add(look);
      look();
    });
  }

  /** Lets the market run; it stands still at the first instant after which `condition` holds. */
  async play(what: string, condition: () => boolean): Promise<void> {
    let reached = false;
    this.terminal.play(() => {
      if (holds(condition)) reached = true;
      return !reached;
    });
    const stands = (): boolean => reached && this.terminal.waiting();
    await this.until(what, () => stands() || (this.runtime.finished() && holds(condition)));
  }

  /** Plays what is left of the market. */
  async playOut(): Promise<void> {
    this.terminal.play(() => true);
    await this.until('the end of the data', () => this.runtime.finished());
  }

  /** Ends an actor by a message that it cannot handle; resolves when it is dead. */
  async crash(name: string): Promise<void> {
    const path = name.includes('.') || name === 'journal' ? name : this.path(name);
    const before = this.#exits(path);
    const fault = new Error('the test says so');
    const incarnation = this.incarnation(path);
    const poison = POISON[name] ?? { type: 'engine.lost', incarnation, fault };
    this.runtime.system.ref(path).send(poison as never);
    await this.until(`${name} to crash`, () => this.#exits(path) > before);
  }
  #exits(path: string): number {
    return this.events.filter((event) => event.type === 'actor.exited' && event.path === path)
      .length;
  }

  journal(kind?: EntryKind): readonly StoredEntry[] {
    const reader = openJournalReader({ file: join(this.dataDir, JOURNAL_FILE) });
    try {
      const entries = reader.after(0, 1_000_000);
      return kind === undefined ? entries : entries.filter((entry) => entry.kind === kind);
    } finally {
      reader.close();
    }
  }
  entries<K extends EntryKind>(kind: K): readonly Extract<StoredEntry, { kind: K }>[] {
    return this.journal(kind) as readonly Extract<StoredEntry, { kind: K }>[];
  }

  /** Both sides' records agree order by order and cent by cent. Stops the world first. */
  async expectAgreement(): Promise<void> {
    await this.stop();
    await expectAgreement(this.dataDir);
  }

  /** The terminal ends and starts again on its own log; the runtime lives on. */
  async restartTerminal(): Promise<void> {
    await this.terminal.stop();
    await this.until('the link to be lost', () => !this.guard.gateOpen);
    this.terminal = this.#startTerminal();
    await this.until('the gate to open', () => this.guard.gateOpen);
  }

  /** The runtime ends after so many turns as kill -9 would end it: nothing of it runs any more, what
   * it had given to the disk and to the wire is on its way. Resolves when it is dead and the terminal
   * has been stopped, so that another world can go on in the same folder. */
  async dieAfter(turns: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#life.ended = resolve;
      this.#life.turnsLeft = turns;
      if (turns === 0) resolve();
    });
    this.#down = true;
    await this.terminal.stop();
  }

  async stop(): Promise<void> {
    if (this.#down) return;
    this.#down = true;
    this.terminal.play(() => false);
    await this.runtime.stop('the test ended');
    await this.terminal.stop();
    await this.#tap?.close();
  }

  #story(): string {
    const states = this.runtime.system
      .tree()
      .map(({ path, status, summary }) => `${path} ${status} ${describe(summary)}`);
    const said = this.notices.slice(-10).map(({ code, detail }) => `${code}: ${detail}`);
    return [...states, ...said, ...this.terminal.log.slice(-5)].join('\n');
  }
}

/** A condition may look at an actor that is between two lives. */
const holds = (condition: () => boolean): boolean => {
  try {
    return condition();
  } catch {
    return false;
  }
};

const describe = (value: unknown): string =>
  JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? '';

const newIds = (): (() => string) => {
  let last = 0;
  return () => {
    last += 1;
    return `id-${last}`;
  };
};

/** Messages that no sender of ours ever makes: each throws in the actor's own code. */
const POISON: Readonly<Record<string, object>> = {
  journal: { type: 'writer.died', detail: 'the test says so' },
  connection: { type: 'pump.failed', reason: 'the test says so' },
  'risk-guard': { type: 'trade.reported', report: null },
  executor: { type: 'attempt.acked', ack: null },
  recovery: { type: 'snapshot.assembled', snapshot: null },
};
