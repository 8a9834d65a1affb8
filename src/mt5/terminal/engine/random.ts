/**
 * A 32-bit generator (mulberry32) whose whole state is one unsigned integer, so that the state can
 * be part of the broker's durable state and a restarted broker draws what it would have drawn.
 */
export interface Draw {
  /** Uniform in [0, 1). */
  readonly value: number;
  /** State to draw from next. */
  readonly state: number;
}

export const seedState = (seed: number): number => seed >>> 0;

export const draw = (state: number): Draw => {
  const next = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(next ^ (next >>> 15), next | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return { value: ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000, state: next };
};
