import type { Points } from '../../src/domain/units.ts';
import type { LevelChange } from '../../src/risk/level-changes.ts';
import type { VenuePosition } from './risk-venue.ts';

/** How a guard may break the rules of a stop that it has asked for. */
export type StopCarelessness =
  | 'widensWithoutReserving'
  | 'forgetsWideningsAtRestart'
  | 'releasesStopsUnseen';

/** Stops under way: what the venue may still set, and what the guard reckons with, by ticket. */
export class StopRequests {
  private readonly pending = new Map<string, Points>();
  private readonly asked = new Map<string, LevelChange>();
  /** Made, and not shown by the terminal yet. */
  private readonly made = new Set<string>();
  private readonly careless: string | undefined;

  constructor(careless: string | undefined) {
    this.careless = careless;
  }

  get changes(): Iterable<LevelChange> {
    return this.asked.values();
  }
  get tickets(): readonly string[] {
    return [...this.pending.keys()];
  }
  isAsked(ticket: string): boolean {
    return this.asked.has(ticket);
  }

  tighten(position: VenuePosition, stopLoss: Points): void {
    const { ticket, takeProfit } = position;
    this.pending.set(ticket, stopLoss);
    this.made.delete(ticket);
    this.asked.set(ticket, { what: 'position', ticket, stopLoss, takeProfit });
  }

  widen(position: VenuePosition, stopLoss: Points): void {
    this.tighten(position, stopLoss);
    if (this.careless === 'widensWithoutReserving') this.asked.delete(position.ticket);
  }

  /** The venue has made the change, or will not: what was made counts until the terminal shows it. */
  end(ticket: string, done: boolean): Points | undefined {
    const stop = this.pending.get(ticket);
    this.pending.delete(ticket);
    if (done && this.careless !== 'releasesStopsUnseen') this.made.add(ticket);
    else this.asked.delete(ticket);
    return stop;
  }

  restart(): void {
    if (this.careless === 'forgetsWideningsAtRestart') this.asked.clear();
  }

  /** The terminal has told of everything that is open. */
  shown(positions: readonly VenuePosition[]): void {
    for (const ticket of this.asked.keys()) {
      const isGone = !positions.some((position) => position.ticket === ticket);
      if (isGone || this.made.has(ticket)) this.asked.delete(ticket);
    }
    this.made.clear();
  }
}
