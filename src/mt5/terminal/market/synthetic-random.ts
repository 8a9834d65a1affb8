/**
 * Seeded numbers for the synthetic market. Only integer operations and the four exact ones of
 * IEEE 754 (and sqrt) are used, never exp, log or sin, whose last bits differ between engines: the
 * same seed gives the same quotes everywhere.
 */

/** Mixes words into 32 well-spread bits (murmur3's finaliser between rounds). */
export const hashWords = (...words: readonly number[]): number => {
  let hash = 0x9e3779b9;
  for (const word of words) {
    hash = Math.imul(hash ^ (word | 0), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
};

/** FNV-1a of a symbol, so that each symbol has a path of its own under one seed. */
export const hashText = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
};

const TWO_32 = 4_294_967_296;

/** Uniform in [-1, 1) for a place named by words; needs no generator state. */
export const signedNoise = (...words: readonly number[]): number =>
  (hashWords(...words) / TWO_32) * 2 - 1;

/** mulberry32: small, fast, and good enough for prices. */
export class SyntheticRandom {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** 32 random bits. */
  bits(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.bits() / TWO_32;
  }

  /** Mean 0, variance 1, within ±3.47: four uniforms added up. Fat tails come from the volatility
   * that scales it. */
  normal(): number {
    const [a, b] = [this.bits(), this.bits()];
    const sum = (a >>> 16) + (a & 0xffff) + (b >>> 16) + (b & 0xffff);
    return (sum / 65_536 - 2) * 1.7320508075688772;
  }
}
