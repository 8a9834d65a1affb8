/** `npm run charts`: draws every statechart of src/machines into docs/statecharts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { breakerMachine } from '../src/machines/breaker.machine.ts';
import { evaluationMachine } from '../src/machines/evaluation.machine.ts';
import { flattenMachine } from '../src/machines/flatten.machine.ts';
import { linkMachine } from '../src/machines/link.machine.ts';
import { orderMachine } from '../src/machines/order.machine.ts';
import { recoveryMachine } from '../src/machines/recovery.machine.ts';
import { tradingModeMachine } from '../src/machines/trading-mode.machine.ts';
import { chartModel } from './chart-model.ts';
import { drawChart } from './draw-chart.ts';

/** By the name of their files in src/machines and docs/statecharts. */
export const CHARTS = {
  breaker: breakerMachine,
  evaluation: evaluationMachine,
  flatten: flattenMachine,
  link: linkMachine,
  order: orderMachine,
  recovery: recoveryMachine,
  'trading-mode': tradingModeMachine,
} as const;

export const drawCharts = async (): Promise<ReadonlyMap<string, string>> => {
  const drawn = new Map<string, string>();
  for (const [name, machine] of Object.entries(CHARTS)) {
    drawn.set(name, await drawChart(chartModel(machine)));
  }
  return drawn;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = fileURLToPath(new URL('../docs/statecharts/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  for (const [name, svg] of await drawCharts()) writeFileSync(`${folder}${name}.svg`, svg);
}
