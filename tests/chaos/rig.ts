import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isAlive, processStart } from '../../src/actors/process-identity.ts';
import { freePort } from '../support/free-port.ts';
import { walkedBars } from '../support/generated-market.ts';
import { writeMarketFile } from '../support/market-files.ts';
import { ChaosProxy } from './proxy.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** Market seconds per wall second: a day and a half then lasts a few seconds. */
const SPEED = '20000';
const RESTART_MS = 200;
const DISK_KIB = 65_536;

/** One runtime with its terminal behind a proxy, in a folder of their own; both are the processes
 * that a user starts. A runtime that died is started again, as systemd does it; a terminal that died
 * by the runtime's own watchdog. */
export class Rig {
  readonly dir: string;
  readonly dataDir: string;
  readonly proxy: ChaosProxy;
  readonly #args: readonly string[];
  readonly #ownDisk: boolean;
  #child: ChildProcess | undefined;
  #closing = false;
  #stdout = '';
  #stderr = '';
  /** Exit code of the run that came to the end of the data. */
  finished: { readonly code: number; readonly stdout: string } | undefined;
  starts = 0;

  private constructor(dir: string, proxy: ChaosProxy, args: readonly string[], ownDisk: boolean) {
    this.dir = dir;
    this.dataDir = join(dir, 'data');
    this.proxy = proxy;
    this.#args = args;
    this.#ownDisk = ownDisk;
  }

  static async open(dir: string, seed: number): Promise<Rig> {
    const dataDir = join(dir, 'data');
    mkdirSync(dataDir, { recursive: true });
    const ownDisk = mount(dataDir);
    const port = await freePort();
    const proxy = await ChaosProxy.open(() => port);
    const bars = walkedBars({ seed, from: '2024-02-08 00:00:00', to: '2024-02-09 12:00:00' });
    const file = writeMarketFile(dir, 'EURUSD_M1.csv', bars);
    const config = join(dir, 'bulwark.config.json');
    const market = ['--replay', file, '--speed', SPEED, '--config', config];
    const ledger = join(dir, 'ledger.ndjson');
    const terminal = join(dataDir, 'terminal');
    const dial = ['--connect', `tcp://127.0.0.1:${proxy.port}`, '--terminal-dir', terminal];
    writeFileSync(
      config,
      JSON.stringify({
        link: { port },
        strategies: [{ use: 'atr-breakout', symbol: 'EURUSD', timeframe: 'M5' }],
        terminal: {
          command: process.execPath,
          args: [MAIN, 'terminal', ...market, ...dial, '--ledger', ledger],
          restart: { intensity: 1000, backoffInitialMs: 300, backoffMaxMs: 1_000 },
        },
      }),
    );
    const rig = new Rig(dir, proxy, ['run', ...market, '--data-dir', dataDir, '--json'], ownDisk);
    rig.start();
    return rig;
  }

  /** A copy of the terminal's own ledger, outside of the disk that runs full. */
  get ledger(): string {
    return join(this.dir, 'ledger.ndjson');
  }
  get canFill(): boolean {
    return this.#ownDisk;
  }
  get said(): string {
    return this.#stderr.slice(-4_000);
  }

  start(): void {
    if (this.#closing) return;
    this.starts += 1;
    this.#stdout = '';
    const child = spawn(process.execPath, [MAIN, ...this.#args], {
      cwd: this.dir,
      env: { PATH: process.env['PATH'], HOME: this.dir, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-20_000);
    });
    child.once('close', (code) => this.#ended(code));
  }

  /** Undefined while it is down. */
  get runtimePid(): number | undefined {
    const child = this.#child;
    return child?.exitCode === null && child.signalCode === null ? child.pid : undefined;
  }

  get terminalPid(): number | undefined {
    const file = join(this.dataDir, 'terminal', 'process.json');
    try {
      const { pid, start } = JSON.parse(readFileSync(file, 'utf8')) as {
        pid: number;
        start: string;
      };
      return isAlive(pid) && processStart(pid) === start ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  /** Leaves no room on the disk; undone by `room`. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.dataDir);
    try {
      writeFileSync(join(this.dataDir, 'ballast'), Buffer.alloc(bavail * bsize));
    } catch (error) {
      // The processes write meanwhile: full is what it is to be.
      if (!String(error).includes('ENOSPC')) throw error;
    }
  }
  room(): void {
    if (existsSync(this.dataDir)) rmSync(join(this.dataDir, 'ballast'), { force: true });
  }

  /** Ends both processes, whatever they do, and leaves nothing behind. */
  async close(): Promise<void> {
    this.#closing = true;
    const living = [this.terminalPid, this.runtimePid].filter((pid) => pid !== undefined);
    for (const pid of living) kill(pid, 'SIGKILL');
    while (living.some(isAlive)) await pause(10);
    const late = this.terminalPid;
    if (late !== undefined) kill(late, 'SIGKILL');
    this.proxy.close();
    if (this.#ownDisk) spawnSync('/usr/bin/env', ['umount', '-l', this.dataDir]);
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  #ended(code: number | null): void {
    if (code === 0) this.finished = { code, stdout: this.#stdout };
    else if (!this.#closing) void pause(RESTART_MS).then(() => this.start());
  }
}

/** Signals a process that may have ended meanwhile. */
export const kill = (pid: number, signal: NodeJS.Signals): boolean => {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
};

/** A small file system of its own, where this process may mount one. */
const mount = (directory: string): boolean =>
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync('/usr/bin/env', ['mount', '-t', 'tmpfs', '-o', `size=${DISK_KIB}k`, 'tmpfs', directory])
    .status === 0;
