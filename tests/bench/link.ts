import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Router } from 'zeromq';
import { ambientClock, ambientDefer } from '../../src/actors/kernel/ambient-clock.ts';
import type { Tick } from '../../src/domain/market.ts';
import { epochMs, points } from '../../src/domain/units.ts';
import { openGateway } from '../../src/mt5/gateway.ts';
import { decodeRuntimeFrame, encodeFrame } from '../../src/mt5/wire/codec.ts';
import { WIRE_LIMITS } from '../../src/mt5/wire/limits.ts';
import { decodeTicks, encodeTicks } from '../../src/mt5/wire/tick-batch.ts';
import { heartbeat, placeOrder, runtimeFrame } from '../support/wire-frames.ts';
import { type BenchRow, median, quantile } from './bench-row.ts';

const ROUNDS = 7;
const WARM_UP = 1_000;
const ROUND_TRIPS = 2_000;
const IDENTITY = '5012345@Bench/ea-1';

/** One end under test: sends a message and resolves when its answer is decoded. */
interface Pinger {
  readonly roundTrip: () => Promise<void>;
  readonly child: ChildProcess;
  readonly close: () => Promise<void>;
}

const startEcho = (mode: string, endpoint: string): ChildProcess =>
  fork(new URL('./link-echo.ts', import.meta.url), [mode, endpoint, IDENTITY], {
    execArgv: ['--import', 'tsx'],
  });

const endEcho = async (child: ChildProcess): Promise<void> => {
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
};

const rawPinger = async (): Promise<Pinger> => {
  const socket = new Router({ linger: 0 });
  await socket.bind('tcp://127.0.0.1:*');
  const child = startEcho('raw', socket.lastEndpoint ?? '');
  await socket.receive();
  const payload = encodeFrame(runtimeFrame(heartbeat))[0] ?? new Uint8Array();
  return {
    child,
    roundTrip: async () => {
      await socket.send([IDENTITY, payload]);
      await socket.receive();
    },
    close: async () => {
      await endEcho(child);
      socket.close();
    },
  };
};

const linkPinger = async (): Promise<Pinger> => {
  let arrived: () => void = () => undefined;
  const fail = (what: unknown): never => {
    throw new Error(`the link failed: ${JSON.stringify(what)}`);
  };
  const gateway = await openGateway({
    host: '127.0.0.1',
    port: 0,
    clock: ambientClock,
    defer: ambientDefer,
    onFrame: () => arrived(),
    onMalformed: (_, info) => fail(info),
    onFault: fail,
  });
  const answer = () =>
    new Promise<void>((resolve) => {
      arrived = resolve;
    });
  const here = answer();
  const child = startEcho('link', gateway.endpoint);
  await here;
  let seq = 0;
  return {
    child,
    roundTrip: async () => {
      const answered = answer();
      seq += 1;
      const outcome = await gateway.send(IDENTITY, runtimeFrame(heartbeat, { seq }));
      if (outcome !== 'ok') fail(outcome);
      await answered;
    },
    close: async () => {
      await endEcho(child);
      await gateway.close();
    },
  };
};

const cpuMicros = async (child: ChildProcess): Promise<number> => {
  const answer = once(child, 'message') as Promise<[NodeJS.CpuUsage]>;
  child.send('cpu');
  const [theirs] = await answer;
  const ours = process.cpuUsage();
  return ours.user + ours.system + theirs.user + theirs.system;
};

interface Round {
  readonly p50: number;
  readonly p99: number;
  /** CPU time of both processes per round trip. */
  readonly cpu: number;
}

const measure = async (pinger: Pinger, count: number): Promise<Round> => {
  const samples: number[] = [];
  const before = await cpuMicros(pinger.child);
  for (let i = 0; i < count; i += 1) {
    const start = performance.now();
    await pinger.roundTrip();
    samples.push((performance.now() - start) * 1_000);
  }
  const cpu = ((await cpuMicros(pinger.child)) - before) / count;
  return { p50: median(samples), p99: quantile(samples, 0.99), cpu };
};

/** Microseconds per call: the best of several batches, which other load disturbs least. */
const perCall = (calls: number, run: () => unknown): number => {
  let best = Number.POSITIVE_INFINITY;
  for (let batch = 0; batch < 10; batch += 1) {
    const start = performance.now();
    for (let i = 0; i < calls; i += 1) run();
    best = Math.min(best, ((performance.now() - start) * 1_000) / calls);
  }
  return best;
};

const benchCodec = (): readonly BenchRow[] => {
  const frame = runtimeFrame(placeOrder);
  const parts = encodeFrame(frame);
  const small = encodeFrame(runtimeFrame(heartbeat));
  const ticks: readonly Tick[] = Array.from({ length: WIRE_LIMITS.ticksPerBatch }, (_, i) => ({
    symbol: i % 3 === 0 ? 'XAUUSD' : 'EURUSD',
    at: epochMs(1_400_000_000_000 + i),
    bid: points(138_000 + (i % 100)),
    ask: points(138_002 + (i % 100)),
  }));
  const batch = encodeTicks(ticks);
  const perSecond = (micros: number): number => (ticks.length / micros) * 1e6;
  return [
    { name: 'encode order.place', value: perCall(5_000, () => encodeFrame(frame)), unit: 'µs' },
    {
      name: 'decode order.place',
      value: perCall(5_000, () => decodeRuntimeFrame(parts)),
      unit: 'µs',
    },
    {
      name: 'decode runtime.heartbeat',
      value: perCall(5_000, () => decodeRuntimeFrame(small)),
      unit: 'µs',
    },
    {
      name: 'encode ticks',
      value: perSecond(perCall(3, () => encodeTicks(ticks))),
      unit: 'ticks/s',
    },
    {
      name: 'decode ticks',
      value: perSecond(perCall(3, () => decodeTicks(batch))),
      unit: 'ticks/s',
    },
  ];
};

/**
 * Round trip of a ~200 B message between two processes, through gateway, codec and dealer, beside
 * a bare zeromq.js ROUTER/DEALER echo of the same bytes. Rounds alternate, and the medians over the
 * rounds are compared, so that a busy machine disturbs both alike.
 */
export const benchLink = async (): Promise<readonly BenchRow[]> => {
  const raw = await rawPinger();
  const link = await linkPinger();
  const rawRounds: Round[] = [];
  const linkRounds: Round[] = [];
  await measure(raw, WARM_UP);
  await measure(link, WARM_UP);
  for (let round = 0; round < ROUNDS; round += 1) {
    rawRounds.push(await measure(raw, ROUND_TRIPS));
    linkRounds.push(await measure(link, ROUND_TRIPS));
  }
  await raw.close();
  await link.close();
  const mid = (rounds: readonly Round[], key: keyof Round) => median(rounds.map((r) => r[key]));
  const both = (key: keyof Round, name: string): readonly BenchRow[] => {
    const [ours, theirs] = [mid(linkRounds, key), mid(rawRounds, key)];
    return [
      { name: `link ${name}`, value: ours, unit: 'µs' },
      { name: `raw zeromq.js ${name}`, value: theirs, unit: 'µs' },
      { name: `link/raw ${name}`, value: ours / theirs, unit: '×' },
    ];
  };
  const bytes = encodeFrame(runtimeFrame(heartbeat))[0]?.length ?? 0;
  return [
    { name: 'message', value: bytes, unit: 'B' },
    ...both('p50', 'round trip p50'),
    ...both('p99', 'round trip p99'),
    ...both('cpu', 'CPU of both ends per round trip'),
    ...benchCodec(),
  ];
};
