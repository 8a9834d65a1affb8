import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { MarketDataError } from './errors.ts';
import { MARKET_LIMITS } from './limits.ts';

/** One line without its end (`\n` or `\r\n`), as bytes [from, to) of a buffer that is only valid
 * during the call. `line` counts from 1. */
export type OnLine = (bytes: Buffer, from: number, to: number, line: number) => void;

const CHUNK_BYTES = 256 * 1024;
const LF = 10;
const CR = 13;
const EXPORT_AGAIN = 'Export the file again from MetaTrader 5 or name another one';

interface SystemFault {
  readonly reason: string;
  readonly remedy: string;
  /** True when content was reached, so that a line can be named. */
  readonly inContent: boolean;
}

/** What a failure of file system or zlib means to the person who named the file. */
const systemFault = (code: string): SystemFault => {
  const gzip = { remedy: 'Copy or download the file again', inContent: true };
  if (code === 'Z_BUF_ERROR') return { reason: 'the gzip is truncated', ...gzip };
  if (code.startsWith('Z_')) return { reason: 'the gzip is corrupt', ...gzip };
  if (code === 'ENOENT') {
    return { reason: 'the file does not exist', remedy: 'Check the path', inContent: false };
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const remedy = 'Give this user the right to read it';
    return { reason: 'the file may not be read', remedy, inContent: false };
  }
  const reason = `the file cannot be read (${code})`;
  return { reason, remedy: 'Check the path and the disk', inContent: false };
};

/** The error itself when it says what is wrong, otherwise what the system's error code means. */
const faultOf = (error: unknown, file: string, line: number): unknown => {
  if (error instanceof MarketDataError) return error;
  if (!(error instanceof Error) || !('code' in error)) return error;
  const { reason, remedy, inContent } = systemFault(String(error.code));
  return new MarketDataError({ file, line: inContent ? Math.max(1, line) : 0, reason, remedy });
};

/** Size in bytes and whether it is a gzip (by its first bytes, not by its name). */
const inspect = async (
  file: string,
): Promise<{ readonly size: number; readonly gzip: boolean }> => {
  const info = await stat(file);
  if (!info.isFile()) {
    const reason = info.isDirectory()
      ? 'this is a directory, not a file'
      : 'this is not a regular file';
    throw new MarketDataError({ file, line: 0, reason, remedy: 'Name a CSV file, plain or .gz' });
  }
  if (info.size === 0) {
    throw new MarketDataError({ file, line: 1, reason: 'the file is empty', remedy: EXPORT_AGAIN });
  }
  const handle = await open(file, 'r');
  try {
    const head = Buffer.alloc(2);
    await handle.read(head, 0, 2, 0);
    const gzip = head[0] === 0x1f && head[1] === 0x8b;
    if (!gzip && file.endsWith('.gz')) {
      throw new MarketDataError({
        file,
        line: 1,
        reason: 'the name ends in .gz but this is not a gzip',
        remedy: 'Rename the file or pack it with gzip',
      });
    }
    return { size: info.size, gzip };
  } finally {
    await handle.close();
  }
};

/** Turns UTF-16LE (MT5's "Unicode" exports) into one byte per character. Prices and dates are
 * ASCII; any other character becomes `?`, which the field parsers refuse. */
class Narrower {
  private carry: number | undefined;

  narrow(chunk: Buffer): Buffer {
    const bytes =
      this.carry === undefined ? chunk : Buffer.concat([Buffer.from([this.carry]), chunk]);
    this.carry = bytes.length % 2 === 1 ? bytes[bytes.length - 1] : undefined;
    const narrowed = Buffer.allocUnsafe(bytes.length >> 1);
    for (let index = 0; index < narrowed.length; index += 1) {
      const high = bytes[2 * index + 1];
      narrowed[index] = high === 0 ? (bytes[2 * index] ?? 63) : 63;
    }
    return narrowed;
  }
}

/** Splits chunks into lines; what is left of a chunk waits for the next one. */
class LineSplitter {
  private readonly file: string;
  private readonly onLine: OnLine;
  private rest: Buffer = Buffer.alloc(0);
  private narrower: Narrower | undefined;
  private started = false;
  line = 0;

  constructor(file: string, onLine: OnLine) {
    this.file = file;
    this.onLine = onLine;
  }

  push(chunk: Buffer): void {
    const incoming = this.narrower === undefined ? chunk : this.narrower.narrow(chunk);
    let bytes = this.rest.length === 0 ? incoming : Buffer.concat([this.rest, incoming]);
    if (!this.started) {
      // A byte-order mark may be cut by the first chunk; three bytes decide.
      if (bytes.length < 3) {
        this.rest = bytes;
        return;
      }
      bytes = this.start(bytes);
    }
    let from = 0;
    for (let end = bytes.indexOf(LF, from); end !== -1; end = bytes.indexOf(LF, from)) {
      this.emit(bytes, from, end);
      from = end + 1;
    }
    // Copied because the stream may reuse its chunk.
    this.rest = Buffer.from(bytes.subarray(from));
    if (this.rest.length > MARKET_LIMITS.maxLineBytes) this.refuseLength();
  }

  end(): void {
    if (!this.started && this.rest.length > 0) this.rest = this.start(this.rest);
    if (this.rest.length > 0) this.emit(this.rest, 0, this.rest.length);
  }

  private start(bytes: Buffer): Buffer {
    this.started = true;
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return bytes.subarray(3);
    if (bytes[0] !== 0xff || bytes[1] !== 0xfe) return bytes;
    this.narrower = new Narrower();
    return this.narrower.narrow(bytes.subarray(2));
  }

  private emit(bytes: Buffer, from: number, end: number): void {
    this.line += 1;
    if (end - from > MARKET_LIMITS.maxLineBytes) this.refuseLength();
    const to = end > from && bytes[end - 1] === CR ? end - 1 : end;
    this.onLine(bytes, from, to, this.line);
  }

  private refuseLength(): never {
    throw new MarketDataError({
      file: this.file,
      line: this.line + 1,
      reason: `a line is longer than ${MARKET_LIMITS.maxLineBytes} bytes, so this is not an MT5 export`,
      remedy: EXPORT_AGAIN,
    });
  }
}

/**
 * Reads a text file, plain or gzip, UTF-8 or UTF-16LE, and calls `onLine` for each line; resolves
 * with the number of lines. Rejects with MarketDataError for anything wrong with the file, and with
 * whatever `onLine` throws; the file is closed in every case. `onProgress` gets the fraction of the
 * file's bytes read, 0..1.
 */
export const readLines = async (
  file: string,
  onLine: OnLine,
  onProgress?: (fraction: number) => void,
): Promise<number> => {
  const splitter = new LineSplitter(file, onLine);
  // pipeline reports a throw of its last stage as an abort; the real cause is kept here.
  const refusals: unknown[] = [];
  try {
    const { size, gzip } = await inspect(file);
    const disk = createReadStream(file, { highWaterMark: CHUNK_BYTES });
    const consume = async (source: AsyncIterable<Buffer>): Promise<void> => {
      for await (const chunk of source) {
        try {
          splitter.push(chunk);
          onProgress?.(Math.min(1, disk.bytesRead / size));
        } catch (error) {
          refusals.push(error);
          throw error;
        }
      }
    };
    // pipeline settles once for all of its streams, so a corrupt gzip rejects and nothing dangles.
    if (gzip) await pipeline(disk, createGunzip({ chunkSize: CHUNK_BYTES }), consume);
    else await pipeline(disk, consume);
    splitter.end();
    return splitter.line;
  } catch (caught) {
    throw faultOf(refusals.length > 0 ? refusals[0] : caught, file, splitter.line);
  }
};

/** Rejects with MarketDataError when the file is missing, empty, or nothing that could be read. */
export const checkReadable = async (file: string): Promise<void> => {
  try {
    await inspect(file);
  } catch (error) {
    throw faultOf(error, file, 0);
  }
};
