import type { BenchRow } from './bench-row.ts';

/**
 * `npm run bench` runs every benchmark, `npm run bench -- link` the named ones. The last line of
 * `--json` is one object: {bench: {row: {value, unit}}}.
 */
const BENCHES: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = {
  replay: async () => (await import('./replay.ts')).benchReplay(),
  startup: async () => (await import('./startup.ts')).benchStartup(),
  kernel: async () => (await import('./kernel.ts')).benchKernel(),
  link: async () => (await import('./link.ts')).benchLink(),
  ea: async () => (await import('./ea.ts')).benchEa(),
  order: async () => (await import('./order.ts')).benchOrder(),
  risk: async () => (await import('./risk.ts')).benchRisk(),
  recovery: async () => (await import('./recovery.ts')).benchRecovery(),
  inspector: async () => (await import('./inspector.ts')).benchInspector(),
  worker: async () => (await import('./worker.ts')).benchWorker(),
};

const args = process.argv.slice(2);
const json = args.includes('--json');
const named = args.filter((arg) => !arg.startsWith('--'));
const wrong = [
  ...named.filter((name) => !Object.hasOwn(BENCHES, name)),
  ...args.filter((arg) => arg.startsWith('--') && arg !== '--json'),
];

const text = (value: number): string =>
  value >= 1_000
    ? Math.round(value).toLocaleString('en-US')
    : value.toPrecision(4).replace(/\.?0+$/, '');

const print = (name: string, rows: readonly BenchRow[]): void => {
  console.log(`\n${name}`);
  const width = Math.max(...rows.map((row) => row.name.length));
  for (const row of rows) {
    console.log(`  ${row.name.padEnd(width)}  ${text(row.value).padStart(12)} ${row.unit}`);
  }
};

const run = async (): Promise<void> => {
  const report: Record<string, Record<string, { value: number; unit: string }>> = {};
  for (const name of named.length > 0 ? named : Object.keys(BENCHES)) {
    const rows = (await BENCHES[name]?.()) ?? [];
    if (!json) print(name, rows);
    report[name] = Object.fromEntries(rows.map(({ name, value, unit }) => [name, { value, unit }]));
  }
  if (json) console.log(JSON.stringify(report));
};

if (wrong.length > 0) {
  console.error(`unknown: ${wrong.join(', ')}. Benchmarks: ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 2;
} else {
  await run();
}
