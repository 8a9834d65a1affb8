import type { Stopwatch } from '../../domain/ports.ts';
import type { RuntimeFrame } from '../wire/messages.ts';
import type { FrameOutlet } from './ea-link.ts';
import type { EaModel } from './ea-model.ts';

/** Wall milliseconds, and beats. */
export const BEAT_LIMITS = {
  everyMs: 1_000,
  /** Hello is said again when nobody has welcomed it for this many heartbeats. */
  helloEvery: 3,
  /** At most this much silence is counted per beat, so that a suspended process does not wake up
   * believing that its runtime has been gone all the while. */
  silenceMs: 2_000,
} as const;

/** An EA's heartbeat: what it says on each, and how long it has heard nobody. */
export class Heartbeat {
  readonly #model: EaModel;
  readonly #outlet: FrameOutlet;
  readonly #stopwatch: Stopwatch;
  #beatAtMs: number;
  #silentMs = 0;
  /** Of the controller that holds the lease. */
  #holderSilentMs = 0;
  #unwelcome = 0;

  constructor(model: EaModel, outlet: FrameOutlet, stopwatch: Stopwatch) {
    this.#model = model;
    this.#outlet = outlet;
    this.#stopwatch = stopwatch;
    this.#beatAtMs = stopwatch.elapsedMs();
  }

  /** Silence of any runtime. */
  get silentMs(): number {
    return this.#silentMs;
  }

  /** A new connection: hello has just been said. */
  renewed(): void {
    this.#unwelcome = 0;
  }

  heard(frame: RuntimeFrame): void {
    this.#silentMs = 0;
    if (this.#model.isFromHolder(frame)) this.#holderSilentMs = 0;
  }

  /** Counts the time since the last beat. */
  count(): void {
    const nowMs = this.#stopwatch.elapsedMs();
    const passedMs = Math.min(BEAT_LIMITS.silenceMs, nowMs - this.#beatAtMs);
    this.#silentMs += passedMs;
    this.#holderSilentMs += passedMs;
    this.#beatAtMs = nowMs;
  }

  /** Tells the EA how long its controller has been silent, and the runtime that the EA lives. */
  beat(): void {
    this.#model.silence(this.#holderSilentMs);
    if (this.#model.phase !== 'idle') {
      this.#unwelcome = 0;
      this.#outlet.send(this.#model.heartbeat());
      return;
    }
    this.#unwelcome += 1;
    const again = this.#unwelcome % BEAT_LIMITS.helloEvery === 0;
    if (again && this.#outlet.isConnected) this.#outlet.send(this.#model.connect());
  }
}
