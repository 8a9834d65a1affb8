import { closeSync, fsyncSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes all of it; a single write may be cut short by the operating system. */
export const writeAll = (fd: number, text: string): void => {
  const bytes = Buffer.from(text, 'utf8');
  let written = 0;
  while (written < bytes.length)
    written += writeSync(fd, bytes, written, bytes.length - written, null);
};

/** Makes names created or renamed in a directory survive a power cut. */
export const syncDirectory = (directory: string): void => {
  const fd = openSync(directory, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

/** A file that exists whole or not at all. */
export const createWhole = (path: string, text: string): void => {
  const temporary = `${path}.tmp`;
  const fd = openSync(temporary, 'w');
  try {
    writeAll(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  syncDirectory(dirname(path));
};

/** Cuts off what follows the first `bytes` bytes: the torn line of a writer that died. */
export const cutTo = (path: string, bytes: number): void => {
  const fd = openSync(path, 'r+');
  try {
    ftruncateSync(fd, bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

export interface Lines {
  readonly lines: readonly string[];
  /** Bytes up to and including the last complete line. */
  readonly completeBytes: number;
  readonly torn: boolean;
}

/** Complete lines of a file's content; what follows the last newline is torn. */
export const completeLines = (content: Buffer): Lines => {
  const completeBytes = content.lastIndexOf(0x0a) + 1;
  const text = content.toString('utf8', 0, completeBytes);
  const lines = text === '' ? [] : text.slice(0, -1).split('\n');
  return { lines, completeBytes, torn: completeBytes < content.length };
};
