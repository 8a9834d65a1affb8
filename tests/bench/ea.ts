import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { curveKeyPair, Router } from 'zeromq';
import { compileProgram, hasCompiler } from '../ea/toolchain.ts';
import { type BenchRow, median } from './bench-row.ts';

/**
 * A message of an order's size there and back, through the transport of the Expert Advisor (MQL5,
 * compiled with g++) and through a raw zeromq.js DEALER, each in a process of its own.
 */
const ROUNDS = 5;
const WARM_UP = 300;
const ROUND_TRIPS = 2_000;
const IDENTITY = '1@Echo/ea';
const PAYLOAD = Buffer.alloc(400, 0x61);
const root = fileURLToPath(new URL('../../', import.meta.url));

interface Echo {
  readonly roundTrip: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const echoOf = async (router: Router, start: (endpoint: string) => ChildProcess): Promise<Echo> => {
  await router.bind('tcp://127.0.0.1:*');
  const child = start(router.lastEndpoint ?? '');
  await router.receive();
  return {
    roundTrip: async () => {
      await router.send([IDENTITY, PAYLOAD]);
      await router.receive();
    },
    close: async () => {
      const exited = once(child, 'exit');
      if (child.connected) child.disconnect();
      router.close();
      await exited;
    },
  };
};

const rawEcho = (): Promise<Echo> =>
  echoOf(new Router({ linger: 0 }), (endpoint) =>
    fork(new URL('./link-echo.ts', import.meta.url), ['raw', endpoint, IDENTITY], {
      execArgv: ['--import', 'tsx'],
    }),
  );

const expertEcho = (binary: string, files: string, encrypted: boolean): Promise<Echo> => {
  const runtime = curveKeyPair();
  const router = new Router({ linger: 0 });
  if (encrypted) {
    router.curveServer = true;
    router.curveSecretKey = runtime.secretKey;
  }
  const keys = [
    `InpServerKey=${runtime.publicKey}`,
    `InpSecretKey=${curveKeyPair().secretKey}`,
    `InpPoolSeed=${curveKeyPair().secretKey}`,
  ];
  return echoOf(router, (endpoint) => {
    const inputs = [`InpEndpoint=${endpoint}`, ...(encrypted ? keys : [])];
    const env = { PATH: process.env['PATH'] ?? '', MQL_INPUTS: inputs.join('\n') };
    const places = { MQL_FILES: files, MQL_ALLOWED_HOSTS: '127.0.0.1' };
    return spawn(binary, [], { env: { ...env, ...places }, stdio: 'ignore' });
  });
};

const measure = async ({ roundTrip }: Echo, count: number): Promise<number> => {
  const samples: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const start = performance.now();
    await roundTrip();
    samples.push((performance.now() - start) * 1_000);
  }
  return median(samples);
};

const linesOfMql5 = (): number =>
  readdirSync(join(root, 'mql5'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.mq[5h]$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8').split('\n').length - 1)
    .reduce((sum, lines) => sum + lines, 0);

/** Medians of rounds in turn, so that a busy moment of the machine meets all three alike. */
const p50s = async (echoes: readonly Echo[]): Promise<readonly number[]> => {
  const rounds = echoes.map((): number[] => []);
  for (const echo of echoes) await measure(echo, WARM_UP);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [index, echo] of echoes.entries())
      rounds[index]?.push(await measure(echo, ROUND_TRIPS));
  return rounds.map(median);
};

export const benchEa = async (): Promise<readonly BenchRow[]> => {
  const lines: BenchRow = { name: 'MQL5, comments included', value: linesOfMql5(), unit: 'lines' };
  if (!hasCompiler()) {
    console.warn('SKIPPED: there is no g++ here, so only the lines are counted');
    return [lines];
  }
  const binary = compileProgram(join(root, 'tests/ea/programs/echo.mq5'), { fast: true });
  const files = mkdtempSync(join(tmpdir(), 'bulwark-echo-'));
  const echoes = [
    await rawEcho(),
    await expertEcho(binary, files, false),
    await expertEcho(binary, files, true),
  ];
  try {
    const [raw = Number.NaN, plain = Number.NaN, sealed = Number.NaN] = await p50s(echoes);
    return [
      { name: 'raw zeromq.js DEALER, p50', value: raw, unit: 'µs' },
      { name: "the EA's transport, p50", value: plain, unit: 'µs' },
      { name: "the EA's transport with CURVE, p50", value: sealed, unit: 'µs' },
      { name: "the EA's transport to raw", value: plain / raw, unit: '×' },
      { name: "the EA's transport with CURVE to raw", value: sealed / raw, unit: '×' },
      lines,
    ];
  } finally {
    for (const echo of echoes) await echo.close();
    rmSync(files, { recursive: true, force: true });
  }
};
