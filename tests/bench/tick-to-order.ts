import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../support/free-port.ts';
import { type BenchPlace, bulwark } from './measured-run.ts';

/**
 * From the tick on the wire to the order on the wire: the bytes of an advance pass a tap on their
 * way to the runtime, and the bytes of the order that it causes pass it on their way back. Between
 * them lie codec, strategy, guard, and the journal's fsync. Both ends are processes of their own.
 */
const LATEST_MS = 90_000;
const STRATEGIES = JSON.stringify(
  ['EURUSD', 'GBPUSD', 'XAUUSD'].map((symbol) => ({
    use: 'atr-breakout',
    symbol,
    timeframe: 'M1',
  })),
);

/** So little that no limit ends the trading before enough orders are timed. */
const SIZING = JSON.stringify({ kind: 'riskPercent', percent: 0.02 });

export interface Tap {
  readonly port: number;
  /** Microseconds from each `request` that passed to the first `reply` after it. */
  readonly samples: number[];
  readonly close: () => void;
}

/** A TCP proxy that looks at what it forwards; it holds nothing back. */
export const openTap = async (input: {
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

export const until = async (what: () => string, reached: () => boolean): Promise<void> => {
  const latest = performance.now() + LATEST_MS;
  while (!reached()) {
    if (performance.now() > latest) throw new Error(`waited in vain for ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

export const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
};

/** A runtime whose orders are timed, and the terminal that trades with it. */
export interface TimedRuntime {
  readonly tap: Tap;
  /** Everything that the runtime wrote on stdout so far. */
  readonly said: () => string;
  /** Resolves when so many orders were timed; rejects when the runtime ended before. */
  readonly timed: (orders: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

export const timedRuntime = async (
  place: BenchPlace,
  options: { readonly speed: string; readonly flags?: readonly string[] },
): Promise<TimedRuntime> => {
  const port = await freePort();
  const request = '"kind":"clock.advance"';
  const tap = await openTap({ to: port, request, reply: '"kind":"order.place"' });
  const env = {
    BULWARK_TERMINAL__KIND: 'external',
    BULWARK_LINK__PORT: String(port),
    BULWARK_STRATEGIES: STRATEGIES,
    BULWARK_RISK__SIZING: SIZING,
    BULWARK_API__REQUESTS_PER_MINUTE: '1000000',
  };
  const { speed, flags = [] } = options;
  const runtime = bulwark(place, ['run', '--data-dir', place.path('runtime'), ...flags], env);
  let said = '';
  runtime.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const endpoint = `tcp://127.0.0.1:${tap.port}`;
  const dirs = ['--data-dir', place.path('side'), '--terminal-dir', place.path('terminal')];
  const terminal = bulwark(place, ['terminal', '--connect', endpoint, '--speed', speed, ...dirs]);
  return {
    tap,
    said: () => said,
    timed: (orders) =>
      until(
        () => `${orders} orders: ${tap.samples.length} came`,
        () => {
          if (runtime.exitCode !== null)
            throw new Error(`the runtime ended with ${runtime.exitCode}`);
          return tap.samples.length >= orders;
        },
      ),
    close: async () => {
      await stop(terminal);
      await stop(runtime);
      tap.close();
    },
  };
};
