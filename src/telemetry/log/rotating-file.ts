import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** The file that is written to; older ones have a number, 1 being the last that was full. */
export const LOG_FILE = 'bulwark.ndjson';
export const olderLogFile = (age: number): string => `bulwark.${age}.ndjson`;

export interface RotatingFileOptions {
  readonly dir: string;
  readonly maxBytes: number;
  /** All files, the one that is written to included. */
  readonly maxFiles: number;
}

interface OpenFile {
  readonly fd: number;
  readonly ino: number;
  bytes: number;
  /** What was written last ends in the middle of a line. */
  torn: boolean;
}

/**
 * A file of lines that gives way to a new one before it grows over `maxBytes`; of the old ones the
 * last few are kept. Everything is synchronous: it belongs into a thread of its own. Whatever fails
 * throws, and the next write begins anew, on a line of its own.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  #open: OpenFile | undefined;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
  }

  /** Appends a line with its line feed. A line is never divided between two files. */
  write(line: string): void {
    try {
      this.#append(Buffer.from(line, 'utf8'));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined) closeSync(open.fd);
  }

  #append(bytes: Buffer): void {
    let open = this.#opened();
    if (open.bytes > 0 && open.bytes + bytes.length > this.#options.maxBytes) {
      this.#rotate();
      open = this.#opened();
    }
    const whole = open.torn ? Buffer.concat([Buffer.from('\n'), bytes]) : bytes;
    for (let done = 0; done < whole.length; ) {
      const count = writeSync(open.fd, whole, done);
      open.bytes += count;
      done += count;
      open.torn = done < whole.length;
    }
  }

  #opened(): OpenFile {
    const { dir } = this.#options;
    const file = join(dir, LOG_FILE);
    if (this.#open !== undefined) {
      // Somebody who took the file away wants the next lines in a new one.
      if (statSync(file, { throwIfNoEntry: false })?.ino === this.#open.ino) return this.#open;
      this.close();
    }
    if (!existsSync(dir)) mkdirSync(dir, { mode: 0o700 });
    const fd = openSync(file, 'a+', 0o600);
    const { ino, size } = fstatSync(fd);
    this.#open = { fd, ino, bytes: size, torn: endsInHalfALine(fd, size) };
    return this.#open;
  }

  #rotate(): void {
    const { dir, maxFiles } = this.#options;
    const place = (age: number): string => join(dir, age === 0 ? LOG_FILE : olderLogFile(age));
    this.close();
    rmSync(place(maxFiles - 1), { force: true });
    for (let age = maxFiles - 2; age >= 0; age -= 1) {
      if (existsSync(place(age))) renameSync(place(age), place(age + 1));
    }
  }
}

/** A process that was killed may have left half of a line. */
const endsInHalfALine = (fd: number, size: number): boolean => {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last.toString() !== '\n';
};
