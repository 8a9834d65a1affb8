import type { Clock, Stopwatch, TimerHandle } from '../../domain/ports.ts';
import type { DealerLink } from '../wire/dealer-link.ts';
import type { EaFrame, RuntimeFrame } from '../wire/messages.ts';
import { FrameOutlet, type LinkHost } from './ea-link.ts';
import type { EaModel } from './ea-model.ts';
import type { EngineEnvironment } from './engine/environment.ts';
import { BEAT_LIMITS, Heartbeat } from './heartbeat.ts';
import type { Market } from './market/types.ts';
import type { Gap } from './pacing.ts';
import { PACING, Pacer } from './pacing.ts';

/** Bounds of the process around the EA. */
export const HOST_LIMITS = {
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
export class TerminalHost implements LinkHost {
  readonly #options: HostOptions;
  readonly #pacer: Pacer;
  readonly #outlet: FrameOutlet;
  #pump: TimerHandle | undefined;
  #beat: TimerHandle | undefined;
  readonly #heart: Heartbeat;
  #ended = false;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#outlet = new FrameOutlet((why) => {
      options.ports.log(`a message was not sent (${why}); starting a new session`);
      this.#guarded(() => this.#send(options.model.connect()));
    });
    const sliceMs = options.clock === 'free' ? PACING.freeSliceWallMs : PACING.sliceWallMs;
    this.#pacer = new Pacer(options.speed, sliceMs);
    this.#heart = new Heartbeat(options.model, this.#outlet, options.ports.stopwatch);
  }

  attach(link: DealerLink): void {
    this.#outlet.attach(link);
    this.#scheduleBeat();
    this.#guarded(() => this.#run());
  }

  connected(endpoint: string): void {
    this.#options.ports.log(`connected to ${endpoint}`);
    this.#guarded(() => {
      this.#heart.renewed();
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
      this.#heart.heard(frame);
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
    this.#outlet.send(frames);
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
    this.#beat = clock.schedule(BEAT_LIMITS.everyMs, () => {
      this.#guarded(() => this.#onBeat());
      if (!this.#ended) this.#scheduleBeat();
    });
  }

  #onBeat(): void {
    this.#heart.count();
    const { silentMs } = this.#heart;
    if (silentMs >= this.#options.orphanTimeoutMs)
      this.#end(0, `no runtime was heard for ${Math.round(silentMs / 1000)} s`);
    else this.#heart.beat();
  }
}
