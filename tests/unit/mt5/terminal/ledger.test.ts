import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BrokerLog, loadLog } from '../../../../src/mt5/terminal/broker-log.ts';
import type { LogRecord } from '../../../../src/mt5/terminal/ea/ea-records.ts';
import { LEDGER_FILE, Ledger } from '../../../../src/mt5/terminal/ledger.ts';
import { LedgerLines } from '../../../../src/mt5/terminal/ledger-lines.ts';
import { scriptedMarket, ticksOf } from '../../../support/scripted-market.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';
import { TerminalBench } from '../../../support/terminal-bench.ts';

const lines = new LedgerLines({
  digitsOf: (symbol) => (symbol === 'EURUSD' ? 5 : undefined),
  currencyDigits: 2,
});

const life = (): readonly (readonly LogRecord[])[] => {
  const quotes = Array.from(
    { length: 12 },
    (_, i) => [i * 20_000, 130_000 - (i > 6 ? 1_200 : 0)] as const,
  );
  const terminal = new TerminalBench({ market: scriptedMarket(ticksOf(quotes)) });
  terminal.start();
  const steps: (readonly LogRecord[])[] = [];
  let seen = 0;
  const cut = (): void => {
    steps.push(terminal.log.slice(seen));
    seen = terminal.log.length;
  };
  cut();
  terminal.advance();
  terminal.order();
  cut();
  while (terminal.advance() !== undefined) cut();
  return steps;
};

const openBoth = (dataDir: string, copy?: string) => {
  const loaded = loadLog(dataDir, 'mine');
  const ledger = new Ledger({ dataDir, lines, loaded, ...(copy === undefined ? {} : { copy }) });
  const hooks = {
    onAppended: ledger.append.bind(ledger),
    beforeCheckpoint: ledger.sync.bind(ledger),
  };
  const log = new BrokerLog({ directory: dataDir, identity: 'mine', loaded, hooks });
  const close = (): void => {
    log.close();
    ledger.close();
  };
  return { log, close };
};
const run = (dataDir: string, copy?: string): void => {
  const { log, close } = openBoth(dataDir, copy);
  for (const records of life()) log.append(records, true);
  close();
};
const read = (file: string): readonly Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

describe('the ledger', () => {
  it('tells every request, order, deal and position in decimals and UTC', () => {
    const dataDir = temporaryDirectory();
    run(dataDir);
    const told = read(join(dataDir, LEDGER_FILE));
    expect(told.map(({ type, event, name }) => event ?? name ?? type)).toEqual([
      'account',
      'deal',
      'request',
      'filled',
      'deal',
      'opened',
      'DONE',
      'filled',
      'deal',
      'closed',
    ]);
    const deals = told.filter(({ type }) => type === 'deal');
    expect(deals[1]).toMatchObject({
      entry: 'in',
      price: '1.30010',
      volume: '1',
      commission: '-3.50',
      intent: 'I1',
      attempt: 1,
      magic: '281474976710657',
      at: '2014-05-05T08:01:00.250Z',
      atMs: 1399276860250,
    });
    expect(deals[2]).toMatchObject({
      entry: 'out',
      reason: 'sl',
      price: '1.28798',
      profit: '-1212.00',
      comment: '[sl 1.29000]',
    });
    expect(told.find(({ type }) => type === 'request')).toMatchObject({
      action: 'place',
      symbol: 'EURUSD',
      side: 'buy',
      kind: 'market',
      volume: '1',
      stopLoss: '1.29000',
    });
    const sum = deals.reduce(
      (total, { profit, commission, swap }) =>
        total + Math.round((Number(profit) + Number(commission) + Number(swap)) * 100),
      0,
    );
    expect(sum).toBe(10_000_000 - 121_200 - 700);
  });

  it('is the same file wherever a crash cut it, after the next start', () => {
    const dataDir = temporaryDirectory();
    run(dataDir);
    const file = join(dataDir, LEDGER_FILE);
    const whole = readFileSync(file);
    for (let size = 0; size <= whole.length; size += 41) {
      writeFileSync(file, whole.subarray(0, size));
      openBoth(dataDir).close();
      expect(readFileSync(file).equals(whole)).toBe(true);
    }
  });

  it('is copied to a file of choice, also one that is new, torn, or behind', () => {
    const dataDir = temporaryDirectory();
    const copy = join(temporaryDirectory(), 'sub', 'ledger.ndjson');
    run(dataDir, copy);
    const whole = readFileSync(join(dataDir, LEDGER_FILE), 'utf8');
    expect(readFileSync(copy, 'utf8')).toBe(whole);
    for (const damaged of [whole.slice(0, 700), '']) {
      writeFileSync(copy, damaged);
      openBoth(dataDir, copy).close();
      expect(readFileSync(copy, 'utf8')).toBe(whole);
    }
    rmSync(copy);
    openBoth(dataDir, copy).close();
    expect(readFileSync(copy, 'utf8')).toBe(whole);
  });

  it('does not continue the ledger of another run, nor something else', () => {
    const dataDir = temporaryDirectory();
    run(dataDir);
    const copy = join(temporaryDirectory(), 'x');
    appendFileSync(copy, '{"n":1,"i":0,"type":"account","login":"1"}\n');
    expect(() => openBoth(dataDir, copy)).toThrow(/another run.*--ledger/);
    writeFileSync(copy, 'hello\n');
    expect(() => openBoth(dataDir, copy)).toThrow(/not a line of a ledger/);
  });
});
