import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { chartModel } from '../../../scripts/chart-model.ts';
import { CHARTS, drawCharts } from '../../../scripts/charts.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = `${root}docs/statecharts/`;
const drawingOf = (name: string): string => readFileSync(`${folder}${name}.svg`, 'utf8');
const names = Object.keys(CHARTS).sort();

describe('the drawings of the statecharts', () => {
  it('show every machine of src/machines, and nothing else', () => {
    const machines = readdirSync(`${root}src/machines`)
      .filter((file) => file.endsWith('.machine.ts'))
      .map((file) => file.replace('.machine.ts', ''));
    const drawn = readdirSync(folder).map((file) => file.replace('.svg', ''));
    expect(machines.sort()).toEqual(names);
    expect(drawn.sort()).toEqual(names);
  });

  it('are those of the machines as they are now (else: npm run charts)', async () => {
    const drawn = await drawCharts();
    for (const [name, svg] of drawn) expect(svg === drawingOf(name), `${name} is stale`).toBe(true);
    expect([...drawn.keys()].sort()).toEqual(names);
  });

  it.each(names)('mark every state of %s by its path', (name) => {
    const machine = CHARTS[name as keyof typeof CHARTS];
    const below = (states: ReturnType<typeof chartModel>['states']): readonly string[] =>
      states.flatMap((state) => [state.path, ...below(state.states)]);
    const marked = [...drawingOf(name).matchAll(/data-state="([^"]+)"/g)].map(([, path]) => path);
    expect([...marked].sort()).toEqual([...below(chartModel(machine).states)].sort());
  });

  it('name every event that moves an order', () => {
    const events = chartModel(CHARTS.order).arrows.flatMap(({ labels }) => labels);
    expect(events).toContain('order.filled [completesVolume]');
    expect(events.filter((label) => !drawingOf('order').includes(label))).toEqual([]);
  });
});
