import { closeSync, openSync, readSync, renameSync, statSync } from 'node:fs';

/** Of the file to which every life of a watched process appends what it says. */
export const OUTPUT_LIMITS = {
  lastWordsBytes: 500,
  /** What is searched at one look; who says more until the next is caught up with later. */
  searchedBytes: 1_048_576,
  /** A longer file is set aside before the next life begins; one older one is kept. */
  keptBytes: 8_388_608,
} as const;

/** Zero also where it cannot be looked at: who watches a process does not end by its log. */
export const outputLength = (file: string): number => {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
};

/** Sets a file aside that has grown too long. */
export const setAside = (file: string): void => {
  if (outputLength(file) <= OUTPUT_LIMITS.keptBytes) return;
  try {
    renameSync(file, `${file}.1`);
  } catch {
    // It goes on growing, which is better than no terminal.
  }
};

/** The end of what was said since `from`. */
export const lastWords = (file: string, from: number): string => {
  const start = Math.max(from, outputLength(file) - OUTPUT_LIMITS.lastWordsBytes);
  const words = read(file, start, OUTPUT_LIMITS.lastWordsBytes).toString('utf8').trim();
  return words === '' ? 'none' : words;
};

/** Whether `text` was said since `from`, and from where to search the next time. */
export const saidSince = (
  file: string,
  from: number,
  text: string,
): { readonly isSaid: boolean; readonly searchedTo: number } => {
  const said = read(file, from, OUTPUT_LIMITS.searchedBytes);
  // It may be half written: its beginning is searched again.
  const searchedTo = Math.max(from, from + said.length - Buffer.byteLength(text) + 1);
  return { isSaid: said.includes(text), searchedTo };
};

const read = (file: string, start: number, bytes: number): Buffer => {
  try {
    const handle = openSync(file, 'r');
    try {
      const buffer = Buffer.alloc(Math.min(bytes, Math.max(0, outputLength(file) - start)));
      return buffer.subarray(0, readSync(handle, buffer, 0, buffer.length, start));
    } finally {
      closeSync(handle);
    }
  } catch {
    return Buffer.alloc(0);
  }
};
