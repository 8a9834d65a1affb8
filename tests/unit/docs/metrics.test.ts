import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../../src/telemetry/metrics.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const rules = read('ops/prometheus/alerts.yml')
  .split('- alert: ')
  .slice(1)
  .map((text) => ({
    name: text.split('\n')[0]?.trim() ?? '',
    expression: /expr: ([\s\S]*?)\n\s+(?:for|labels):/.exec(text)?.[1] ?? '',
    severity: /severity: (\w+)/.exec(text)?.[1] ?? '',
    runbook: /runbook: (\S+)/.exec(text)?.[1] ?? '',
  }));
const names = Object.keys(METRICS);
const usedIn = (text: string): readonly string[] =>
  [...text.matchAll(/\bbulwark_\w+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''));

describe('docs/metrics.md', () => {
  const rows = read('docs/metrics.md')
    .split('\n')
    .filter((line) => line.startsWith('| `bulwark_'))
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));

  it('says of every metric what it means, and of no other', () => {
    const told = rows.map(([, name, type, labels, help]) => ({ name, type, labels, help }));
    expect(told).toEqual(
      Object.entries(METRICS).map(([name, { type, labels, help }]) => {
        return { name, type, labels: labels.join(', '), help };
      }),
    );
  });

  it('says which of them call somebody, and the rules agree', () => {
    for (const [, name = '', , , , alerts = ''] of rows) {
      const told = [...alerts.matchAll(/\[(\w+)\]/g)].map(([, alert]) => alert);
      const rule = rules.filter(({ expression }) => usedIn(expression).includes(name));
      expect(told, name).toEqual(rule.map((one) => one.name));
    }
  });
});

describe('the alert rules', () => {
  it('ask only for metrics that exist', () => {
    for (const { name, expression } of rules) {
      for (const metric of usedIn(expression)) expect(names, name).toContain(metric);
    }
  });

  it('each have a severity and an entry in the runbook, and the runbook has no other', () => {
    const entries = [...read('docs/runbook.md').matchAll(/^## (\w+)\n\n\*(\w+)\.\*/gm)];
    expect(entries.map(([, name, severity]) => [name, severity?.toLowerCase()])).toEqual(
      rules.map(({ name, severity }) => [name, severity]),
    );
    for (const { name, runbook } of rules) {
      expect(runbook).toBe(`docs/runbook.md#${name.toLowerCase()}`);
    }
  });

  it('are each tried with their cause and without it', () => {
    const tried = read('ops/prometheus/alerts.test.yml');
    for (const { name } of rules) {
      expect(tried).toContain(`- name: ${name} fires`);
      expect(tried).toContain(`- name: ${name} silent`);
    }
  });
});

describe('the dashboards', () => {
  const folder = 'ops/grafana/dashboards';
  it.each(readdirSync(join(root, folder)))('show metrics that exist: %s', (name) => {
    const text = read(`${folder}/${name}`);
    const dashboard = JSON.parse(text) as { readonly panels: readonly { id: number }[] };
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const metric of usedIn(text)) expect(names).toContain(metric);
  });
});

const tool = (name: string): string | undefined =>
  [`/usr/bin/${name}`, `/usr/local/bin/${name}`].find((path) => existsSync(path));
const CHECKS: readonly [string, string, readonly string[]][] = [
  ['promtool', 'the rules', ['check', 'rules', 'prometheus/alerts.yml']],
  ['promtool', 'the rules’ own tests', ['test', 'rules', 'prometheus/alerts.test.yml']],
  ['promtool', 'the configuration', ['check', 'config', 'prometheus/prometheus.yml']],
  ['amtool', 'the routes', ['check-config', 'alertmanager/alertmanager.yml']],
];
for (const name of ['promtool', 'amtool']) {
  if (tool(name) === undefined) console.warn(`SKIPPED: ${name} is not installed (see .ci/run)`);
}

describe('what ops/ holds', () => {
  for (const [name, what, args] of CHECKS) {
    const path = tool(name);
    it.skipIf(path === undefined)(`passes ${name}: ${what}`, () => {
      const run = spawnSync(path ?? name, args, { cwd: join(root, 'ops'), encoding: 'utf8' });
      expect(run.status, run.stdout + run.stderr).toBe(0);
    });
  }
});
