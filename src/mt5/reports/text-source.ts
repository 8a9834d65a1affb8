import { createReadStream } from 'node:fs';
import { TextDecoder } from 'node:util';
import { AccountFileError } from './errors.ts';
import { ACCOUNT_FILE_LIMITS } from './limits.ts';
import { encodingOf } from './text-encoding.ts';

const CHUNK_BYTES = 256 * 1024;

const SYSTEM_FAULTS: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['the file does not exist', 'Check the path'],
  EISDIR: ['this is a directory, not a file', 'Name a file'],
  EACCES: ['the file may not be read', 'Give this user the right to read it'],
  EPERM: ['the file may not be read', 'Give this user the right to read it'],
};

const faultOf = (error: unknown, file: string): unknown => {
  if (!(error instanceof Error) || !('code' in error)) return error;
  const code = String(error.code);
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    const reason = 'the file is neither UTF-8 nor UTF-16';
    return new AccountFileError({ file, line: 0, reason, remedy: 'Save it again as UTF-8' });
  }
  if (!/^E[A-Z]+$/.test(code)) return error;
  const known = SYSTEM_FAULTS[code] ?? [`the file cannot be read (${code})`, 'Check the path'];
  return new AccountFileError({ file, line: 0, reason: known[0], remedy: known[1] });
};

/**
 * Reads a text file piece by piece: UTF-8, or UTF-16 of either byte order as MetaTrader writes its
 * reports; a byte-order mark is taken off. Rejects with AccountFileError for a file that cannot be
 * read or is no text, and with whatever `onText` throws; the file is closed in every case.
 */
export const readText = async (file: string, onText: (text: string) => void): Promise<void> => {
  let decoder: TextDecoder | undefined;
  try {
    const source: AsyncIterable<Buffer> = createReadStream(file, { highWaterMark: CHUNK_BYTES });
    for await (const chunk of source) {
      decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
      onText(decoder.decode(chunk, { stream: true }));
    }
    if (decoder !== undefined) onText(decoder.decode());
  } catch (error) {
    throw faultOf(error, file);
  }
};

/** Cuts text into lines without their ends (`\n` or `\r\n`); `line` counts from 1. */
export class LineCutter {
  private readonly file: string;
  private readonly onLine: (text: string, line: number) => void;
  private rest = '';
  private line = 0;

  constructor(file: string, onLine: (text: string, line: number) => void) {
    this.file = file;
    this.onLine = onLine;
  }

  push(text: string): void {
    const whole = this.rest + text;
    let from = 0;
    for (let end = whole.indexOf('\n'); end !== -1; end = whole.indexOf('\n', from)) {
      this.emit(whole.slice(from, end));
      from = end + 1;
    }
    this.rest = whole.slice(from);
    if (this.rest.length > ACCOUNT_FILE_LIMITS.maxLineChars) {
      const reason = `a line is longer than ${ACCOUNT_FILE_LIMITS.maxLineChars} characters`;
      const remedy = 'Write one event per line';
      throw new AccountFileError({ file: this.file, line: this.line + 1, reason, remedy });
    }
  }

  end(): void {
    if (this.rest !== '') this.emit(this.rest);
    this.rest = '';
  }

  private emit(text: string): void {
    this.line += 1;
    this.onLine(text.endsWith('\r') ? text.slice(0, -1) : text, this.line);
  }
}
