import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

/**
 * What a crash left at the end of a write-ahead log. SQLite drops all of it without a word when it
 * opens the database; a trader wants to hear of it, and whether it can have been acknowledged.
 *
 * Format: https://sqlite.org/fileformat2.html#the_write_ahead_log. A frame counts when its salts are
 * the header's and its checksum continues the one before; frames of an earlier round have other
 * salts and are no loss.
 */
export interface WalTail {
  /** Frames of whole transactions: what SQLite will read. */
  readonly committed: number;
  /** Whole frames of a transaction without its end: it was never acknowledged. */
  readonly unfinished: number;
  /** Frames of this round that are cut off, damaged, or behind such a one. */
  readonly torn: number;
  /** True when a torn frame ends a transaction: something acknowledged may be gone. */
  readonly lostCommit: boolean;
}

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;
const NOTHING: WalTail = { committed: 0, unfinished: 0, torn: 0, lostCommit: false };

interface Sums {
  readonly a: number;
  readonly b: number;
}

/** SQLite's checksum of 32-bit word pairs, continued from `from`. */
const checksum = (bytes: Buffer, bigEndian: boolean, from: Sums): Sums => {
  let { a, b } = from;
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    const [x, y] = bigEndian
      ? [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)]
      : [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
    a = (a + x + b) >>> 0;
    b = (b + y + a) >>> 0;
  }
  return { a, b };
};

/** Looks at `<database>-wal` before SQLite opens the database. Changes nothing. */
export const inspectWal = (database: string): WalTail => {
  const file = `${database}-wal`;
  if (!existsSync(file)) return NOTHING;
  const handle = openSync(file, 'r');
  try {
    return walk(handle, fstatSync(handle).size);
  } finally {
    closeSync(handle);
  }
};

const walk = (handle: number, size: number): WalTail => {
  const header = Buffer.alloc(HEADER_BYTES);
  if (readSync(handle, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return NOTHING;
  const magic = header.readUInt32BE(0);
  if ((magic & ~1) >>> 0 !== MAGIC) return NOTHING;
  const bigEndian = (magic & 1) === 1;
  let sums = checksum(header.subarray(0, 24), bigEndian, { a: 0, b: 0 });
  if (sums.a !== header.readUInt32BE(24) || sums.b !== header.readUInt32BE(28)) return NOTHING;
  const salts = header.subarray(16, 24);
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + header.readUInt32BE(8));
  let valid = 0;
  let committed = 0;
  let torn = 0;
  let lostCommit = false;
  for (let at = HEADER_BYTES; at < size; at += frame.length) {
    const read = readSync(handle, frame, 0, frame.length, at);
    const isOfThisRound = read >= 16 && frame.subarray(8, 16).equals(salts);
    if (!isOfThisRound) break;
    const endsTransaction = frame.readUInt32BE(4) !== 0;
    const head = checksum(frame.subarray(0, 8), bigEndian, sums);
    const next = checksum(frame.subarray(FRAME_HEADER_BYTES), bigEndian, head);
    const isWhole = next.a === frame.readUInt32BE(16) && next.b === frame.readUInt32BE(20);
    if (torn === 0 && read === frame.length && isWhole) {
      sums = next;
      valid += 1;
      if (endsTransaction) committed = valid;
    } else {
      torn += 1;
      lostCommit ||= endsTransaction && read === frame.length;
    }
  }
  return { committed, unfinished: valid - committed, torn, lostCommit };
};

export const droppedPages = ({ unfinished, torn }: WalTail): number => unfinished + torn;

/** A sentence for a person. */
export const describeTail = (tail: WalTail): string => {
  const { lostCommit } = tail;
  const what = `${droppedPages(tail)} pages of its last writes were not whole and were dropped`;
  return lostCommit
    ? `${what}; entries that were acknowledged may be among them: compare with the terminal`
    : `${what}; they were never acknowledged`;
};
