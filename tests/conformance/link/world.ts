import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScheduledOperation } from '../../../src/mt5/terminal/engine/records.ts';
import { rowTime, tickFile, writeMarketFile } from '../../support/market-files.ts';

/**
 * What the suite needs of an implementation of the EA's side, besides its socket: a terminal around
 * it whose time can pass, whose process can die, and whose broker keeps the ledger of ours.
 */
export interface EaWorld {
  readonly name: string;
  /** `restarts`: the test will kill it, so it has to be a process of its own. */
  readonly start: (setting: Setting, restarts: boolean) => Promise<EaUnderTest>;
}

export interface Setting {
  readonly endpoint: string;
  /** The broker's and the EA's memory; outlives the EA's process. */
  readonly directory: string;
  readonly market: readonly PathPoint[];
  readonly instanceId: string;
  readonly takeoverToken: string;
  readonly marginMode?: 'hedging' | 'netting';
  /** Money that the broker books without a trade. */
  readonly operations?: readonly ScheduledOperation[];
}

export interface EaUnderTest {
  /** Lets terminal time pass; absent when the protocol does it (the terminal is clock master). */
  readonly elapse?: (ms: number) => Promise<void>;
  /** The runtime says nothing for so long, as the EA measures it. */
  readonly silence: (ms: number) => Promise<void>;
  /** kill -9 of the EA's process, and a new start on the same memory. */
  readonly restart: () => Promise<void>;
  /** The EA's own journal is gone; the broker's memory is not. The EA must not run. */
  readonly kill: () => Promise<void>;
  readonly loseJournal?: () => void;
  readonly stop: () => Promise<void>;
}

export const LOGIN = '5012345';
export const SERVER = 'Bulwark-Sim';
export const TOKEN = 'per-ea-token';
/** Milliseconds after the beginning, and the bid of EURUSD in points. */
export type PathPoint = readonly [afterMs: number, bid: number];

/** Monday 2024-03-04 10:00 UTC; server time is UTC here, so that files are easy to read. */
export const BEGIN = Date.UTC(2024, 2, 4, 10);
export const SERVER_TZ = 'UTC+2';
const OFFSET_MS = 2 * 3_600_000;

/** A quiet market: a tick every five seconds for an hour, a few points up and down. */
export const QUIET: readonly PathPoint[] = Array.from({ length: 720 }, (_, index) => [
  1_000 + index * 5_000,
  130_000 + ((index * 7) % 11),
]);
/** Quiet for two minutes, then 20 points lower every five seconds. */
export const FALLING: readonly PathPoint[] = QUIET.map(([at, bid]) => [
  at,
  bid - Math.max(0, Math.floor((at - 120_000) / 5_000)) * 20,
]);

const priceText = (bid: number): string => (bid / 100_000).toFixed(5);

/** The market as two MT5 exports: EURUSD as given, GBPUSD standing still. */
export const writeMarket = (directory: string, path: readonly PathPoint[]): readonly string[] => {
  const row = (at: number, bid: number): string => {
    const serverMs = BEGIN + OFFSET_MS + at;
    const time = `${rowTime(serverMs)}.${String(serverMs % 1000).padStart(3, '0')}`;
    return `${time} ${priceText(bid)} ${priceText(bid + 10)} 0 0 6`;
  };
  const eurusd = path.map(([at, bid]) => row(at, bid));
  const gbpusd = path.filter((_, index) => index % 12 === 0).map(([at]) => row(at + 500, 150_000));
  return [
    writeMarketFile(directory, 'EURUSD_TICKS.csv', tickFile(eurusd)),
    writeMarketFile(directory, 'GBPUSD_TICKS.csv', tickFile(gbpusd)),
  ];
};

export interface LedgerLine {
  readonly type: string;
  readonly event?: string;
  readonly ticket?: string;
  readonly orderTicket?: string;
  readonly positionTicket?: string;
  readonly symbol?: string;
  readonly side?: string;
  readonly volume?: string;
  readonly price?: string;
  readonly stopLoss?: string | null;
  readonly magic?: string;
  readonly entry?: string;
  readonly reason?: string;
  readonly action?: string;
}

/** The broker's own book: what really happened, whatever anybody said. */
export class Truth {
  readonly #file: string;
  constructor(directory: string) {
    this.#file = join(directory, 'ledger.ndjson');
  }

  lines(): readonly LedgerLine[] {
    return readFileSync(this.#file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LedgerLine);
  }
  /** Requests that reached the broker. */
  requests(): readonly LedgerLine[] {
    return this.lines().filter(({ type }) => type === 'request');
  }
  deals(): readonly LedgerLine[] {
    return this.lines().filter(({ type, entry }) => type === 'deal' && entry !== 'balance');
  }
  /** Open positions, as they are now. */
  positions(): readonly LedgerLine[] {
    return this.#alive('position', ['closed']);
  }
  orders(): readonly LedgerLine[] {
    return this.#alive('order', ['filled', 'cancelled', 'expired', 'rejected']);
  }
  #alive(type: string, ends: readonly string[]): readonly LedgerLine[] {
    const alive = new Map<string, LedgerLine>();
    for (const line of this.lines()) {
      if (line.type !== type || line.ticket === undefined) continue;
      if (ends.includes(line.event ?? '')) alive.delete(line.ticket);
      else alive.set(line.ticket, line);
    }
    return [...alive.values()];
  }
}
