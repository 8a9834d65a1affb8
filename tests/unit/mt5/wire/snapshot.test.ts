import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodeEaFrame, encodeFrame } from '../../../../src/mt5/wire/codec.ts';
import { WIRE_LIMITS } from '../../../../src/mt5/wire/limits.ts';
import type { EaMessageOf } from '../../../../src/mt5/wire/messages.ts';
import {
  canonicalJson,
  compareTickets,
  positionsHash,
  snapshotHash,
} from '../../../../src/mt5/wire/snapshot-hash.ts';
import {
  addPart,
  beginAssembly,
  endAssembly,
  type Snapshot,
  splitSnapshot,
} from '../../../../src/mt5/wire/snapshot-parts.ts';
import { eaFrame } from '../../../support/wire-frames.ts';

type Deal = Snapshot['deals'][number];
type Position = Snapshot['positions'][number];
type Part = EaMessageOf<'snapshot.part'>;

const deal = (ticket: number, comment = ''): Deal => ({
  ticket: String(ticket),
  orderTicket: '1',
  positionTicket: '1',
  symbol: 'EURUSD',
  side: 'buy',
  entry: 'in',
  volume: '0.10',
  price: '1.38012',
  profit: '0.00',
  commission: '-0.35',
  swap: '0.00',
  magic: '0',
  reason: 'expert',
  atMs: 1_400_000_000_000 + ticket,
  comment,
});
const position: Position = {
  ticket: '1',
  symbol: 'EURUSD',
  side: 'buy',
  volume: '0.10',
  open: '1.38012',
  openedAtMs: 1_400_000_000_000,
  stopLoss: '1.37900',
  takeProfit: null,
  magic: '0',
  swap: '0.00',
  comment: '',
};
const snapshot: Snapshot = {
  snapshotId: 'snap-1',
  historyFromMs: 0,
  complete: true,
  atMs: 5,
  account: {
    login: '1',
    server: 'Demo',
    company: 'Demo Ltd',
    currency: 'USD',
    currencyDigits: 2,
    marginMode: 'hedging',
    leverage: 100,
    stopOutLevelPercent: 50,
    balance: '100000.00',
    equity: '100000.00',
    margin: '0.00',
  },
  positions: [position],
  orders: [],
  historyOrders: [],
  deals: Array.from({ length: 50 }, (_, i) => deal(i + 1)),
  symbols: [],
  results: [],
  unresolved: [{ intent: 'i-1', attempt: 1 }],
};
const sent = splitSnapshot(snapshot, 2_000);
const assemble = (parts: readonly Part[], end = sent.end) =>
  endAssembly(parts.reduce(addPart, beginAssembly(sent.begin)), end);

describe('the hash of a snapshot', () => {
  it('does not depend on the order of records or fields', () => {
    const reordered = {
      ...snapshot,
      deals: snapshot.deals.toReversed().map((record) => {
        const fields = Object.entries(record).toReversed();
        return Object.fromEntries(fields) as unknown as Deal;
      }),
    };
    expect(snapshotHash(reordered)).toBe(snapshotHash(snapshot));
  });

  it('is sha-256 of the documented text', () => {
    const records = { positions: [], orders: [], historyOrders: [], deals: [deal(10), deal(9)] };
    const line = (ticket: string, at: number): string =>
      `{"atMs":${at},"comment":"","commission":"-0.35","entry":"in","magic":"0",` +
      `"orderTicket":"1","positionTicket":"1","price":"1.38012","profit":"0.00",` +
      `"reason":"expert","side":"buy","swap":"0.00","symbol":"EURUSD","ticket":"${ticket}",` +
      `"volume":"0.10"}`;
    const text =
      `{"deals":[${line('9', 1_400_000_000_009)},${line('10', 1_400_000_000_010)}],` +
      `"historyOrders":[],"orders":[],"positions":[]}`;
    expect(snapshotHash(records)).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('sees any change, and nothing but the four lists', () => {
    const moved = { ...snapshot, positions: [{ ...position, stopLoss: '1.37901' }] };
    expect(snapshotHash(moved)).not.toBe(snapshotHash(snapshot));
    expect(positionsHash(moved.positions)).not.toBe(positionsHash(snapshot.positions));
    const richer = { ...snapshot, account: { ...snapshot.account, equity: '100001.00' }, atMs: 9 };
    expect(snapshotHash(richer)).toBe(snapshotHash(snapshot));
  });

  it('orders tickets as numbers, beyond what a double holds', () => {
    const tickets = ['18446744073709551615', '9', '10', '18446744073709551614', '0'];
    expect(tickets.toSorted(compareTickets)).toEqual(['0', '9', '10', tickets[3], tickets[0]]);
    expect(compareTickets('007', '7')).toBe(0);
  });

  it('writes canonical JSON without white space and with sorted keys', () => {
    expect(canonicalJson({ b: [1, null], a: { d: 'ü"', c: true } })).toBe(
      '{"a":{"c":true,"d":"ü\\""},"b":[1,null]}',
    );
  });
});

describe('a snapshot in parts', () => {
  it('comes back whole', () => {
    expect(sent.parts.length).toBeGreaterThan(5);
    expect(assemble(sent.parts)).toEqual({ ok: true, snapshot, hash: snapshotHash(snapshot) });
  });

  it('comes back whole from parts that are repeated, late or of another snapshot', () => {
    const stranger = { ...sent.parts[0], snapshotId: 'snap-0' } as Part;
    const beyond = { ...sent.parts[0], index: 9_999 } as Part;
    const parts = [stranger, beyond, ...sent.parts.toReversed(), ...sent.parts];
    expect(assemble(parts)).toMatchObject({ ok: true, snapshot: { deals: snapshot.deals } });
  });

  it('names the parts that never came', () => {
    const parts = sent.parts.filter((part) => part.index !== 1 && part.index !== 3);
    expect(assemble(parts)).toMatchObject({ ok: false, reason: 'missingParts', missing: [1, 3] });
  });

  it('is not believed when a record is missing, added or changed', () => {
    const tamper = (change: (deals: readonly Deal[]) => readonly Deal[]) =>
      assemble(
        sent.parts.map((part, i) => (i === 2 ? { ...part, deals: change(part.deals) } : part)),
      );
    expect(tamper((deals) => deals.slice(1))).toMatchObject({ ok: false, reason: 'counts' });
    expect(tamper((deals) => [...deals, deal(99)])).toMatchObject({ ok: false, reason: 'counts' });
    expect(tamper((deals) => deals.map((one) => ({ ...one, volume: '0.20' })))).toMatchObject({
      ok: false,
      reason: 'hash',
    });
  });

  it('is not believed without an account or with another end', () => {
    const anonymous = sent.parts.map((part) => ({ ...part, account: null }));
    expect(assemble(anonymous)).toMatchObject({ ok: false, reason: 'noAccount' });
    const otherEnd = { ...sent.end, snapshotId: 'snap-2' };
    expect(assemble(sent.parts, otherEnd)).toMatchObject({ ok: false, reason: 'otherId' });
  });

  it('is refused when it announces more parts than are allowed', () => {
    const begin = { ...sent.begin, parts: WIRE_LIMITS.snapshotParts + 1 };
    expect(endAssembly(beginAssembly(begin), sent.end)).toMatchObject({ reason: 'tooManyParts' });
  });

  it('has one part when the account is empty', () => {
    const empty = { ...snapshot, positions: [], deals: [], unresolved: [] };
    expect(splitSnapshot(empty).parts).toHaveLength(1);
  });

  it('of any history fits the limit of a message', () => {
    const comment = 'ü'.repeat(100);
    const deals = Array.from({ length: 4_000 }, (_, i) => deal(i, comment));
    const { parts } = splitSnapshot({ ...snapshot, deals });
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) expect(decodeEaFrame(encodeFrame(eaFrame(part))).ok).toBe(true);
  });
});
