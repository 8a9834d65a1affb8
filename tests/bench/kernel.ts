import { Worker } from 'node:worker_threads';
import { type BenchRow, median, quantile } from './bench-row.ts';
import { benchLives } from './kernel-lives.ts';
import { benchMessages } from './kernel-messages.ts';
import { used } from './used.ts';
import { benchWorker } from './worker.ts';

const ROUNDS = 5;
const TRIPS = 1_000;

/** The least that two threads need to say something and to hear the answer: beside it stands what
 * a tick costs with its codec, its deadline and its strategy. */
const benchEcho = async (): Promise<readonly BenchRow[]> => {
  const code = `const { parentPort } = require('node:worker_threads');
    parentPort.on('message', (message) => parentPort.postMessage(message));`;
  const worker = new Worker(code, { eval: true });
  const trip = (): Promise<void> =>
    new Promise((resolve) => {
      worker.once('message', () => resolve());
      worker.postMessage({ type: 'ask', at: 0 });
    });
  const rounds: { readonly p50: number; readonly p99: number; readonly cpu: number }[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const samples: number[] = [];
    const { cpuMs } = await used(async () => {
      for (let i = 0; i < TRIPS; i += 1) samples.push((await used(trip)).wallMs * 1_000);
    });
    const cpu = (cpuMs * 1_000) / TRIPS;
    // The first round warms up.
    if (round > 0) rounds.push({ p50: median(samples), p99: quantile(samples, 0.99), cpu });
  }
  await worker.terminate();
  return (['p50', 'p99', 'cpu'] as const).map((key) => ({
    name: `bare postMessage echo, ${key === 'cpu' ? 'CPU' : key}`,
    value: median(rounds.map((round) => round[key])),
    unit: 'µs',
  }));
};

/** The kernel's own costs, everything in one run and one process: messages, lives, threads. */
export const benchKernel = async (): Promise<readonly BenchRow[]> => [
  ...(await benchMessages()),
  ...(await benchLives()),
  ...(await benchWorker()),
  ...(await benchEcho()),
];
