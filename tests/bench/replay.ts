import { type BenchRow, median } from './bench-row.ts';
import {
  type BenchPlace,
  benchPlace,
  type MeasuredRun,
  marketFile,
  replayOnce,
} from './measured-run.ts';

/**
 * The main job as fast as it goes: both processes, ZeroMQ, fsync and SQLite, from the start of the
 * session to its end (the data is loaded before). Medians.
 */
const RUNS = 3;

const measure = async (place: BenchPlace, kind: 'bars' | 'ticks'): Promise<readonly BenchRow[]> => {
  const file = marketFile(place, kind);
  const runs: MeasuredRun[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await replayOnce(place, file));
  const of = (pick: (run: MeasuredRun) => number): number => median(runs.map(pick));
  const unit = `${kind}/s`;
  const rows: readonly (readonly [string, number, string])[] = [
    ['rate', of(({ summary }) => summary[kind] / summary.wallSeconds), unit],
    ['wall', of(({ summary }) => summary.wallSeconds), 's'],
    ['cpu of the runtime', of(({ summary }) => summary.cpuSeconds), 's'],
    ['cpu of the terminal', of((run) => run.cpuSeconds - run.summary.cpuSeconds), 's'],
    ['orders filled', of(({ summary }) => summary.orders['filled'] ?? 0), 'orders'],
  ];
  return rows.map(([name, value, of]) => ({ name: `${kind}: ${name}`, value, unit: of }));
};

export const benchReplay = async (): Promise<readonly BenchRow[]> => {
  const place = benchPlace();
  try {
    return [...(await measure(place, 'bars')), ...(await measure(place, 'ticks'))];
  } finally {
    place.close();
  }
};
