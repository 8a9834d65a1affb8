import { closeSync, openSync, writeSync } from 'node:fs';
import type { Tick } from '../../src/domain/market.ts';
import { type EpochMs, epochMs, points } from '../../src/domain/units.ts';
import type { Market } from '../../src/mt5/terminal/market/types.ts';
import { scriptedMarket } from '../support/scripted-market.ts';

const PRELOAD = new URL('../support/followed-clock.mjs', import.meta.url).href;

/** The time of day of processes that a test starts: what it tells them. */
export class FollowedTime {
  readonly #file: string;
  readonly #fd: number;

  constructor(file: string, now: EpochMs) {
    this.#file = file;
    this.#fd = openSync(file, 'w');
    this.tell(now);
  }

  tell(now: EpochMs): void {
    const said = Buffer.alloc(8);
    said.writeBigInt64LE(BigInt(now));
    writeSync(this.#fd, said, 0, 8, 0);
  }
  /** What a process needs in its environment to believe it; its children believe it too. */
  get env(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--import ${PRELOAD}`, FOLLOWED_CLOCK: this.#file };
  }
  close(): void {
    closeSync(this.#fd);
  }
}

/** An hour of EURUSD, a quote every so often, with the bid that a test wants at each. */
export const hourOf = (
  beginMs: number,
  tickMs: number,
  bidAt: (afterMs: number) => number,
): Market => {
  const ticks: Tick[] = [];
  for (let after = 0; after < HOUR_MS; after += tickMs) {
    const bid = points(bidAt(after));
    ticks.push({ symbol: 'EURUSD', at: epochMs(beginMs + after), bid, ask: points(bid + 10) });
  }
  return scriptedMarket(ticks);
};
const HOUR_MS = 3_600_000;
