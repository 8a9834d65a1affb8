import { type Entry, Envelope, messageOf } from './envelope.ts';
import type { Message } from './types.ts';

/** Counts how often one message crashed its actor in a row, so that it cannot do so for ever. */
export class PoisonWatch {
  private readonly chances: number;
  private suspect: Message | undefined;
  private crashes = 0;

  constructor(chances: number) {
    this.chances = chances;
  }

  /** The actor just crashed over `entry`: may the next incarnation try it again? */
  deservesRetry(entry: Entry): boolean {
    // What an incarnation owed to itself means nothing to the next one.
    if (entry instanceof Envelope && entry.owner !== undefined) return false;
    const message = messageOf(entry);
    this.crashes = this.suspect === message ? this.crashes + 1 : 1;
    this.suspect = message;
    if (this.crashes < this.chances) return true;
    this.handled(message);
    return false;
  }

  /** Only the suspect itself can clear its name: what was stashed comes before it in every life,
   * and would otherwise reset the count for ever. */
  handled(message: Message): void {
    if (this.suspect !== message) return;
    this.suspect = undefined;
    this.crashes = 0;
  }
}
