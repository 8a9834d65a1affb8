import type { Clock } from '../../domain/ports.ts';
import type { EpochMs } from '../../domain/units.ts';
import { epochMs } from '../../domain/units.ts';

/** Quotes by which the venue's clock is told; the quickest of them on its way is the best. */
const QUOTES_KEPT = 64;

/**
 * The venue's time, UTC. The EA has no word for it: quotes carry it, and between two of them the
 * wall's clock goes on. Before the first quote the wall's own time stands in.
 */
export class SessionTime {
  readonly #wall: Clock;
  readonly #leads: number[] = [];

  constructor(wall: Clock) {
    this.#wall = wall;
  }

  /** A quote of this venue instant has just come. */
  heard(at: EpochMs): void {
    this.#leads.push(at - this.#wall.now());
    if (this.#leads.length > QUOTES_KEPT) this.#leads.shift();
  }

  now(): EpochMs {
    const lead = this.#leads.length === 0 ? 0 : Math.max(...this.#leads);
    return epochMs(this.#wall.now() + lead);
  }
}
