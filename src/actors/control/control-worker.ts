import { spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ambientClock } from '../kernel/ambient-clock.ts';
import { createBrake } from './brake.ts';
import { controlFile, killFile, writePlace } from './control-endpoint.ts';
import { CONTROL_LIMITS } from './control-limits.ts';
import { serveLines } from './control-lines.ts';
import { OrderBook } from './control-orders.ts';
import type { FromMain, ToMain } from './control-protocol.ts';

/** What the thread is told at its birth. */
export interface ControlThreadData {
  readonly dataDir: string;
  readonly endpoint: string;
  readonly brake: SharedArrayBuffer;
  /** How to start this program again when the main thread never comes back; null: not at all. */
  readonly successor: { readonly command: string; readonly args: readonly string[] } | null;
}

/**
 * The thread of the control socket. It shares nothing with the main thread but a port and the
 * brake's memory, so that a strategy which spins, or a replay at full speed, cannot keep it from
 * reading an order and from stopping what opens risk.
 */
const serve = (port: MessagePort, data: ControlThreadData): void => {
  const { dataDir, endpoint } = data;
  const tell = (message: ToMain): void => port.postMessage(message);
  const orders = new OrderBook({
    clock: ambientClock,
    brake: createBrake(data.brake),
    tell,
    lastResort: (reason) => lastResort(data, reason),
  });
  const server = createServer((socket) => serveLines(socket, orders));
  server.maxConnections = CONTROL_LIMITS.connections;
  // The folder is ours alone, so nobody connects between these two steps.
  server.listen(endpoint, () => {
    if (process.platform !== 'win32') chmodSync(endpoint, 0o600);
    writePlace(dataDir, { endpoint, pid: process.pid });
    tell({ type: 'listening', endpoint });
  });
  watchKillFile(dataDir, (reason) => orders.killByFile(reason));
  port.on('message', (message: FromMain) => {
    if (message.type === 'close') close(port, server, dataDir);
    else orders.hear(message);
  });
};

const close = (port: MessagePort, server: Server, dataDir: string): void => {
  rmSync(controlFile(dataDir), { force: true });
  server.close();
  port.close();
  process.exit(0);
};

/** Says once when the file appears, and once at the start when it lies there already. */
const watchKillFile = (dataDir: string, kill: (reason: string) => void): void => {
  const file = killFile(dataDir);
  let seen = false;
  const look = (): void => {
    const there = existsSync(file);
    if (there && !seen) kill(reasonIn(file));
    seen = there;
    ambientClock.schedule(CONTROL_LIMITS.killFilePollMs, look);
  };
  look();
};

const reasonIn = (file: string): string => {
  try {
    const [line = ''] = readFileSync(file, 'utf8').slice(0, 1_000).split('\n');
    return line.trim() === '' ? 'the KILL file' : `the KILL file: ${line.trim()}`;
  } catch {
    return 'the KILL file';
  }
};

/**
 * The main thread does not come back. A lock on the disk, a successor that finds it there, and the
 * end of this process: whatever is killed here is killed at a moment that it must survive anyway.
 */
const lastResort = ({ dataDir, successor }: ControlThreadData, reason: string): void => {
  const fd = openSync(killFile(dataDir), 'w', 0o600);
  writeSync(fd, `${reason}\n`);
  fsyncSync(fd);
  closeSync(fd);
  if (successor !== null) {
    const { command, args } = successor;
    spawn(command, [...args, '--successor-of', String(process.pid)], {
      detached: true,
      stdio: 'inherit',
    }).unref();
  }
  process.kill(process.pid, 'SIGKILL');
};

if (parentPort === null) throw new Error('control-worker.js must be started as a worker thread');
serve(parentPort, workerData);
