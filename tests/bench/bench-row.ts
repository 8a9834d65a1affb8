/** One line of a benchmark's report. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  /** "µs", "ticks/s", "×" (a ratio in the same run: comparable between machines). */
  readonly unit: string;
  /** How many measurements it is of, where few make it weak. */
  readonly samples?: number;
}

/** The value that the fraction `q` of the samples does not exceed (nearest rank); NaN without any. */
export const quantile = (samples: readonly number[], q: number): number => {
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
};
export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** Fewer have no p99 but their longest. */
const P99_SAMPLES = 100;

/** Half of the samples and nearly all of them, with their number. */
export const spread = (
  name: string,
  samples: readonly number[],
  unit: string,
): readonly BenchRow[] => {
  const hasP99 = samples.length >= P99_SAMPLES;
  const most = {
    name: `${name}, ${hasP99 ? 'p99' : 'max'}`,
    value: quantile(samples, hasP99 ? 0.99 : 1),
  };
  const half = { name: `${name}, p50`, value: median(samples) };
  return [half, most].map((row) => ({ ...row, unit, samples: samples.length }));
};
