import { createHash } from 'node:crypto';

/** Everything that happened, as one hash: two runs with the same hash did the same. The last lines
 * are kept in words for whoever has to find out what went wrong. */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #tail: string[] = [];
  readonly #keep: number;
  #lines = 0;
  #ended = false;

  constructor(keep: number) {
    this.#keep = keep;
  }

  add(line: string): void {
    if (this.#ended) return;
    this.#hash.update(`${line}\n`);
    this.#lines += 1;
    this.#tail.push(line);
    if (this.#tail.length > 2 * this.#keep) this.#tail.splice(0, this.#keep);
  }

  get lines(): number {
    return this.#lines;
  }
  tail(): readonly string[] {
    return this.#tail.slice(-this.#keep);
  }
  /** Ends the trace. */
  digest(): string {
    this.#ended = true;
    return this.#hash.digest('hex').slice(0, 16);
  }
}
