import { createHash } from 'node:crypto';

/** sha-256 of UTF-8 text: 32 bytes. Pure; the one place of the core that imports a Node module. */
export const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest();

/** The same as 64 lower-case hex digits. */
export const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');
