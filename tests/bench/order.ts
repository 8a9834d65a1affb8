import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { Dealer } from 'zeromq';
import { freePort } from '../support/free-port.ts';
import { type BenchRow, quantile } from './bench-row.ts';
import { type BenchPlace, benchPlace, bulwark } from './measured-run.ts';

/**
 * From the tick on the wire to the order on the wire: the bytes of an advance pass a tap on their
 * way to the runtime, and the bytes of the order that it causes pass it on their way back. Between
 * them lie codec, strategy, guard, and the journal's fsync. The same tap sees a bare zeromq.js echo
 * of a message of the order's size. Both ends are processes of their own.
 */
const ORDERS = 200;
const LATEST_MS = 90_000;
const STRATEGIES = JSON.stringify(
  ['EURUSD', 'GBPUSD', 'XAUUSD'].map((symbol) => ({
    use: 'atr-breakout',
    symbol,
    timeframe: 'M1',
  })),
);

interface Tap {
  readonly port: number;
  /** Microseconds from each `request` that passed to the first `reply` after it. */
  readonly samples: number[];
  readonly close: () => void;
}

/** A TCP proxy that looks at what it forwards; it holds nothing back. */
const openTap = async (input: {
  readonly to: number;
  readonly request: string;
  readonly reply: string;
}): Promise<Tap> => {
  const samples: number[] = [];
  const sockets = new Set<Socket>();
  let askedAt: number | undefined;
  const server: Server = createServer((near) => {
    const far = createConnection(input.to, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket.setNoDelay(true));
      socket.on('error', () => socket.destroy());
    }
    near.on('data', (bytes) => {
      if (bytes.includes(input.request)) askedAt = performance.now();
      far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (askedAt !== undefined && bytes.includes(input.reply)) {
        samples.push((performance.now() - askedAt) * 1_000);
        askedAt = undefined;
      }
      near.write(bytes);
    });
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, samples, close };
};

const until = async (what: () => string, reached: () => boolean): Promise<void> => {
  const latest = performance.now() + LATEST_MS;
  while (!reached()) {
    if (performance.now() > latest) throw new Error(`waited in vain for ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
};

const benchRuntime = async (place: BenchPlace): Promise<readonly number[]> => {
  const port = await freePort();
  const request = '"kind":"clock.advance"';
  const tap = await openTap({ to: port, request, reply: '"kind":"order.place"' });
  const env = {
    BULWARK_TERMINAL__KIND: 'external',
    BULWARK_LINK__PORT: String(port),
    BULWARK_STRATEGIES: STRATEGIES,
  };
  const runtime = bulwark(place, ['run', '--data-dir', place.path('runtime')], env);
  const endpoint = `tcp://127.0.0.1:${tap.port}`;
  const dirs = ['--data-dir', place.path('side'), '--terminal-dir', place.path('terminal')];
  const terminal = bulwark(place, ['terminal', '--connect', endpoint, '--speed', 'max', ...dirs]);
  try {
    await until(
      () => `${ORDERS} orders: ${tap.samples.length} came`,
      () => {
        if (runtime.exitCode !== null)
          throw new Error(`the runtime ended with ${runtime.exitCode}`);
        return tap.samples.length >= ORDERS;
      },
    );
    return tap.samples;
  } finally {
    await stop(terminal);
    await stop(runtime);
    tap.close();
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
