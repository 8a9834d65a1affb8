/** One process at a time, by the exclusive creation of a file that names its holder. */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const POLL_MS = 25;
const TIMEOUT_MS = 120_000;

const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM'; // It lives, under another user.
  }
};

const holderOf = (path) => {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // Released between our attempt and this look.
  }
};

/** Links a complete file into place, so that nobody ever reads a lock without its holder. */
const tryAcquire = (path) => {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(own, { force: true });
  }
};

/** Runs `work` while holding the lock. A lock whose holder died is removed; a live one is waited
 * for, two minutes at most. */
export const withLock = (path, work) => {
  mkdirSync(dirname(path), { recursive: true });
  for (let waitedMs = 0; !tryAcquire(path); waitedMs += POLL_MS) {
    const holder = holderOf(path);
    if (holder !== undefined && !isAlive(holder)) rmSync(path, { force: true });
    else if (waitedMs >= TIMEOUT_MS) throw new Error(`${path} is held by process ${holder}`);
    else sleep(POLL_MS);
  }
  try {
    return work();
  } finally {
    if (holderOf(path) === process.pid) rmSync(path, { force: true });
  }
};
