import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import type { Fields } from './rows.ts';

/** What the terminal's side answers: rows of fields, or an error code of MQL5 (with a row, if any). */
export type Reply =
  | { readonly ok: true; readonly rows: readonly Fields[] }
  | { readonly ok: false; readonly error: number; readonly row?: Fields };

export const rows = (...list: readonly Fields[]): Reply => ({ ok: true, rows: list });
export const failure = (error: number, row?: Fields): Reply =>
  row === undefined ? { ok: false, error } : { ok: false, error, row };

export interface ProgramOptions {
  readonly binary: string;
  readonly env: Readonly<Record<string, string>>;
  /** Answers every question but `next`. A promise is a call that blocks the program. */
  readonly answer: (verb: string, words: readonly string[]) => Reply | Promise<Reply>;
  /** The program has handled its last event and waits for another one. */
  readonly onIdle: (outcome: string) => void;
  readonly onExit: (exit: { readonly code: number | null; readonly signal: string | null }) => void;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};
const UNESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', e: '\x1e' };
const escaped = (text: string): string =>
  text.replaceAll(/[\\\t\n\r]/g, (it) => ESCAPES[it] ?? it).replaceAll('\x1e', '\\e');
const unescaped = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_, code: string) => UNESCAPES[code] ?? code);

const encodeRow = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? escaped(value) : value}`)
    .join('\t');
const encode = (reply: Reply): string => {
  if (reply.ok) return `${['ok', ...reply.rows.map(encodeRow)].join('\x1e')}\n`;
  return `error\x1e${encodeRow({ ...reply.row, ERROR: reply.error })}\n`;
};

/**
 * One life of a compiled MQL5 program: a process of its own that asks over a socket pair and waits.
 * It has one thread and one question at a time, as a program in MetaTrader has.
 */
export class Program {
  readonly #options: ProgramOptions;
  readonly #child: ChildProcess;
  readonly #pipe: Duplex;
  readonly #exited: Promise<void>;
  #unread = '';
  #waiting = false;
  #gone = false;
  /** What the program wrote to stderr: the words of a critical error or a sanitizer. */
  stderr = '';

  constructor(options: ProgramOptions) {
    this.#options = options;
    this.#child = spawn(options.binary, [], {
      env: { PATH: process.env['PATH'] ?? '', MQL_HOST_FD: '3', ...options.env },
      stdio: ['ignore', 'inherit', 'pipe', 'pipe'],
    });
    this.#pipe = this.#child.stdio[3] as Duplex;
    this.#pipe.setEncoding('utf8');
    this.#pipe.on('data', (chunk: string) => this.#read(chunk));
    this.#pipe.on('error', () => undefined);
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.#exited = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        this.#gone = true;
        this.#waiting = false;
        options.onExit({ code, signal });
        resolve();
      });
    });
  }

  get waiting(): boolean {
    return this.#waiting;
  }
  get running(): boolean {
    return !this.#gone;
  }
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Hands the waiting program its next event. */
  deliver(event: Fields): void {
    if (!this.#waiting) throw new Error('the program does not wait for an event');
    this.#waiting = false;
    this.#write(rows(event));
  }

  kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    return this.#exited;
  }
  exited(): Promise<void> {
    return this.#exited;
  }

  #write(reply: Reply): void {
    if (!this.#gone) this.#pipe.write(encode(reply));
  }

  #read(chunk: string): void {
    this.#unread += chunk;
    for (let end = this.#unread.indexOf('\n'); end >= 0; end = this.#unread.indexOf('\n')) {
      const line = this.#unread.slice(0, end);
      this.#unread = this.#unread.slice(end + 1);
      this.#take(line.split('\t').map(unescaped));
    }
  }

  #take([verb = '', ...words]: readonly string[]): void {
    if (verb === 'next') {
      this.#waiting = true;
      this.#options.onIdle(words[0] ?? '');
      return;
    }
    const reply = this.#options.answer(verb, words);
    if (!(reply instanceof Promise)) {
      this.#write(reply);
      return;
    }
    reply.then(
      (settled) => this.#write(settled),
      (error: unknown) => {
        this.stderr += String(error);
        this.#child.kill('SIGKILL');
      },
    );
  }
}
