import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** True while a process with this pid exists and is not a zombie waiting for its parent. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return statFields(pid)?.[0] !== 'Z';
};

/**
 * When the process started, as an opaque text: pids are used again, a pid with the same start is
 * the same process. Linux: clock ticks since boot (proc(5), stat field 22); elsewhere what `ps`
 * says; empty when the process is gone.
 */
export const processStart = (pid: number): string => {
  const fields = statFields(pid);
  if (fields !== undefined) return fields[19] ?? '';
  if (process.platform === 'win32') return 'unknown';
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
};

/**
 * The oldest living process that was started with this variable in its environment: what a process
 * is for, known without any file. Linux only; undefined elsewhere, and for processes of others.
 */
export const processWith = (variable: string, value: string): number | undefined => {
  const wanted = `${variable}=${value}`;
  return procPids()
    .filter((pid) => pid !== process.pid && environmentOf(pid).includes(wanted) && isAlive(pid))
    .sort((a, b) => Number(processStart(a)) - Number(processStart(b)) || a - b)[0];
};

const procPids = (): readonly number[] => {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
};

const environmentOf = (pid: number): readonly string[] => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
};

/** Fields of /proc/PID/stat from the state on; the name before may hold spaces and parentheses. */
const statFields = (pid: number): readonly string[] | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
};
