import type { Clock, Stopwatch, TimerHandle } from '../../domain/ports.ts';
import type { DealerLink } from '../wire/dealer-link.ts';
import type { EaFrame, RuntimeFrame } from '../wire/messages.ts';
import type { EaModel } from './ea-model.ts';
import type { EngineEnvironment } from './engine/environment.ts';
import type { Market } from './market/types.ts';
import type { Gap } from './pacing.ts';
import { PACING, Pacer } from './pacing.ts';

/** Bounds of the process around the EA; wall milliseconds. */
export const HOST_LIMITS = {
  heartbeatMs: 1_000,
  /** Hello is said again when nobody has welcomed it for this many heartbeats. */
  helloEveryBeats: 3,
  /** At most this much silence is counted per beat, so that a suspended process does not wake up
   * believing that its runtime has been gone all the while. */
  silencePerBeatMs: 2_000,
  ticksPerAdvance: 4_096,
} as const;

export interface HostPorts {
  /** Wall clock. */
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  /** One line for people. */
  readonly log: (line: string) => void;
}

export interface HostOptions {
  readonly model: EaModel;
  readonly market: Market;
  readonly env: EngineEnvironment;
  readonly speed: number | 'max';
  /** Absent: the terminal is clock master. */
  readonly clock?: 'master' | 'free';
  readonly orphanTimeoutMs: number;
  readonly ports: HostPorts;
  /** Called once, with the process's exit code. */
  readonly onEnd: (code: number) => void;
}

/**
 * Ties the EA to a link and to the wall: paces the session, beats, says hello again, and ends the
 * process when nobody has spoken for too long. A throw of the EA ends it too: its memory may then be
 * ahead of its log, and only a new process that reads the log is sure of what it knows.
 */
export class TerminalHost {
  readonly #options: HostOptions;
  readonly #pacer: Pacer;
  #link: DealerLink | undefined;
  #pump: TimerHandle | undefined;
  #beat: TimerHandle | undefined;
  #beatAtMs: number;
  #silentMs = 0;
  /** Of the controller that holds the lease. */
  #holderSilentMs = 0;
  #beatsUnwelcome = 0;
  #ended = false;

  constructor(options: HostOptions) {
    this.#options = options;
    const sliceMs = options.clock === 'free' ? PACING.freeSliceWallMs : PACING.sliceWallMs;
    this.#pacer = new Pacer(options.speed, sliceMs);
    this.#beatAtMs = options.ports.stopwatch.elapsedMs();
  }

  attach(link: DealerLink): void {
    this.#link = link;
    this.#scheduleBeat();
    this.#guarded(() => this.#run());
  }

  connected(endpoint: string): void {
    this.#options.ports.log(`connected to ${endpoint}`);
    this.#guarded(() => {
      this.#beatsUnwelcome = 0;
      this.#send(this.#options.model.connect());
    });
  }

  disconnected(endpoint: string): void {
    this.#options.ports.log(`lost ${endpoint}`);
    this.#options.model.disconnect();
    // A market that runs freely does not stand still because nobody listens.
    if (this.#options.clock === 'free') return;
    this.#pump?.cancel();
    this.#pump = undefined;
  }

  receive(frame: RuntimeFrame): void {
    const { body } = frame;
    if (body.kind === 'error')
      this.#options.ports.log(`the runtime says ${body.code}: ${body.detail}`);
    this.#guarded(() => {
      const { model } = this.#options;
      this.#silentMs = 0;
      if (model.isFromHolder(frame)) this.#holderSilentMs = 0;
      this.#send(model.receive(frame));
      this.#run();
    });
  }

  unknownKind(kind: string, id: string | undefined): void {
    this.#guarded(() => this.#send(this.#options.model.unknownKind(kind, id)));
  }

  unreadable(why: string): void {
    this.#guarded(() => this.#send(this.#options.model.unreadable(why)));
  }

  /** Says goodbye and ends. */
  stop(reason: string): void {
    this.#guarded(() => this.#send(this.#options.model.goodbye(reason)));
    this.#end(0, reason);
  }

  #end(code: number, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#pump?.cancel();
    this.#beat?.cancel();
    this.#options.ports.log(`ended: ${reason}`);
    this.#options.onEnd(code);
  }

  #guarded(turn: () => void): void {
    if (this.#ended) return;
    try {
      turn();
    } catch (error) {
      this.#end(1, error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  #send(frames: readonly EaFrame[]): void {
    const link = this.#link;
    if (link === undefined) return;
    for (const frame of frames) {
      link.send(frame).then(
        (outcome) => {
          if (outcome === 'queueFull' || outcome === 'tooLarge') this.#lost(outcome);
        },
        (error: unknown) => this.#lost(String(error)),
      );
    }
  }

  /** A message that did not leave is a hole in the session: a new one begins with a snapshot. */
  #lost(why: string): void {
    this.#options.ports.log(`a message was not sent (${why}); starting a new session`);
    this.#guarded(() => this.#send(this.#options.model.connect()));
  }

  #run(): void {
    const { model, ports } = this.#options;
    const runs = model.freeRuns || model.phase === 'running';
    if (!runs || this.#pump !== undefined || this.#ended) return;
    const waitMs = this.#pacer.waitMs(ports.stopwatch.elapsedMs());
    if (waitMs <= 0) {
      this.#advance();
      return;
    }
    this.#pump = ports.clock.schedule(waitMs, () => {
      this.#pump = undefined;
      this.#guarded(() => this.#run());
    });
  }

  #advance(): void {
    const { model, ports, speed } = this.#options;
    const gap = speed === 'max' ? undefined : this.#gap();
    const from = model.now;
    const limits = {
      sliceToMs: from + Math.max(1, Math.round(this.#pacer.sliceMs(gap))),
      maxTicks: HOST_LIMITS.ticksPerAdvance,
    };
    const frames = model.freeRuns ? model.runFree(limits) : model.advance(limits);
    this.#pacer.sent(ports.stopwatch.elapsedMs(), model.now - from, gap);
    this.#send(frames);
    if (model.freeRuns) this.#run();
  }

  /** The stretch without quotes that the session is in, if the next quote is still ahead. */
  #gap(): Gap | undefined {
    const { model, market, env } = this.#options;
    const next = market.peek();
    if (next === undefined) return undefined;
    const { quotes } = model.engine.state;
    let lastAt = 0;
    for (const quote of quotes.values()) lastAt = Math.max(lastAt, quote.at);
    if (lastAt === 0) return undefined;
    const closed = [...env.instruments.keys()].every((symbol) => !env.isOpen(symbol, model.now));
    return { fromMs: lastAt, toMs: next.at, closed };
  }

  #scheduleBeat(): void {
    const { clock } = this.#options.ports;
    this.#beat = clock.schedule(HOST_LIMITS.heartbeatMs, () => {
      this.#guarded(() => this.#onBeat());
      if (!this.#ended) this.#scheduleBeat();
    });
  }

  #onBeat(): void {
    const { model, ports, orphanTimeoutMs } = this.#options;
    const nowMs = ports.stopwatch.elapsedMs();
    const passedMs = Math.min(HOST_LIMITS.silencePerBeatMs, nowMs - this.#beatAtMs);
    this.#silentMs += passedMs;
    this.#holderSilentMs += passedMs;
    this.#beatAtMs = nowMs;
    if (this.#silentMs >= orphanTimeoutMs) {
      this.#end(0, `no runtime was heard for ${Math.round(this.#silentMs / 1000)} s`);
      return;
    }
    model.silence(this.#holderSilentMs);
    if (model.phase !== 'idle') {
      this.#beatsUnwelcome = 0;
      this.#send(model.heartbeat());
      return;
    }
    this.#beatsUnwelcome += 1;
    const again = this.#beatsUnwelcome % HOST_LIMITS.helloEveryBeats === 0;
    if (again && this.#link?.connected() === true) this.#send(model.connect());
  }
}
