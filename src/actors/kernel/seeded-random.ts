import type { Random } from '../../domain/ports.ts';

const scramble = (seed: string): (() => number) => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < seed.length; i += 1) {
    hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
  }
  return () => {
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash = (hash + 0x9e3779b9) | 0;
    return hash >>> 0;
  };
};

/**
 * The sfc32 generator: the same seed gives the same numbers on every machine. Not for secrets.
 * A number and its decimal text are the same seed, so a printed seed can be pasted back.
 */
export const createSeededRandom = (seed: number | string): Random => {
  const word = scramble(String(seed));
  let a = word();
  let b = word();
  let c = word();
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  // The first outputs still resemble the seed.
  for (let i = 0; i < 12; i += 1) next();
  return { next };
};
