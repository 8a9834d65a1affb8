import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LOG_LIMITS, type LogLine } from '../../../../src/telemetry/log/log-line.ts';
import { LogWriter } from '../../../../src/telemetry/log/log-writer.ts';
import { createRedactor, REDACTED } from '../../../../src/telemetry/log/redactor.ts';
import {
  LOG_FILE,
  olderLogFile,
  RotatingFile,
} from '../../../../src/telemetry/log/rotating-file.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const LINE: LogLine = {
  wallAt: Date.UTC(2026, 0, 2, 3, 4, 5),
  at: Date.UTC(2024, 0, 2),
  level: 'warning',
  code: 'link.lost',
  text: 'the terminal is silent',
  path: 'accounts.1.desk.connection',
  intentId: null,
  traceId: null,
};
const writerIn = (
  dir: string,
  change: { secrets?: readonly string[]; level?: LogLine['level'] } = {},
) => {
  const told: string[] = [];
  const writer = new LogWriter(
    {
      dir,
      level: change.level ?? 'info',
      maxFileBytes: 1_000_000,
      maxFiles: 3,
      secrets: change.secrets ?? [],
      base: { account: '1', runId: 'r' },
    },
    {
      onFailed: (reason) => told.push(`failed: ${reason}`),
      onResumed: (lost) => told.push(`resumed: ${lost}`),
    },
  );
  return { writer, told };
};
const linesOf = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('the log', () => {
  it('is one JSON object a line, with both times and without what is not there', () => {
    const dir = join(temporaryDirectory(), 'logs');
    const { writer } = writerIn(dir);
    writer.write(LINE);
    writer.write({ ...LINE, level: 'debug' });
    writer.write({ ...LINE, at: null, path: null, intentId: 'i1', traceId: 't1' });
    expect(linesOf(join(dir, LOG_FILE))).toEqual([
      {
        level: 'warning',
        account: '1',
        runId: 'r',
        time: '2026-01-02T03:04:05.000Z',
        at: '2024-01-02T00:00:00.000Z',
        code: 'link.lost',
        path: 'accounts.1.desk.connection',
        msg: 'the terminal is silent',
      },
      {
        level: 'warning',
        account: '1',
        runId: 'r',
        time: '2026-01-02T03:04:05.000Z',
        code: 'link.lost',
        intentId: 'i1',
        traceId: 't1',
        msg: 'the terminal is silent',
      },
    ]);
    expect([statSync(dir).mode & 0o777, statSync(join(dir, LOG_FILE)).mode & 0o777]).toEqual([
      0o700, 0o600,
    ]);
  });

  it('holds no secret in any field, and cuts what is too long', () => {
    const dir = join(temporaryDirectory(), 'logs');
    const { writer } = writerIn(dir, { secrets: ['s3cret'] });
    writer.write({ ...LINE, text: 'Error: s3cret', path: 's3cret', code: 'a.s3cret' });
    writer.write({ ...LINE, text: 'x'.repeat(LOG_LIMITS.textLength + 5) });
    const [first, second] = linesOf(join(dir, LOG_FILE));
    expect(JSON.stringify(first)).not.toContain('s3cret');
    expect(first?.['msg']).toBe(`Error: ${REDACTED}`);
    expect(String(second?.['msg'])).toHaveLength(LOG_LIMITS.textLength + 1);
  });

  it('gives lines up while it cannot write, says so once, and how many are missing', () => {
    const dir = join(temporaryDirectory(), 'logs');
    writeFileSync(dir, 'a file where the folder should be');
    const { writer, told } = writerIn(dir);
    writer.write(LINE);
    writer.write(LINE);
    rmSync(dir);
    writer.write(LINE);
    writer.write(LINE);
    expect(told).toEqual([expect.stringMatching(/^failed: E/), 'resumed: 2']);
    expect(linesOf(join(dir, LOG_FILE))).toHaveLength(2);
  });

  it('says how many lines were never passed on', () => {
    const dir = join(temporaryDirectory(), 'logs');
    const { writer } = writerIn(dir);
    writer.writeLeft(7, LINE.wallAt);
    expect(linesOf(join(dir, LOG_FILE))).toMatchObject([{ code: 'log.left', level: 'warning' }]);
  });
});

describe('a rotating file', () => {
  it('goes on in a new file before it grows too large, and keeps the last few', () => {
    const dir = join(temporaryDirectory(), 'logs');
    const file = new RotatingFile({ dir, maxBytes: 20, maxFiles: 3 });
    for (let index = 0; index < 9; index += 1) file.write(`line ${index}..\n`);
    file.close();
    expect(readdirSync(dir).sort()).toEqual([olderLogFile(1), olderLogFile(2), LOG_FILE].sort());
    const text = [olderLogFile(2), olderLogFile(1), LOG_FILE].map((name) =>
      readFileSync(join(dir, name), 'utf8'),
    );
    expect(text.join('')).toBe('line 4..\nline 5..\nline 6..\nline 7..\nline 8..\n');
    for (const part of text) expect(part.length).toBeLessThanOrEqual(20);
  });

  it('begins on a line of its own after half of one, and anew when it was moved away', () => {
    const dir = join(temporaryDirectory(), 'logs');
    mkdirSync(dir);
    writeFileSync(join(dir, LOG_FILE), 'half of a li');
    const file = new RotatingFile({ dir, maxBytes: 1_000, maxFiles: 3 });
    file.write('next\n');
    expect(readFileSync(join(dir, LOG_FILE), 'utf8')).toBe('half of a li\nnext\n');
    renameSync(join(dir, LOG_FILE), join(dir, 'away'));
    file.write('anew\n');
    file.close();
    expect(readFileSync(join(dir, LOG_FILE), 'utf8')).toBe('anew\n');
    expect(existsSync(join(dir, 'away'))).toBe(true);
  });
});

describe('a redactor', () => {
  it.each<[string, string, string]>([
    ['as it is', 'to(ken+1', 'bad to(ken+1!'],
    ['inside of JSON', 'a"b\\c-long', JSON.stringify({ token: 'a"b\\c-long' })],
    ['inside of an address', 'a b/c-long', `https://x/?k=${encodeURIComponent('a b/c-long')}`],
    ['the key of an address', 'https://x.example/hook?key=hidden', 'got 404 for key hidden'],
    ['the password of an address', 'https://me:passw0rd@x.example/', 'login passw0rd refused'],
    ['a header of a list', 'authorization=Bearer%20abc123', 'sent Bearer abc123'],
  ])('takes out a secret %s', (_, secret, text) => {
    const redacted = createRedactor([secret])(text);
    expect(redacted).toContain(REDACTED);
    for (const part of [secret, 'hidden', 'passw0rd', 'abc123'])
      expect(redacted).not.toContain(part);
  });

  it('takes the longer of two secrets out whole, and leaves everything else', () => {
    const redact = createRedactor(['abcd', 'abcdefgh']);
    expect(redact('x abcdefgh y abcd z')).toBe(`x ${REDACTED} y ${REDACTED} z`);
    expect(createRedactor([])('text')).toBe('text');
  });
});
