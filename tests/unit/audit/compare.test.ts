import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareWithLedger } from '../../../src/audit/compare.ts';
import { runAuditVerify } from '../../../src/cli/audit-command.ts';
import type { Intent } from '../../../src/domain/intent.ts';
import { points } from '../../../src/domain/units.ts';
import type { EntryBody } from '../../../src/journal/types.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { openIntent, planned, START } from '../../support/entries.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import {
  ledgerLines,
  sessionEntries,
  writeAudit,
  writeLedger,
} from '../../support/traded-session.ts';

type Line = Readonly<Record<string, unknown>>;
type LedgerChange = (lines: readonly Line[]) => readonly Line[];

const compared = async (
  entries: readonly EntryBody[] = sessionEntries(),
  change: LedgerChange = (lines) => lines,
) => {
  const directory = temporaryDirectory();
  const auditFile = join(directory, 'audit.db');
  const ledgerFile = join(directory, 'ledger.ndjson');
  writeAudit(auditFile, entries);
  const lines = ledgerLines().map((line): Line => JSON.parse(line));
  writeLedger(
    ledgerFile,
    change(lines).map((line) => JSON.stringify(line)),
  );
  return compareWithLedger({ auditFile, ledgerFile });
};
const found = async (entries?: readonly EntryBody[], change?: LedgerChange) =>
  (await compared(entries, change)).findings.map(
    ({ what, id, field, audit, ledger }) => `${what} ${id} ${field}: ${audit} / ${ledger}`,
  );
const editing =
  (matches: (line: Line) => boolean, fields: Line): LedgerChange =>
  (lines) =>
    lines.map((line) => (matches(line) ? { ...line, ...fields } : line));
const isDeal = (ticket: string) => (line: Line) =>
  line['type'] === 'deal' && line['ticket'] === ticket;
const without = (drop: (entry: EntryBody) => boolean) =>
  sessionEntries().filter((entry) => !drop(entry));
const replacing = (intentId: string, state: string): readonly EntryBody[] =>
  sessionEntries().map((entry) =>
    entry.kind === 'order.state' && entry.intentId === intentId ? { ...entry, state } : entry,
  );

describe('the comparison with the ledger', () => {
  it('finds nothing when both tell the same session', async () => {
    expect(await compared()).toEqual({
      accountId: 'account.5012345',
      checked: { orders: 6, deals: 5, trades: 2 },
      balance: '99986.50',
      findings: [],
    });
  });

  it('finds a cent in a deal, and that its trade is off by it', async () => {
    const change = editing(isDeal('14'), { profit: '-20.21' });
    expect(await found(sessionEntries(), change)).toEqual([
      'deal 14 profit: -20.20 / -20.21',
      'trade 11 grossProfit: -20.20 / -20.21',
      'trade 11 netProfit: -20.93 / -20.94',
      'balance  at 2014-05-01T01:00:00.000Z: 99986.50 / 99986.49',
    ]);
  });

  it.each([
    ['commission', { commission: '-0.36' }, 'deal 12 commission: -0.35 / -0.36'],
    ['swap', { swap: '-0.01' }, 'deal 12 swap: 0.00 / -0.01'],
    ['price', { price: '1.38703' }, 'order i1 fillPrice: 1.38702 / 1.38703'],
    ['volume', { volume: '0.2' }, 'order i1 filled: 0.1 / 0.2'],
    ['order ticket', { orderTicket: '99' }, 'order i1 order: 11 / 99'],
    ['position', { positionTicket: '98' }, 'trade 98 existence: null / traded'],
    ['reason', { reason: 'client' }, 'deal 12 reason: expert / client'],
    ['time', { at: '2014-05-01T00:00:01.001Z' }, 'deal 12 at: 2014-05-01T00:00:01.000Z'],
  ])('finds another %s of a deal', async (_what, fields, expected) => {
    const findings = await found(sessionEntries(), editing(isDeal('12'), fields));
    expect(findings).toContainEqual(expect.stringContaining(expected));
  });

  it('finds a deal that the audit lacks', async () => {
    const entries = without((entry) => entry.kind === 'deal.booked' && entry.deal.ticket === '14');
    expect(await found(entries)).toEqual([
      'deal 14 existence: null / out',
      'trade 11 grossProfit: 0.00 / -20.20',
      'trade 11 commission: -0.35 / -0.70',
      'trade 11 swap: 0.00 / -0.03',
      'trade 11 netProfit: -0.35 / -20.93',
      'trade 11 state: open / closed',
    ]);
  });

  it('finds a deal that the audit invented', async () => {
    const change: LedgerChange = (lines) => lines.filter((line) => !isDeal('24')(line));
    expect(await found(sessionEntries(), change)).toContain('deal 24 existence: out / null');
  });

  it('finds an order that was executed twice', async () => {
    const again: LedgerChange = (lines) => {
      const deal = lines.find(isDeal('12'));
      return [...lines, { ...deal, ticket: '92', orderTicket: '91', positionTicket: '91' }];
    };
    const findings = await found(sessionEntries(), again);
    expect(findings).toContain('order i1 order: 11 / 11 91');
    expect(findings).toContain('deal 92 existence: null / in');
  });

  it('finds a request of which the audit knows nothing', async () => {
    const entries = without(
      (entry) => entry.kind === 'intent.planned' && entry.intent.intentId === 'i4',
    );
    expect(await found(entries)).toEqual(['order i4 existence: null / place']);
  });

  it('finds an order that was sent although it was denied', async () => {
    const change = editing((line) => line['type'] === 'request' && line['intent'] === 'i4', {
      intent: 'i5',
    });
    expect(await found(sessionEntries(), change)).toEqual(['order i5 sent: denied / requested']);
  });

  it.each([
    ['i1', 'refused', 'order i1 state: refused / filled'],
    ['i2', 'unknown', 'order i2 unresolved: unknown / filled'],
    ['i3', 'filled', 'order i3 state: filled / cancelled'],
    ['i3', 'accepted', 'order i3 state: accepted / cancelled'],
    ['i3', 'expired', 'order i3 state: expired / cancelled'],
    ['i4', 'filled', 'order i4 state: filled / null'],
    ['i4', 'cancelled', 'order i4 state: cancelled / null'],
    ['i4', 'sent', 'order i4 unresolved: sent / null'],
    ['i1', 'waiting', 'order i1 state: waiting / filled'],
  ])('finds %s wrongly taken for %s', async (intentId, state, expected) => {
    expect(await found(replacing(intentId, state))).toEqual([expected]);
  });

  it('takes an order that waits for another try for what it is', async () => {
    expect(await found(replacing('i4', 'waiting'))).toEqual([]);
  });

  it('asks no levels of a change that came too late: of what is gone the ledger names the ticket alone', async () => {
    const change: Intent = {
      type: 'modifyOrder',
      ...{ intentId: 'm1', key: 'key-m1', strategyId: 'pulse', symbol: 'EURUSD', at: START },
      ...{ orderTicket: '31', price: points(138_600), stopLoss: points(138_500) },
      ...{ tif: 'gtc', risk: 'reducing', ttlMs: 5_000, reason: 'later' },
    };
    const entries: readonly EntryBody[] = [
      ...sessionEntries(),
      planned(change),
      { kind: 'order.state', intentId: 'm1', state: 'refused' },
    ];
    const request = { type: 'request', intent: 'm1', attempt: 1, action: 'modifyOrder' };
    const late = { ...request, ticket: '31', symbol: '', price: null, stopLoss: null };
    const asked = (line: Line) => found(entries, (lines) => [...lines, line]);
    expect(await asked(late)).toEqual([]);
    expect(await asked({ ...late, ticket: '32' })).toEqual(['order m1 order: 31 / 32']);
    const known = { ...late, symbol: 'EURUSD', price: '1.38601', stopLoss: '1.38500' };
    expect(await asked(known)).toEqual(['order m1 price: 1.38600 / 1.38601']);
  });

  it('finds another request than was planned', async () => {
    const intent = openIntent('i3', {
      kind: 'limit',
      side: 'sell',
      price: points(138_601),
      stopLoss: points(138_499),
      takeProfit: points(139_000),
      magic: '7',
    });
    const entries = sessionEntries().map((entry) =>
      entry.kind === 'intent.planned' && entry.intent.intentId === 'i3' ? planned(intent) : entry,
    );
    expect(await found(entries)).toEqual([
      'order i3 side: sell / buy',
      'order i3 stopLoss: 1.38499 / 1.38500',
      'order i3 takeProfit: 1.39000 / null',
      'order i3 magic: 7 / 281474976710657',
      'order i3 price: 1.38601 / 1.38600',
    ]);
  });

  it('finds another retcode and another closed position', async () => {
    const retcode = editing((line) => line['type'] === 'result' && line['intent'] === 'i4', {
      retcode: 10_006,
    });
    expect(await found(sessionEntries(), retcode)).toEqual(['order i4 retcode: 10019 / 10006']);
    const ticket = editing((line) => line['type'] === 'request' && line['intent'] === 'c2', {
      ticket: '11',
    });
    expect(await found(sessionEntries(), ticket)).toEqual(['order c2 position: 21 / 11']);
  });

  it('finds a balance that is not the broker’s, and a session without one', async () => {
    const off = sessionEntries().map((entry) =>
      entry.kind === 'account.snapshot' ? { ...entry, balanceMinor: '9998651' } : entry,
    );
    expect(await found(off)).toEqual(['balance  at 2014-05-01T01:00:00.000Z: 99986.51 / 99986.50']);
    const none = without((entry) => entry.kind === 'account.snapshot');
    expect(await found(none)).toEqual(['balance  snapshot: null / an account']);
  });

  it('says that a ledger which begins in the middle proves nothing about before', async () => {
    const change: LedgerChange = (lines) => [...lines, { n: 9, i: 0, type: 'gap', fromN: 1 }];
    expect(await found(sessionEntries(), change)).toEqual([
      'ledger  completeness: null / begins in the middle',
    ]);
  });
});

describe('bulwark audit verify', () => {
  const verifying = async (ledger: (file: string) => void, json = false) => {
    const dataDir = temporaryDirectory();
    writeAudit(join(dataDir, 'audit.db'), sessionEntries());
    const file = join(dataDir, 'ledger.ndjson');
    ledger(file);
    const { io, written } = capturedIo();
    const code = await runAuditVerify({ dataDir, ledger: file, json }, io);
    return { code, ...written };
  };

  it('says that both agree and exits 0', async () => {
    const { code, out } = await verifying((file) => writeLedger(file, ledgerLines()));
    expect([code, out]).toEqual([
      0,
      'account.5012345: 6 orders, 5 deals, 2 trades: ' +
        'the audit agrees with the ledger, balance 99986.50.\n',
    ]);
  });

  it('lists every disagreement and exits 1, in words or as one line of JSON', async () => {
    const cut = (file: string) =>
      writeLedger(
        file,
        ledgerLines().map((line) => line.replace('"1.38900"', '"1.38901"')),
      );
    const words = await verifying(cut);
    expect([words.code, words.err]).toEqual([1, '']);
    expect(words.out).toContain('deal 24: price: audit 1.38900, ledger 1.38901\n');
    const { code, out } = await verifying(cut, true);
    expect(code).toBe(1);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(out).findings).toContainEqual({
      what: 'deal',
      id: '24',
      field: 'price',
      audit: '1.38900',
      ledger: '1.38901',
    });
  });

  it('names the line of a ledger it cannot read, and exits 2', async () => {
    const { code, err } = await verifying((file) =>
      writeFileSync(file, `${ledgerLines().slice(0, 3).join('\n')}\n{"type":"deal"}\n`),
    );
    expect(code).toBe(2);
    expect(err).toMatch(/ledger\.ndjson:4: .*Missing key/s);
    const missing = await verifying(() => undefined);
    expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('ENOENT')]);
  });
});
