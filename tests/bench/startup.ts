import { type BenchRow, median } from './bench-row.ts';
import { benchPlace, firstOrderMs, marketFile } from './measured-run.ts';

/** From the spawn of the process to the first order in the terminal's ledger: what somebody who
 * typed `npm start` waits for. Medians. */
const RUNS = 5;

export const benchStartup = async (): Promise<readonly BenchRow[]> => {
  const place = benchPlace();
  const bars = marketFile(place, 'bars');
  const cases = [
    ['built-in market, as shipped', []],
    ['built-in market, full speed', ['--speed', 'max']],
    ['replay of bars', ['--replay', bars]],
  ] as const;
  try {
    const rows: BenchRow[] = [];
    for (const [name, args] of cases) {
      const samples: number[] = [];
      for (let run = 0; run < RUNS; run += 1) samples.push(await firstOrderMs(place, args));
      rows.push({ name: `first order, ${name}`, value: median(samples), unit: 'ms' });
    }
    return rows;
  } finally {
    place.close();
  }
};
