import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts'),
);

/** Every thread that a source starts, as the file of dist/ that it runs. */
const threads = sources.flatMap((name) => {
  const text = readFileSync(join(root, 'src', name), 'utf8');
  const started = text.matchAll(/new Worker\(\s*builtBeside\(import\.meta\.url, '([^']+)'\)/g);
  return Array.from(started, ([, file]) => join(name, '..', file as string));
});

const bundled = Array.from(
  readFileSync(join(root, 'scripts', 'bundle-programs.mjs'), 'utf8')
    .split('const PROGRAMS = [')[1]
    ?.split('];')[0]
    ?.matchAll(/'([^']+)'/g) ?? [],
  ([, file]) => file as string,
);

describe('the programs in dist/', () => {
  it('are the command line and every thread that a source starts', () => {
    expect(threads.length).toBeGreaterThan(3);
    expect([...bundled].sort()).toEqual(['main.js', ...threads].sort());
  });

  it.each(bundled)('%s needs no other file of ours to start', (program) => {
    expect(existsSync(join(root, 'dist', program))).toBe(true);
    const text = readFileSync(join(root, 'dist', program), 'utf8');
    const needed = Array.from(
      text.matchAll(/^(?:import|export)\b[^;'"]*"([^"]+)";$/gm),
      ([, specifier]) => specifier as string,
    );
    expect(needed).toContain('node:worker_threads');
    const onDemand = /-[A-Z0-9]{8}\.js$/;
    const loose = needed.filter((name) => /^(\.|effect|xstate)/.test(name) && !onDemand.test(name));
    expect(loose).toEqual([]);
  });
});

describe('a run without a collector', () => {
  it('loads nothing of OpenTelemetry: only the thread that sends spans does', () => {
    const holders = bundled.filter((file) =>
      /@?opentelemetry/i.test(readFileSync(join(root, 'dist', file), 'utf8')),
    );
    expect(holders).toEqual(['telemetry/traces/export-worker.js']);
  });
});
