import { parseArgs } from 'node:util';
import type { BenchRow } from './bench-row.ts';

interface Wanted {
  readonly interruptions: number;
}

/**
 * `npm run bench` runs every benchmark, `npm run bench -- link` the named ones. The last line of
 * `--json` is one object: {bench: {row: {value, unit, samples}}}, samples where few make a figure weak.
 * `--interruptions` is how many of each kind `recovery` makes: a p99 wants a hundred, fewer have a max.
 */
const BENCHES: Readonly<Record<string, (wanted: Wanted) => Promise<readonly BenchRow[]>>> = {
  replay: async () => (await import('./replay.ts')).benchReplay(),
  startup: async () => (await import('./startup.ts')).benchStartup(),
  kernel: async () => (await import('./kernel.ts')).benchKernel(),
  link: async () => (await import('./link.ts')).benchLink(),
  ea: async () => (await import('./ea.ts')).benchEa(),
  order: async () => (await import('./order.ts')).benchOrder(),
  risk: async () => (await import('./risk.ts')).benchRisk(),
  recovery: async ({ interruptions }) =>
    (await import('./recovery.ts')).benchRecovery(interruptions),
  inspector: async () => (await import('./inspector.ts')).benchInspector(),
  worker: async () => (await import('./worker.ts')).benchWorker(),
};

const { values, positionals: named } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    interruptions: { type: 'string', default: '100' },
  },
});
const wanted: Wanted = { interruptions: Number(values.interruptions) };
const wrong = [
  ...named.filter((name) => !Object.hasOwn(BENCHES, name)),
  ...(Number.isInteger(wanted.interruptions) && wanted.interruptions > 0
    ? []
    : [`--interruptions ${values.interruptions}`]),
];

const text = (value: number): string =>
  value >= 1_000
    ? Math.round(value).toLocaleString('en-US')
    : value.toPrecision(4).replace(/\.?0+$/, '');

const print = (name: string, rows: readonly BenchRow[]): void => {
  console.log(`\n${name}`);
  const width = Math.max(...rows.map((row) => row.name.length));
  for (const row of rows) {
    const of = row.samples === undefined ? '' : ` (n=${row.samples})`;
    console.log(`  ${row.name.padEnd(width)}  ${text(row.value).padStart(12)} ${row.unit}${of}`);
  }
};

const run = async (): Promise<void> => {
  const report: Record<string, Record<string, Omit<BenchRow, 'name'>>> = {};
  for (const name of named.length > 0 ? named : Object.keys(BENCHES)) {
    const rows = (await BENCHES[name]?.(wanted)) ?? [];
    if (!values.json) print(name, rows);
    report[name] = Object.fromEntries(rows.map(({ name: row, ...figure }) => [row, figure]));
  }
  if (values.json) console.log(JSON.stringify(report));
};

if (wrong.length > 0) {
  console.error(`unknown: ${wrong.join(', ')}. Benchmarks: ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 2;
} else {
  await run();
}
