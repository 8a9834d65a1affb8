/** One line of a benchmark's report. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  /** "µs", "ticks/s", "×" (a ratio in the same run: comparable between machines). */
  readonly unit: string;
}

/** The value below which the fraction `q` of the samples lies (nearest rank); NaN without any. */
export const quantile = (samples: readonly number[], q: number): number => {
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
};
export const median = (samples: readonly number[]): number => quantile(samples, 0.5);
