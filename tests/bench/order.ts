import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Dealer } from 'zeromq';
import { freePort } from '../support/free-port.ts';
import { type BenchRow, quantile } from './bench-row.ts';
import { type BenchPlace, benchPlace } from './measured-run.ts';
import { openTap, stop, timedRuntime } from './tick-to-order.ts';

/** A tick's way to its order, beside a bare zeromq.js echo of a message of the order's size that the
 * same kind of tap sees. */
const ORDERS = 200;

const benchRuntime = async (place: BenchPlace): Promise<readonly number[]> => {
  const runtime = await timedRuntime(place, { speed: 'max' });
  try {
    await runtime.timed(ORDERS);
    return runtime.tap.samples;
  } finally {
    await runtime.close();
  }
};

const ECHO = `
const { Router } = await import('zeromq');
const socket = new Router({ linger: 0 });
await socket.bind('tcp://127.0.0.1:' + process.argv[1]);
console.log('bound');
for await (const parts of socket) await socket.send(parts);
`;
/** As long as an order is, and marked so that the tap knows it. */
const PAYLOAD = `echo${'.'.repeat(700)}`;

const benchEcho = async (): Promise<readonly number[]> => {
  const port = await freePort();
  const tap = await openTap({ to: port, request: 'echo', reply: 'echo' });
  const root = new URL('../..', import.meta.url);
  const child = spawn(process.execPath, ['--input-type=module', '-e', ECHO, String(port)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const socket = new Dealer({ linger: 0 });
  socket.connect(`tcp://127.0.0.1:${tap.port}`);
  try {
    for (let i = 0; i < 2 * ORDERS; i += 1) {
      await socket.send(PAYLOAD);
      await socket.receive();
    }
    return tap.samples.slice(ORDERS);
  } finally {
    socket.close();
    await stop(child);
    tap.close();
  }
};

export const benchOrder = async (): Promise<readonly BenchRow[]> => {
  const place = benchPlace();
  try {
    const echo = await benchEcho();
    const orders = await benchRuntime(place);
    const at = (share: number, name: string): readonly BenchRow[] => {
      const [ours, theirs] = [quantile(orders, share), quantile(echo, share)];
      return [
        { name: `tick to order on the wire, ${name}`, value: ours, unit: 'µs' },
        { name: `raw zeromq.js echo, ${name}`, value: theirs, unit: 'µs' },
        { name: `order/echo, ${name}`, value: ours / theirs, unit: '×' },
      ];
    };
    return [
      { name: 'orders', value: orders.length, unit: 'orders' },
      ...at(0.5, 'p50'),
      ...at(0.99, 'p99'),
    ];
  } finally {
    place.close();
  }
};
