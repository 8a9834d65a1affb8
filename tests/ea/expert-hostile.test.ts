import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { compiledExpert, ExpertBench } from './expert-bench.ts';
import { hasCompiler } from './toolchain.ts';

const present = hasCompiler();
if (!present)
  console.warn('SKIPPED: there is no g++ here, so the Expert Advisor met no hostile peer');

/** ZMTP 3.0 as a server without keys greets: signature, version, mechanism, no server, filler. */
const greeting = Buffer.alloc(64);
greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0]);
greeting.write('NULL', 12, 'latin1');
const ready = Buffer.from('\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06ROUTER', 'latin1');
/** A frame of 127 bytes, no BWP/1 in it. */
const rubbish = Buffer.concat([Buffer.from([0, 127]), Buffer.alloc(127, 0x5a)]);
/** A frame that announces more bytes than there is memory. */
const endless = Buffer.from([2, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);

const dribble = (socket: Socket): void => {
  let sent = 0;
  const timer = setInterval(() => {
    socket.write(greeting.subarray(sent, sent + 1));
    sent += 1;
  }, 100);
  socket.on('close', () => clearInterval(timer));
};

/** What a peer does to whoever dials it, and what the EA says of it. */
const HOSTILE: readonly (readonly [string, string, (socket: Socket) => void])[] = [
  ['garbage', 'does not speak ZMTP 3', (socket) => socket.write(Buffer.alloc(4_096, 0x5a))],
  ['half a greeting', 'no handshake in time', (socket) => socket.write(greeting.subarray(0, 20))],
  ['one byte after the other', 'no handshake in time', dribble],
  [
    'a frame without an end',
    'does not allow here',
    (it) => it.write(Buffer.concat([greeting, ready, endless])),
  ],
  [
    'the end of the connection',
    'the connection ended',
    (socket) => socket.end(greeting.subarray(0, 20)),
  ],
];

/** More than it could hide in its memory, which the sanitizers make twice as large. */
const FLOOD_MIB = 64;
/** 0 where the system does not tell. */
const residentMib = (pid: number | undefined): number => {
  const file = `/proc/${pid}/status`;
  const [, kib] = existsSync(file) ? (/VmRSS:\s+(\d+)/.exec(readFileSync(file, 'utf8')) ?? []) : [];
  return Number(kib ?? 0) / 1_024;
};

const hostilePort = async (act: (socket: Socket) => void): Promise<number> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    act(socket);
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
};

describe.runIf(present)('a hostile runtime does the Expert Advisor no harm', () => {
  beforeAll(() => void compiledExpert(), 180_000);

  it('below the messages: it is left with a reason, and the next runtime is served', async () => {
    await Promise.all(
      HOSTILE.map(async ([what, reason, act]) => {
        const bench = await ExpertBench.open();
        const endpoint = `tcp://127.0.0.1:${await hostilePort(act)},${bench.gateway.endpoint}`;
        await bench.terminal.start({ InpEndpoints: endpoint });
        // A connection attempt, its five seconds, and the pause before the next one.
        const said = (): unknown => bench.all[0]?.body.kind;
        await expect.poll(said, { timeout: 25_000, message: what }).toBe('hello');
        expect(bench.terminal.printed.join('\n'), what).toContain(reason);
      }),
    );
  }, 30_000);

  it('with a flood of rubbish messages: it logs one line a minute, and goes on', async () => {
    const bench = await ExpertBench.open();
    const port = await hostilePort((socket) => {
      socket.write(Buffer.concat([greeting, ready]));
      const flood = Buffer.concat(Array.from({ length: 500 }, () => rubbish));
      for (let sent = 0; sent < FLOOD_MIB * 16; sent += 1) socket.write(flood);
    });
    await bench.terminal.start({ InpEndpoints: `tcp://127.0.0.1:${port}` });
    const before = residentMib(bench.terminal.pid);
    await expect
      .poll(() => bench.terminal.printed.join('\n'), { timeout: 10_000 })
      .toContain('malformed message(s)');
    expect(bench.terminal.running).toBe(true);
    expect(residentMib(bench.terminal.pid) - before).toBeLessThan(FLOOD_MIB / 2);
    // One line a minute, however many messages they were.
    const lines = bench.terminal.printed.filter((line) => line.includes('malformed'));
    expect(lines).toHaveLength(1);
  });
});
