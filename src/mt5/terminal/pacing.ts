/**
 * Pacing of a session against the wall. An advance costs wall time by its session length; slices
 * let a viewer see movement about every 250 ms, and a closed market is crossed in two seconds at
 * most. Nothing here changes what happens, only when.
 */
export const PACING = {
  sliceWallMs: 250,
  /** Of a session that runs freely: how old a tick may be when it leaves. */
  freeSliceWallMs: 20,
  gapWallMs: 2_000,
  /** Without quotes for this long (session time), a market that should be open counts as closed. */
  quietMs: 600_000,
} as const;

/** A stretch without quotes: session instants of the quotes around it. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly closed: boolean;
}

export class Pacer {
  readonly #speed: number | 'max';
  readonly #sliceWallMs: number;
  /** Wall instant before which the next advance must not be made. */
  #dueWallMs = 0;

  constructor(speed: number | 'max', sliceWallMs: number = PACING.sliceWallMs) {
    this.#speed = speed;
    this.#sliceWallMs = sliceWallMs;
  }

  /** Session length of a slice inside this gap. */
  sliceMs(gap: Gap | undefined): number {
    if (this.#speed === 'max') return Number.POSITIVE_INFINITY;
    return this.#sliceWallMs * this.#speedIn(gap, this.#speed);
  }

  /** Accounts for an advance that was sent at `wallMs`. */
  sent(wallMs: number, sessionMs: number, gap: Gap | undefined): void {
    if (this.#speed === 'max') return;
    const cost = sessionMs / this.#speedIn(gap, this.#speed);
    // A timer that fired late is caught up with; a runtime that was slow is not rushed afterwards.
    const from = Math.max(this.#dueWallMs, wallMs - this.#sliceWallMs);
    this.#dueWallMs = Math.max(from + cost, wallMs);
  }

  /** Wall milliseconds to wait before the next advance. */
  waitMs(wallMs: number): number {
    return this.#speed === 'max' ? 0 : Math.max(0, this.#dueWallMs - wallMs);
  }

  /** A gap that would take too long is crossed faster, at one even speed. */
  #speedIn(gap: Gap | undefined, speed: number): number {
    if (gap === undefined) return speed;
    const lengthMs = gap.toMs - gap.fromMs;
    if (!gap.closed && lengthMs <= PACING.quietMs) return speed;
    return Math.max(speed, lengthMs / PACING.gapWallMs);
  }
}
