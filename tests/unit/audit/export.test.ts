import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openAuditDb } from '../../../src/audit/audit-db.ts';
import { csvCell } from '../../../src/audit/csv.ts';
import { AUDIT_TABLE_NAMES } from '../../../src/audit/tables.ts';
import { runExport } from '../../../src/cli/export-command.ts';
import type { Entry, EntryBody } from '../../../src/journal/types.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { deal, entry, openIntent, planned, stored } from '../../support/entries.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const event = (code: string, detail: string): EntryBody => ({
  kind: 'event',
  severity: 'info',
  code,
  detail,
});
const session: EntryBody = {
  kind: 'session.started',
  runId: 'run',
  profile: 'paper',
  ruleSet: 'ftmo-2step/challenge',
  initialMinor: '10000000',
  currency: 'USD',
  currencyDigits: 2,
};
const auditWith = (entries: readonly Entry[]): string => {
  const dataDir = temporaryDirectory();
  const audit = openAuditDb({ file: join(dataDir, 'audit.db') });
  audit.project(stored(entries));
  audit.close();
  return dataDir;
};
const exported = async (dataDir: string, table: string, account?: string) => {
  const { io, written } = capturedIo();
  const code = await runExport({ table, csv: '-', dataDir, account }, io);
  return { code, ...written };
};

describe('a CSV cell', () => {
  it('is quoted only when it must be, with quotes doubled', () => {
    expect(csvCell('plain text', 'text')).toBe('plain text');
    expect(csvCell('a,b', 'text')).toBe('"a,b"');
    expect(csvCell('say "no"', 'text')).toBe('"say ""no"""');
    expect(csvCell('two\r\nlines', 'text')).toBe('"two\r\nlines"');
    expect(csvCell(null, 'text')).toBe('');
  });

  it('does not let text become a spreadsheet formula', () => {
    expect(csvCell('=HYPERLINK("x")', 'text')).toBe(`"'=HYPERLINK(""x"")"`);
    for (const start of ['=', '+', '-', '@', '\t', '\r']) {
      expect(csvCell(`${start}1`, 'text')).toContain(`'${start}1`);
    }
    expect(csvCell('-1+1', 'decimal')).toBe("'-1+1");
  });

  it('leaves negative numbers numbers', () => {
    expect(csvCell('-12.50', 'decimal')).toBe('-12.50');
    expect(csvCell(-3, 'decimal')).toBe('-3');
  });
});

describe('export', () => {
  it('writes the header and the rows in time order, whatever order they came in', async () => {
    const dataDir = auditWith([
      entry(event('later', 'x'), 2_000),
      entry(event('earlier', '=1+1'), 1_000),
    ]);
    expect(await exported(dataDir, 'events')).toEqual({
      code: 0,
      err: '',
      out:
        'account_id,at,severity,kind,code,detail,path\r\n' +
        "account.5012345,2014-05-01T00:00:01.000Z,info,event,earlier,'=1+1,\r\n" +
        'account.5012345,2014-05-01T00:00:02.000Z,info,event,later,x,\r\n',
    });
  });

  it('does not depend on how concurrent orders were interleaved in the journal', async () => {
    const orders = ['i1', 'i2', 'i3'].map((id) => entry(planned(openIntent(id))));
    const forward = await exported(auditWith(orders), 'orders');
    const backward = await exported(auditWith([...orders].reverse()), 'orders');
    expect(forward.out.split('\r\n')).toHaveLength(5);
    expect(backward.out).toBe(forward.out);
  });

  it('has a header for every table, without what belongs to the machinery', async () => {
    const dataDir = auditWith([]);
    for (const table of AUDIT_TABLE_NAMES) {
      const { code, out } = await exported(dataDir, table);
      expect([code, out.split('\r\n').length]).toEqual([0, 2]);
      expect(out).toMatch(/^account_id,/);
      expect(out).not.toMatch(/journal_seq|_points_|price_points|recorded/);
    }
  });

  it('gives one account’s rows when it is named', async () => {
    const dataDir = auditWith([
      entry(event('a', '')),
      entry(session, 0, 'account.2'),
      entry(event('b', ''), 0, 'account.2'),
      entry({ kind: 'deal.booked', intentId: null, deal: deal('1') }, 0, 'account.2'),
    ]);
    const { out } = await exported(dataDir, 'events', 'account.2');
    const rows = out.split('\r\n').slice(1, -1);
    expect(rows.every((row) => row.startsWith('account.2,'))).toBe(true);
    expect(rows).toContain('account.2,2014-05-01T00:00:00.000Z,info,event,b,,');
  });

  it('writes a large table whole, to a file that appears only when it is complete', async () => {
    const count = 3_000;
    const detail = 'd'.repeat(100);
    const dataDir = auditWith(
      Array.from({ length: count }, (_, index) => entry(event(`e${index}`, detail), index)),
    );
    const file = join(dataDir, 'events.csv');
    const { io, written } = capturedIo();
    expect(await runExport({ table: 'events', csv: file, dataDir, json: true }, io)).toBe(0);
    expect(JSON.parse(written.out)).toEqual({ table: 'events', rows: count, file });
    const lines = readFileSync(file, 'utf8').split('\r\n');
    expect([lines.length, lines.at(-2)?.includes(`e${count - 1}`)]).toEqual([count + 2, true]);
    expect(readdirSync(dataDir).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('takes a reader that has seen enough for a success', async () => {
    const dataDir = auditWith([entry(event('a', ''))]);
    const { io } = capturedIo();
    const closed = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
    });
    const code = await runExport({ table: 'events', csv: true, dataDir }, { ...io, out: closed });
    expect(code).toBe(0);
  });
});

describe('export refuses', () => {
  it('an unknown table, and lists those there are', async () => {
    const { code, out, err } = await exported(temporaryDirectory(), 'positions');
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe(
      'There is no table "positions". ' +
        'The tables are: signals, orders, trades, events, account_snapshots.\n',
    );
  });

  it('a directory without an audit database, and makes none', async () => {
    const dataDir = temporaryDirectory();
    const { code, err } = await exported(dataDir, 'orders');
    expect(code).toBe(2);
    expect(err).toContain('There is no audit database here');
    expect(existsSync(join(dataDir, 'audit.db'))).toBe(false);
  });

  it('to mix CSV and JSON on stdout', async () => {
    const { io, written } = capturedIo();
    const options = { table: 'orders', csv: '-', dataDir: temporaryDirectory(), json: true };
    expect(await runExport(options, io)).toBe(2);
    expect(written).toEqual({ out: '', err: expect.stringContaining('--csv FILE') });
  });

  it('a file it cannot write, and leaves nothing behind', async () => {
    const dataDir = auditWith([]);
    const { io, written } = capturedIo();
    const file = join(dataDir, 'absent', 'orders.csv');
    expect(await runExport({ table: 'orders', csv: file, dataDir }, io)).toBe(2);
    expect(written.err).toContain('ENOENT');
  });
});
