import { webcrypto } from 'node:crypto';

/** Bytes from the operating system: the entropy of names that must not collide. */
export const ambientRandomBytes = (count: number): Uint8Array =>
  webcrypto.getRandomValues(new Uint8Array(count));
