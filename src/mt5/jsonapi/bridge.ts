import { parsePrice } from '../../domain/instrument.ts';
import { TIMEFRAMES } from '../../domain/market.ts';
import type { TimerHandle } from '../../domain/ports.ts';
import { epochMs } from '../../domain/units.ts';
import type { TerminalFacts } from '../terminal/ea/ea-context.ts';
import { FrameOutlet, type LinkHost } from '../terminal/ea-link.ts';
import type { EaModel } from '../terminal/ea-model.ts';
import type { EngineEnvironment } from '../terminal/engine/environment.ts';
import { BEAT_LIMITS, Heartbeat } from '../terminal/heartbeat.ts';
import type { HostPorts } from '../terminal/terminal-host.ts';
import type { ServerZone } from '../venue-time.ts';
import type { DealerLink } from '../wire/dealer-link.ts';
import type { EaFrame, RuntimeFrame } from '../wire/messages.ts';
import { type BridgeAccount, ForeignAccount } from './bridge-account.ts';
import { fetchBars } from './fetched-bars.ts';
import type { LiveQuote } from './live-feed.ts';
import type { LiveMarket } from './live-market.ts';
import type { Ask } from './reading.ts';
import { SessionTime } from './session-time.ts';

/** Wall milliseconds. */
export const BRIDGE_LIMITS = {
  /** The EA's guard and clock are looked at this often, quotes or none. */
  pumpMs: 250,
  /** So many polls without an answer, and the terminal counts as one without its server. */
  silentPolls: 3,
  ticksPerPump: 4_096,
} as const;

export interface BridgeOptions {
  readonly model: EaModel;
  readonly account: BridgeAccount;
  readonly market: LiveMarket;
  readonly env: EngineEnvironment;
  readonly zone: ServerZone;
  readonly ask: Ask;
  readonly pollMs: number;
  readonly ports: HostPorts;
  /** Called once, with the process's exit code. */
  readonly onEnd: (code: number) => void;
}

/** Asks that need the account as it is now. */
const FRESH: ReadonlySet<RuntimeFrame['body']['kind']> = new Set(['snapshot.request', 'query']);

/**
 * Between the runtime, to which it speaks BWP/1 as an Expert Advisor of ours does, and somebody
 * else's EA. Frames are taken one after the other; before those that ask for the account it is read.
 */
export class JsonApiBridge implements LinkHost {
  readonly #options: BridgeOptions;
  readonly #time: SessionTime;
  readonly #outlet: FrameOutlet;
  #turn: Promise<void> = Promise.resolve();
  #timers: TimerHandle[] = [];
  #polling = false;
  #again = false;
  readonly #heart: Heartbeat;
  #ended = false;

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.#outlet = new FrameOutlet((why) => {
      options.ports.log(`a message was not sent (${why}); starting a new session`);
      this.renew();
    });
    this.#time = new SessionTime(options.ports.clock);
    this.#heart = new Heartbeat(options.model, this.#outlet, options.ports.stopwatch);
  }

  attach(link: DealerLink): void {
    this.#outlet.attach(link);
    this.#every(BEAT_LIMITS.everyMs, () => this.#beat());
    this.#every(BRIDGE_LIMITS.pumpMs, () => this.pump());
    this.#every(this.#options.pollMs, () => this.look());
  }

  connected(endpoint: string): void {
    this.#options.ports.log(`connected to ${endpoint}`);
    this.renew();
  }
  /** Begins a new session, which begins with a snapshot. */
  renew(): void {
    this.#heart.renewed();
    this.#guarded(() => this.#send(this.#options.model.connect()));
  }
  disconnected(endpoint: string): void {
    this.#options.ports.log(`lost ${endpoint}`);
    this.#options.model.disconnect();
  }

  receive(frame: RuntimeFrame): void {
    const { model, account, ports } = this.#options;
    const { body } = frame;
    if (body.kind === 'error') ports.log(`the runtime says ${body.code}: ${body.detail}`);
    // Heard is heard, however long the terminal takes to answer what stands before it.
    this.#heart.heard(frame);
    this.#queue(async () => {
      if (FRESH.has(body.kind)) await account.refresh();
      if (body.kind === 'history.request') await this.#fetch(body);
      this.#send(model.receive(frame));
      this.pump();
    });
  }
  unknownKind(kind: string, id: string | undefined): void {
    this.#queue(async () => this.#send(this.#options.model.unknownKind(kind, id)));
  }
  unreadable(why: string): void {
    this.#queue(async () => this.#send(this.#options.model.unreadable(why)));
  }

  quote({ symbol, serverMs, bid, ask }: LiveQuote): void {
    const { zone, env, market } = this.#options;
    const instrument = env.instruments.get(symbol);
    if (instrument === undefined) return;
    const at = epochMs(zone.toUtc(serverMs));
    const prices = [bid, ask].map((text) => parsePrice(text, instrument.digits));
    const [bidPoints, askPoints] = prices;
    if (bidPoints === undefined || askPoints === undefined) return;
    this.#time.heard(at);
    market.push({ symbol, at, bid: bidPoints, ask: askPoints });
    this.pump();
  }

  /** Something may have happened: the account is looked at, and again if more is heard meanwhile. */
  look(): void {
    if (this.#polling) {
      this.#again = true;
      return;
    }
    this.#polling = true;
    this.#options.account
      .poll()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#polling = false;
        if (!this.#again || this.#ended) return;
        this.#again = false;
        this.look();
      });
  }

  /** Plays what came, tells what changed, and sends what waits. */
  pump(): void {
    this.#guarded(() => {
      const { model, account, market } = this.#options;
      const limits = () => ({ sliceToMs: this.#until(), maxTicks: BRIDGE_LIMITS.ticksPerPump });
      do this.#send(model.runFree(limits()));
      while (market.peek() !== undefined);
      account.leave();
      // A request that was refused here has its end already.
      if (model.engine.pending().length > 0) this.#send(model.runFree(limits()));
    });
  }

  stop(reason: string): void {
    this.#guarded(() => this.#send(this.#options.model.goodbye(reason)));
    this.#end(0, reason);
  }

  /** A quote is never of the future. */
  #until(): number {
    const { market, model } = this.#options;
    return Math.max(this.#time.now(), market.peek()?.at ?? 0, model.now);
  }

  async #fetch(wanted: Extract<RuntimeFrame['body'], { kind: 'history.request' }>): Promise<void> {
    const { ask, env, zone, market } = this.#options;
    const instrument = env.instruments.get(wanted.symbol);
    if (instrument === undefined || !(wanted.timeframe in TIMEFRAMES)) return;
    const facts = { zone, digits: instrument.digits, now: this.#time.now() };
    const bars = await fetchBars(ask, wanted, facts);
    if (bars !== undefined) market.know(wanted.symbol, wanted.timeframe, bars);
  }

  #beat(): void {
    this.#heart.count();
    this.#heart.beat();
    this.pump();
  }

  #queue(work: () => Promise<void>): void {
    this.#turn = this.#turn
      .then(async () => {
        if (!this.#ended) await work();
      })
      .catch((error: unknown) => this.#failed(error));
  }

  #every(ms: number, work: () => void): void {
    const { clock } = this.#options.ports;
    const again = (): void => {
      const timer = clock.schedule(ms, () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
        this.#guarded(work);
        if (!this.#ended) again();
      });
      this.#timers.push(timer);
    };
    again();
  }

  #guarded(work: () => void): void {
    if (this.#ended) return;
    try {
      work();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The wrong account needs a person; anything else a new process, which reads its log. */
  #failed(error: unknown): void {
    if (error instanceof ForeignAccount) this.#end(2, error.message);
    else this.#end(1, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  #end(code: number, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const timer of this.#timers) timer.cancel();
    this.#options.ports.log(`ended: ${reason}`);
    this.#options.onEnd(code);
  }

  #send(frames: readonly EaFrame[]): void {
    this.#outlet.send(frames);
  }
}

/** What the bridge says of the terminal: what the EA shows, and what the configuration states. */
export const bridgeFacts = (parts: {
  readonly version: string;
  readonly accountKind: TerminalFacts['accountKind'];
  readonly account: () => BridgeAccount;
  readonly isConnected: () => boolean;
}): TerminalFacts => ({
  eaVersion: parts.version,
  terminalBuild: 0,
  accountKind: parts.accountKind,
  simulated: false,
  // It shows two of the four; the other two would make it fail at the first order, and say so.
  switches: () => {
    const shown = parts.account().account;
    const terminal = shown?.isTradingAllowed ?? false;
    return { terminal, mql: true, account: true, expert: shown?.isBotTrading ?? false };
  },
  connected: parts.isConnected,
  isWhole: () => parts.account().isWhole,
});
