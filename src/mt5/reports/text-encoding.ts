type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** Encoding by the byte-order mark; without one by the zero byte that ASCII has in UTF-16. */
export const encodingOf = (head: Uint8Array): Encoding => {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  if (head.length >= 2 && head[0] === 0) return 'utf-16be';
  if (head.length >= 2 && head[1] === 0) return 'utf-16le';
  return 'utf-8';
};
