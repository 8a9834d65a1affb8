import type { CloseIntent, Intent, OpenIntent } from '../../src/domain/intent.ts';
import type { Deal } from '../../src/domain/trading.ts';
import type { EpochMs } from '../../src/domain/units.ts';
import { epochMs, lotsE8, minor, points } from '../../src/domain/units.ts';
import type { Entry, EntryBody, StoredEntry } from '../../src/journal/types.ts';

/** Builders of journal entries with the fields a test does not care about already filled in. */
export const ACCOUNT = 'account.5012345';
/** 2014-05-01 00:00 UTC. */
export const START = epochMs(1_398_902_400_000);

export const at = (offsetMs: number): EpochMs => epochMs(START + offsetMs);
export const entry = (body: EntryBody, offsetMs = 0, accountId = ACCOUNT): Entry => ({
  ...body,
  accountId,
  at: at(offsetMs),
});
export const stored = (entries: readonly Entry[], firstSeq = 1): readonly StoredEntry[] =>
  entries.map((item, index) => ({ ...item, seq: firstSeq + index }));

export const note = (code: string): EntryBody => ({
  kind: 'event',
  severity: 'info',
  code,
  detail: '',
});
export const openIntent = (id: string, change: Partial<OpenIntent> = {}): OpenIntent => ({
  type: 'open',
  intentId: id,
  key: `key-${id}`,
  strategyId: 'atr-breakout:EURUSD',
  symbol: 'EURUSD',
  side: 'buy',
  kind: 'market',
  volumeE8: lotsE8(10_000_000),
  price: points(138_700),
  stopLoss: points(138_500),
  tif: 'gtc',
  magic: '281474976710657',
  at: START,
  ttlMs: 5_000,
  reason: 'breakout',
  ...change,
});
export const closeIntent = (id: string, change: Partial<CloseIntent> = {}): CloseIntent => ({
  type: 'close',
  intentId: id,
  key: `key-${id}`,
  strategyId: 'atr-breakout:EURUSD',
  symbol: 'EURUSD',
  positionTicket: '7001',
  side: 'buy',
  volumeE8: lotsE8(10_000_000),
  scope: 'full',
  magic: '281474976710657',
  price: points(138_900),
  at: START,
  reason: 'reversal',
  ...change,
});
export const planned = (intent: Intent): EntryBody => ({
  kind: 'intent.planned',
  signalId: `signal-${intent.intentId}`,
  intent,
  reservedMinor: '20000',
});
export const deal = (ticket: string, change: Partial<Deal> = {}): Deal => ({
  ticket,
  orderTicket: `9${ticket}`,
  positionTicket: '7001',
  symbol: 'EURUSD',
  side: 'buy',
  entry: 'in',
  volumeE8: lotsE8(10_000_000),
  price: points(138_702),
  profit: minor(0n),
  commission: minor(-35n),
  swap: minor(0n),
  magic: '281474976710657',
  reason: 'expert',
  at: START,
  comment: '',
  ...change,
});
