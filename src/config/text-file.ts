import { readFileSync } from 'node:fs';
import { TextDecoder } from 'node:util';
import { encodingOf } from '../mt5/reports/text-encoding.ts';

/**
 * A small text file as people's programs write it: UTF-8, or UTF-16 as Windows' shell redirects into a
 * file, with or without a byte-order mark. Throws what reading a file throws.
 */
export const readTextFile = (file: string): string => {
  const bytes = readFileSync(file);
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
};
