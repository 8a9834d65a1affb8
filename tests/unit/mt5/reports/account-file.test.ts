import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readAccountFile } from '../../../../src/mt5/reports/account-file.ts';
import { AccountFileError } from '../../../../src/mt5/reports/errors.ts';
import { parseServerTz } from '../../../../src/mt5/venue-time.ts';
import type { AccountEvent } from '../../../../src/risk/account-walk-types.ts';
import { amount, instant } from '../../../support/account-history.ts';
import type { DealCells, TextEncoding } from '../../../support/mt5-report.ts';
import {
  balanceDeal,
  delimitedDeals,
  ENGLISH,
  encoded,
  htmlReport,
  SPANISH,
  tradeDeal,
} from '../../../support/mt5-report.ts';

const dir = mkdtempSync(join(tmpdir(), 'bulwark-reports-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const written = (name: string, content: string | Buffer): string => {
  const file = join(dir, name);
  writeFileSync(file, content);
  return file;
};

const read = async (file: string, serverTz = 'ny+7') => {
  const zone = parseServerTz(serverTz);
  if (!zone.ok) throw new Error(zone.reason);
  const events: AccountEvent[] = [];
  const done = await readAccountFile({
    file,
    zone: zone.zone,
    onEvent: (event) => {
      events.push(event);
      return undefined;
    },
  });
  return { ...done, list: events };
};
const faultOf = async (file: string): Promise<AccountFileError> => {
  const fault: unknown = await read(file).catch((error: unknown) => error);
  if (!(fault instanceof AccountFileError)) throw new Error(`not refused: ${String(fault)}`);
  return fault;
};

const DEALS: readonly DealCells[] = [
  balanceDeal('2024.01.08 00:00:00', '100 000.00', '100 000.00'),
  tradeDeal({
    time: '2024.01.08 10:00:00',
    direction: 'in',
    commission: '-3.50',
    balance: '99 996.50',
  }),
  tradeDeal({
    time: '2024.01.08 12:00:00',
    direction: 'out',
    commission: '-3.50',
    swap: '-1.25',
    profit: '1 204.75',
    balance: '101\u00a0196.50',
  }),
  balanceDeal('2024.01.09 09:00:00', '-500.00', '100 696.50'),
];
const EXPECTED = [
  { type: 'deposit', amount: amount(100_000), balanceBefore: amount(0) },
  { type: 'open', amount: amount('-3.5'), balance: amount('99996.5'), symbol: 'EURUSD' },
  { type: 'close', amount: amount(1200), balance: amount('101196.5'), volumeE8: 100_000_000n },
  { type: 'withdrawal', amount: amount(-500), at: instant('2024-01-09T07:00:00Z') },
];

describe("MetaTrader 5's HTML report", () => {
  it.each<[string, typeof ENGLISH, TextEncoding]>([
    ['English, UTF-16 LE', ENGLISH, 'utf-16le'],
    ['English, UTF-16 BE', ENGLISH, 'utf-16be'],
    ['English, UTF-16 LE without a mark', ENGLISH, 'utf-16le no bom'],
    ['English, UTF-8', ENGLISH, 'utf-8'],
    ['Spanish, UTF-16 LE', SPANISH, 'utf-16le'],
    ['Spanish, UTF-8 with a mark', SPANISH, 'utf-8 bom'],
  ])('gives its deals and nothing of its other tables: %s', async (name, language, encoding) => {
    const file = written(`${name}.html`, encoded(htmlReport(language, DEALS), encoding));
    const { format, list } = await read(file);
    expect(format).toBe('html');
    expect(list).toMatchObject(EXPECTED);
    expect(list).toHaveLength(EXPECTED.length);
  });

  it('is read in pieces, whatever falls on the border between two', async () => {
    const deals = Array.from({ length: 5000 }, (_, index) =>
      tradeDeal({
        time: '2024.01.08 10:00:00',
        direction: index % 2 === 0 ? 'in' : 'out',
        balance: '100 000.00',
      }),
    );
    const file = written('big.html', encoded(htmlReport(SPANISH, deals), 'utf-16le'));
    expect((await read(file)).events).toBe(5000);
  });

  it('tells the direction of reversals and of closes by an opposite position', async () => {
    const deals = ['in/out', 'out by', 'salida'].map((direction) =>
      tradeDeal({ time: '2024.01.08 10:00:00', direction, balance: '100 000.00' }),
    );
    const { list } = await read(written('directions.html', htmlReport(ENGLISH, deals)));
    expect(list.map(({ type }) => type)).toEqual(['reversal', 'close', 'close']);
  });

  it('leaves credit out and says so, and books charges', async () => {
    const credit = balanceDeal('2024.01.08 00:00:00', '50.00', '').with(3, 'credit');
    const charge = balanceDeal('2024.01.08 00:00:00', '-9.00', '99 991.00').with(3, 'charge');
    const { list, notes } = await read(
      written('credit.html', htmlReport(ENGLISH, [credit, charge])),
    );
    expect(list).toMatchObject([{ type: 'deal', amount: amount(-9) }]);
    expect(notes.join()).toMatch(/[Cc]redit/);
  });

  it.each([
    ['in January', '2024.01.08 10:00:00', '2024-01-08T08:00:00.000Z'],
    ['while only America has summer time', '2024.03.20 10:00:00', '2024-03-20T07:00:00.000Z'],
    ['in summer', '2024.07.08 10:00:00', '2024-07-08T07:00:00.000Z'],
    ['while America alone still has it', '2024.10.30 10:00:00', '2024-10-30T07:00:00.000Z'],
    ['a week later', '2024.11.06 10:00:00', '2024-11-06T08:00:00.000Z'],
  ])("has the server's time, New York + 7 h: %s", async (name, time, iso) => {
    const deal = tradeDeal({ time, direction: 'in', balance: '100 000.00' });
    const { list } = await read(written(`${name}.html`, htmlReport(ENGLISH, [deal])));
    expect(new Date(list[0]?.at ?? 0).toISOString()).toBe(iso);
  });

  it('is refused in another language, saying what was looked for', async () => {
    const heading = ['Zeit', 'Geschäft', 'Art', 'Richtung', 'Gewinn', 'Kontostand'];
    const german = { ...ENGLISH, dealHeading: heading, positionHeading: ['Zeit', 'Gewinn'] };
    const fault = await faultOf(written('german.html', htmlReport(german, DEALS)));
    expect(fault.message).toMatch(/Time, Deal, Symbol.*Fecha\/Hora, Transacción.*Spanish/);
  });

  it.each([
    ['type', 3, 'swaption', /deal type "swaption"/],
    ['amount', 11, '12 apples', /profit "12 apples"/],
    ['time', 0, '2024.02.30 10:00:00', /2024\.02\.30/],
    ['direction', 4, 'sideways', /direction "sideways"/],
    ['volume', 5, 'much', /volume "much"/],
  ])('is refused with row and remedy for a wrong %s', async (name, column, text, says) => {
    const deal = tradeDeal({ time: '2024.01.08 10:00:00', direction: 'in', balance: '1.00' });
    const html = htmlReport(ENGLISH, [deal, deal.with(column, text)]);
    const fault = await faultOf(written(`wrong-${name}.html`, html));
    expect(fault.line).toBe(7);
    expect(fault.reason).toMatch(says);
    expect(fault.remedy).not.toBe('');
  });
});

describe('the deals as CSV or TSV', () => {
  it.each([
    ['tabs, English', ENGLISH, '\t'],
    ['semicolons, Spanish', SPANISH, ';'],
    ['commas, English', ENGLISH, ','],
  ])('are read with %s', async (name, language, delimiter) => {
    const text = delimitedDeals(language, DEALS, delimiter);
    const { format, list } = await read(written(`${name}.csv`, encoded(text, 'utf-16le')));
    expect(format).toBe('delimited');
    expect(list).toMatchObject(EXPECTED);
  });

  it('may be a whole report that was saved as CSV, with its other tables around', async () => {
    const text = [
      'Trade History Report,,,,,,,,,,,,,',
      ENGLISH.positionHeading.join(','),
      '2024.01.08 10:00:00,9,EURUSD,buy,1,1.1,,,2024.01.08 12:00:00,1.2,0,0,999999.00',
      'Deals,,,,,,,,,,,,,',
      delimitedDeals(ENGLISH, DEALS, ','),
      ',,,,,,,,-7.00,0.00,-1.25,704.75,,',
      'Open Positions,,,,,,,,,,,,,',
    ].join('\n');
    expect((await read(written('whole.csv', text))).list).toMatchObject(EXPECTED);
  });

  it('may quote their cells and write decimal commas', async () => {
    const text = [
      '"Time";"Type";"Direction";"Profit";"Balance"',
      '"2024.01.08 10:00";"sell";"out";"-1 250,50";"98 749,50"',
    ].join('\n');
    const { list } = await read(written('quoted.csv', text));
    expect(list).toMatchObject([
      { amount: amount('-1250.5'), balance: amount('98749.5'), type: 'close' },
    ]);
  });

  it('are deals where no direction is told', async () => {
    const text = 'Time,Deal,Type,Profit\n2024-01-08 10:00:00,1,buy,5.00\n';
    expect((await read(written('bare.csv', text))).list).toMatchObject([{ type: 'deal' }]);
  });

  it('are refused with the columns that were looked for', async () => {
    const fault = await faultOf(written('prices.csv', 'date,open,high,low,close\n1,2,3,4,5\n'));
    expect(fault.message).toMatch(/columns Time, Deal, Symbol/);
  });
});

describe('a file that is no history', () => {
  it.each([
    ['an empty file', 'empty.ndjson', '', /empty/],
    ['blank lines only', 'blank.ndjson', '\r\n\r\n  \n', /empty/],
    ['a heading without deals', 'none.csv', ENGLISH.dealHeading.join(','), /no entry/],
    ['bytes that are no text', 'binary.ndjson', Buffer.from([0x7b, 0xff, 0xfe, 0x80]), /UTF-8/],
  ])('is refused: %s', async (_, name, content, says) => {
    expect((await faultOf(written(name, content))).message).toMatch(says);
  });

  it('is refused when it is missing or a directory', async () => {
    expect((await faultOf(join(dir, 'nowhere.ndjson'))).message).toMatch(/does not exist/);
    expect((await faultOf(dir)).message).toMatch(/directory/);
  });
});

describe('what other programs write', () => {
  it('may be times with a zone or epoch milliseconds, and a last row of sums', async () => {
    const rows = [
      'Time;Type;Direction;Profit;Balance',
      '2024-01-08T10:00:00+02:00;buy;in;0,00;100.000,00',
      '1704708000000;buy;out;-1.234,56;98.765,44',
      'Total;;;-1.234,56;98.765,44',
    ];
    const { list } = await read(written('others.csv', rows.join('\n')));
    expect(list).toMatchObject([
      { at: instant('2024-01-08T08:00:00Z'), balance: amount(100_000) },
      { at: 1_704_708_000_000, amount: amount('-1234.56'), balance: amount('98765.44') },
    ]);
    expect(list).toHaveLength(2);
  });

  it('is refused where the time of a deal is no time', async () => {
    const rows = ['Time,Type,Profit,Balance', 'yesterday,buy,1.00,100001.00'];
    const fault = await faultOf(written('yesterday.csv', rows.join('\n')));
    expect([fault.line, fault.reason]).toEqual([2, '"yesterday" is no time of MetaTrader']);
  });

  it('may be whole milliseconds with a point or an exponent, and volumes with one', async () => {
    const lines = [
      '{"at":1704708000000.0,"type":"open","volume":1e-2}',
      '{"at":1.7047080005E12,"type":"close","profit":1e2,"volume":0.01}',
    ];
    const { list } = await read(written('floats.ndjson', lines.join('\n')));
    expect(list).toMatchObject([
      { at: 1_704_708_000_000, volumeE8: 1_000_000n },
      { at: 1_704_708_000_500, amount: amount(100) },
    ]);
  });
});

describe('a report that was cut off or changed', () => {
  const rows = [
    'Time,Type,Direction,Profit,Balance,Comment',
    '2024.01.08 10:00:00,balance,,100000.00,100000.00,',
    '2024.01.08 11:00:00,buy,out,-4990.00,95010.00,',
  ];

  it('is refused wherever its last row ends too early, and never read without that deal', async () => {
    const whole = rows.join('\n');
    const last = rows[2] ?? '';
    for (let length = 10; length <= last.length - ',95010.00,'.length; length += 1) {
      const text = whole.slice(0, whole.length - last.length + length);
      const fault = await faultOf(written('cut.csv', text));
      expect(fault.line).toBe(3);
    }
    const quoted = `${whole}\n"2024.01.08 12:00:00,buy`;
    expect((await faultOf(written('quote.csv', quoted))).reason).toMatch(/cut off/);
  });

  it('may lack what is empty at the end of a row', async () => {
    const trimmed = rows.map((row) => row.replace(/,+$/, '')).join('\n');
    expect((await read(written('trimmed.csv', trimmed))).list).toHaveLength(2);
  });

  it('is refused in the middle of a row of HTML', async () => {
    const html = htmlReport(ENGLISH, DEALS);
    const cut = html.slice(0, html.lastIndexOf('696.50'));
    expect((await faultOf(written('cut.html', cut))).reason).toMatch(/middle of a row/);
  });

  it('says where the balances do not add up', async () => {
    const without = [rows[0], rows[1], '2024.01.08 11:00:00,buy,out,-10.00,95010.00,'].join('\n');
    const { notes } = await read(written('gap.csv', without));
    expect(notes.join()).toMatch(/At 3 the balance does not follow/);
    expect((await read(written('all.csv', rows.join('\n')))).notes).toEqual([]);
  });

  it('is refused where a point may part thousands, whichever row says so first', async () => {
    const head = 'Time;Type;Direction;Profit;Balance';
    const clear = '2024.01.08 10:00:00;balance;;100.000,00;100.000,00';
    const unclear = '2024.01.08 11:00:00;buy;out;-4.990;95.010,00';
    const early = '2024.01.08 09:00:00;buy;out;-4.990;95.010';
    for (const [name, list] of [
      ['late', [head, clear, unclear]],
      ['early', [head, early, clear]],
    ] as const) {
      const fault = await faultOf(written(`${name}.csv`, list.join('\n')));
      expect([fault.line, fault.reason]).toEqual([
        3,
        expect.stringContaining('"-4.990" may be thousands or decimals'),
      ]);
    }
    // A currency of three decimals is no such case.
    const dinar = '2024.01.08 11:00:00;buy;out;-4.990;995.010';
    expect((await read(written('dinar.csv', `${head}\n${dinar}`))).list).toMatchObject([
      { amount: amount('-4.99') },
    ]);
  });
});
