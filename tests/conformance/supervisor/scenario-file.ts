import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Scenario } from './otp-driver.ts';

/** Reads a trace file, one scenario as JSON per line, gzipped when its name ends in .gz. Throws
 * with the line number on a line that is no JSON. */
export const readScenarios = (file: string): readonly Scenario[] => {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line) as Scenario];
    } catch (cause) {
      throw new Error(`${file}:${index + 1} is no JSON`, { cause });
    }
  });
};
