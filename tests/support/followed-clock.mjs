import { openSync, readSync } from 'node:fs';

/**
 * Preloaded into a process of a test (`--import`), as faketime is elsewhere: the time of day is what
 * eight bytes of a file say, which the test writes. Timers keep the pace of the wall.
 */
const file = openSync(process.env.FOLLOWED_CLOCK, 'r');
const said = Buffer.alloc(8);

Date.now = () => {
  readSync(file, said, 0, 8, 0);
  return Number(said.readBigInt64LE());
};
