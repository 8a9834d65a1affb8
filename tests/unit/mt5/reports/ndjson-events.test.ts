import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readAccountFile } from '../../../../src/mt5/reports/account-file.ts';
import { parseAmount, parseReportAmount } from '../../../../src/mt5/reports/amounts.ts';
import { AccountFileError } from '../../../../src/mt5/reports/errors.ts';
import { parseInstant } from '../../../../src/mt5/reports/instants.ts';
import { parseEventLine } from '../../../../src/mt5/reports/ndjson-events.ts';
import { parseServerTz } from '../../../../src/mt5/venue-time.ts';
import type { AccountEvent } from '../../../../src/risk/account-walk-types.ts';
import { amount, instant } from '../../../support/account-history.ts';

const eventOf = (line: string) => parseEventLine(line, () => undefined);
const AT = '"at":"2024-01-08T10:00:00Z"';

describe('a line of an events file', () => {
  it('is exact in every figure, written as number or text', () => {
    const line = `{${AT},"type":"deal","profit":0.1,"commission":"-0.20","swap":-1e-2,"balance":1E5}`;
    expect(eventOf(line)).toEqual({
      ok: true,
      value: {
        at: instant('2024-01-08T10:00:00Z'),
        type: 'deal',
        amount: amount('-0.11'),
        balance: amount(100_000),
      },
    });
    const tiny = eventOf(`{${AT},"type":"equity","equity":9007199254740993.000000000001}`);
    expect(tiny).toMatchObject({ value: { equity: amount('9007199254740993.000000000001') } });
  });

  it('keeps digits inside of texts as they are', () => {
    const line = `{${AT},"type":"open","symbol":"US30 \\" 12.5","volume":0.10}`;
    expect(eventOf(line)).toMatchObject({
      value: { symbol: 'US30 " 12.5', volumeE8: 10_000_000n, amount: 0n },
    });
  });

  it('has an instant in ISO-8601 with its offset, or in epoch milliseconds', () => {
    const wanted = { ok: true, value: instant('2024-01-08T10:00:00.250Z') };
    for (const text of [
      '2024-01-08T10:00:00.250Z',
      '2024-01-08T12:00:00.25+02:00',
      '1704708000250',
    ]) {
      expect(parseInstant(text)).toEqual(wanted);
    }
  });

  it('takes a withdrawal with or without its sign', () => {
    for (const text of ['500', '-500']) {
      expect(eventOf(`{${AT},"type":"withdrawal","amount":${text}}`)).toMatchObject({
        value: { amount: amount(-500) },
      });
    }
  });

  it.each([
    ['no JSON', '{"at":', /not JSON/],
    ['a list', '[1]', /object/],
    ['no type', `{${AT}}`, /"type" is missing/],
    ['a type nobody knows', `{${AT},"type":"trade"}`, /"trade"/],
    ['no instant', '{"type":"equity","equity":1}', /"at" is missing/],
    ['no zone', '{"at":"2024-01-08T10:00:00","type":"equity","equity":1}', /time zone/],
    ['30 February', '{"at":"2024-02-30T10:00:00Z","type":"equity","equity":1}', /ISO-8601/],
    ['epoch seconds', '{"at":1704708000,"type":"equity","equity":1}', /outside/],
    ['no equity', `{${AT},"type":"equity","balance":1}`, /needs "equity"/],
    ['no amount', `{${AT},"type":"deposit","balance":1}`, /needs "amount"/],
    ['a negative deposit', `{${AT},"type":"deposit","amount":-1}`, /negative/],
    ['an empty deal', `{${AT},"type":"deal"}`, /without any money/],
    ['a decimal comma', `{${AT},"type":"deal","profit":"1,5"}`, /"profit" is no amount/],
    ['a truth for money', `{${AT},"type":"deal","profit":true}`, /"profit" is no amount/],
    ['a volume in words', `{${AT},"type":"open","volume":"one"}`, /"volume"/],
    ['a number for a symbol list', `{${AT},"type":"open","symbol":[]}`, /"symbol"/],
  ])('is refused with a remedy: %s', (_, line, says) => {
    const refused = eventOf(line);
    expect(refused).toMatchObject({ ok: false, reason: expect.stringMatching(says) });
    expect(refused.ok ? '' : refused.remedy).not.toBe('');
  });
});

describe('an amount', () => {
  it.each(['', ' 1', '1.', '.5', '1e999', '0x10', 'NaN', '1_000', `0.${'1'.repeat(21)}`])(
    'is not %j',
    (text) => {
      expect(parseAmount(text)).toBeUndefined();
    },
  );

  it.each([
    ['1 234 567.89', '1234567.89'],
    ['-1\u00a0234.50', '-1234.5'],
    ['\u2212 12.00', '-12'],
    ['1 234,5', '1234.5'],
  ])('of a report may be %j', (text, plain) => {
    expect(parseReportAmount(text)).toBe(amount(plain));
  });

  it.each([
    ['1,234.50', '1234.5'],
    ['-12,345,678.90', '-12345678.9'],
    ['1.234.567,89', '1234567.89'],
    ['1.234,5', '1234.5'],
    ["1'234.56", '1234.56'],
    ['0,12345678', '0.12345678'],
    ['1 234 567', '1234567'],
  ])('of a report or a spreadsheet may be %j', (text, value) => {
    expect(parseReportAmount(text)).toBe(parseAmount(value));
  });

  it.each(['1,234', '1,23,456.00', '1.234.56', '1,234,56', '12.5 USD', '--1', ''])(
    'of a report is not %j',
    (text) => {
      expect(parseReportAmount(text)).toBeUndefined();
    },
  );
});

describe('an events file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bulwark-events-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const read = async (name: string, text: string) => {
    const file = join(dir, name);
    writeFileSync(file, text);
    const zone = parseServerTz('UTC');
    if (!zone.ok) throw new Error(zone.reason);
    const list: AccountEvent[] = [];
    const onEvent = (event: AccountEvent) => {
      list.push(event);
      return undefined;
    };
    return { ...(await readAccountFile({ file, zone: zone.zone, onEvent })), list };
  };
  const equity = (at: string | number, value: number): string =>
    JSON.stringify({ at, type: 'equity', equity: value });

  it('may mix both kinds of instants, end lines with CR LF, and hold blank lines', async () => {
    const lines = [equity('2024-01-08T10:00:00Z', 1), '', equity(1704708001000, 2), ''];
    const { list } = await read('mixed.ndjson', `\ufeff${lines.join('\r\n')}`);
    expect(list.map(({ at }) => at)).toEqual([
      instant('2024-01-08T10:00:00Z'),
      instant('2024-01-08T10:00:01Z'),
    ]);
  });

  it('is told apart by its content where its name says nothing', async () => {
    const { format } = await read('events', `${equity(1704708001000, 2)}\n`);
    expect(format).toBe('ndjson');
  });

  it('may have very long lines', async () => {
    const long = JSON.stringify({
      at: 1704708001000,
      type: 'equity',
      equity: 2,
      note: 'x1 '.repeat(700_000),
    });
    const { list, notes } = await read('long.ndjson', `${long}\n${equity(1704708002000, 3)}\n`);
    expect(list).toHaveLength(2);
    expect(notes).toEqual([expect.stringMatching(/note/)]);
  });

  it('names file and line of what is wrong', async () => {
    const text = `${equity(1704708001000, 2)}\n\n{"at":1}\n`;
    const fault: unknown = await read('wrong.ndjson', text).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(AccountFileError);
    expect(fault).toMatchObject({ line: 3, message: expect.stringMatching(/wrong\.ndjson:3: /) });
  });
});
