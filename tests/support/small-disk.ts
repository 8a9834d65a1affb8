import { spawnSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from './temporary-directory.ts';

const mountAt = (directory: string, kib: number): boolean =>
  spawnSync('/usr/bin/env', ['mount', '-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', directory])
    .status === 0;
const unmount = (directory: string): void => {
  spawnSync('/usr/bin/env', ['umount', '-l', directory]);
};

/** True where this process may mount a small file system of its own, as root in a container. */
export const canMount = ((): boolean => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const probe = spawnSync('sh', [
    '-c',
    'd=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs "$d" && umount "$d"; s=$?; rmdir "$d"; exit $s',
  ]);
  return probe.status === 0;
})();

/** A file system of that size, really full when it is full. Gone with the test. */
export const smallDisk = (kib: number): string => {
  const directory = temporaryDirectory();
  if (!mountAt(directory, kib)) throw new Error(`no file system could be mounted at ${directory}`);
  onTestFinished(() => unmount(directory));
  return directory;
};
