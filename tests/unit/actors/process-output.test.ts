import { appendFileSync, existsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  lastWords,
  OUTPUT_LIMITS,
  outputLength,
  saidSince,
  setAside,
} from '../../../src/actors/process-output.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const written = (text: string): string => {
  const file = join(temporaryDirectory(), 'process.log');
  writeFileSync(file, text);
  return file;
};

describe('what a watched process says', () => {
  it('is found across two looks, and not among what an earlier life said', () => {
    const file = written('logged in\nlogged ');
    const from = outputLength(file) - 'logged '.length;
    const first = saidSince(file, from, 'logged in');
    expect(first.isSaid).toBe(false);
    appendFileSync(file, 'in');
    expect(saidSince(file, first.searchedTo, 'logged in').isSaid).toBe(true);
    const after = saidSince(file, outputLength(file), 'logged in');
    expect(after).toEqual({ isSaid: false, searchedTo: outputLength(file) });
  });

  it('is found by its bytes, whatever stands before it', () => {
    const file = written(`${'€'.repeat(100_000)} läuft`);
    let [isSaid, from] = [false, 1];
    while (!isSaid && from < outputLength(file)) {
      const look = saidSince(file, from, 'läuft');
      isSaid = look.isSaid;
      if (look.searchedTo === from) break;
      from = look.searchedTo;
    }
    expect(isSaid).toBe(true);
  });

  it('is set aside between two lives when it has grown too long', () => {
    const file = written('of an earlier life');
    truncateSync(file, OUTPUT_LIMITS.keptBytes);
    setAside(file);
    expect(outputLength(file)).toBe(OUTPUT_LIMITS.keptBytes);
    appendFileSync(file, '!');
    setAside(file);
    expect([existsSync(file), outputLength(`${file}.1`)]).toEqual([
      false,
      OUTPUT_LIMITS.keptBytes + 1,
    ]);
  });

  it('ends with its own last words, at most 500 bytes of them', () => {
    const file = written('of an earlier life\n');
    const from = outputLength(file);
    expect(lastWords(file, from)).toBe('none');
    appendFileSync(file, `${'x'.repeat(600)} no licence\n`);
    expect(lastWords(file, from)).toMatch(/^x+ no licence$/);
    expect(lastWords(file, from).length).toBe(499);
    expect(lastWords(join(file, 'not there'), 0)).toBe('none');
  });
});
