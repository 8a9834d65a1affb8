import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { readPlace } from '../actors/control/control-endpoint.ts';
import { CONTROL_LIMITS } from '../actors/control/control-limits.ts';
import {
  CONTROL_VERSION,
  type ControlAnswer,
  type ControlRequest,
} from '../actors/control/control-protocol.ts';
import { ambientClock } from '../actors/kernel/ambient-clock.ts';
import { isAlive } from '../actors/process-identity.ts';
import { JOURNAL_FILE } from '../journal/files.ts';
import { holderPid } from '../journal/instance-lock.ts';
import { CliError } from './cli-error.ts';

/** Wall time that a client waits: the runtime's own bounds end before it. */
const ANSWER_MS = 20_000;

/** A runtime's folder below which somebody listens now. */
export const isListening = (dataDir: string): boolean => {
  const place = readPlace(dataDir);
  return place !== undefined && isAlive(place.pid);
};

/**
 * The folder that is meant. A replay lives in a folder of its own below `runs`: where nothing runs
 * in the folder itself, the only one that runs below it is meant.
 */
export const meantFolder = (dataDir: string): string => {
  if (isListening(dataDir)) return dataDir;
  const runs = join(dataDir, 'runs');
  const below = existsSync(runs) ? readdirSync(runs).map((name) => join(runs, name)) : [];
  const living = below.filter(isListening);
  if (living.length > 1) {
    throw new CliError(
      `several runs are going on: ${living.join(', ')}`,
      'name the folder with --data-dir',
    );
  }
  return living[0] ?? dataDir;
};

const noRuntime = (dataDir: string): CliError =>
  new CliError(
    existsSync(join(dataDir, JOURNAL_FILE))
      ? `no runtime runs in ${dataDir}`
      : `${dataDir} holds no run`,
    'start one with `bulwark run`, or name its folder with --data-dir',
  );

type Order = Pick<ControlRequest, 'account' | 'by' | 'command'>;

/** One order, one answer. Rejects with a CliError when nobody answers there. A runtime that is just
 * starting, or whose socket is being restarted, is waited for. */
export const askRuntime = async (dataDir: string, order: Order): Promise<ControlAnswer> => {
  for (let tries = 0; tries < START_TRIES && isStarting(dataDir); tries += 1) {
    await new Promise<void>((wake) => {
      ambientClock.schedule(START_POLL_MS, wake);
    });
  }
  return askOnce(dataDir, order);
};
const START_POLL_MS = 100;
const START_TRIES = 50;

const isStarting = (dataDir: string): boolean => {
  const holder = holderPid(dataDir);
  return holder !== null && isAlive(holder) && !isListening(dataDir);
};

const askOnce = (dataDir: string, order: Order): Promise<ControlAnswer> => {
  const place = readPlace(dataDir);
  if (place === undefined) return Promise.reject(noRuntime(dataDir));
  const request: ControlRequest = { v: CONTROL_VERSION, id: '1', ...order };
  return new Promise((resolve, reject) => {
    const socket = connect(place.endpoint);
    let text = '';
    const end = (settle: () => void): void => {
      timer.cancel();
      socket.destroy();
      settle();
    };
    const silent = (): CliError =>
      new CliError(
        `the runtime in ${dataDir} (pid ${place.pid}) gave no answer`,
        `look at it, or put a file named KILL into ${dataDir}`,
      );
    const timer = ambientClock.schedule(ANSWER_MS, () => end(() => reject(silent())));
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('data', (chunk: string) => {
      text += chunk;
      const line = text.indexOf('\n');
      if (line >= 0) end(() => resolve(JSON.parse(text.slice(0, line)) as ControlAnswer));
      else if (text.length > CONTROL_LIMITS.replyBytes) end(() => reject(silent()));
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const gone = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
      end(() => reject(gone ? noRuntime(dataDir) : silent()));
    });
    socket.on('close', () => end(() => reject(silent())));
  });
};
