/** Crockford base 32: no I, L, O, U, so that an id read aloud survives. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARS = 10;
const RANDOM_CHARS = 16;
/** Ten base-32 characters hold 50 bits; the format uses 48 of them (year 10889). */
export const ULID_MAX_MS = 2 ** 48 - 1;

/**
 * The 26 characters of a ULID from its two parts.
 * `atMs` is UTC, 0..2^48-1; `random` supplies the 80 bits of entropy as ten bytes.
 * Throws on a part out of range: an id that wraps would sort before its elders.
 */
export const encodeUlid = (atMs: number, random: Uint8Array): string => {
  if (!Number.isInteger(atMs) || atMs < 0 || atMs > ULID_MAX_MS) {
    throw new RangeError(`ulid time out of range: ${atMs}`);
  }
  if (random.length < 10) throw new RangeError('a ulid needs ten random bytes');
  let time = atMs;
  let head = '';
  for (let i = 0; i < TIME_CHARS; i += 1) {
    head = ALPHABET.charAt(time % 32) + head;
    time = Math.floor(time / 32);
  }
  let bits = 0n;
  for (let i = 0; i < 10; i += 1) bits = (bits << 8n) | BigInt(random[i] ?? 0);
  let tail = '';
  for (let i = 0; i < RANDOM_CHARS; i += 1) {
    tail = ALPHABET.charAt(Number(bits & 31n)) + tail;
    bits >>= 5n;
  }
  return head + tail;
};
