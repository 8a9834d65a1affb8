import {
  appendFileSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { epochMs, minor } from '../../../../src/domain/units.ts';
import { BrokerLog, eraseLog, loadLog } from '../../../../src/mt5/terminal/broker-log.ts';
import type { LogRecord } from '../../../../src/mt5/terminal/ea/ea-records.ts';
import { applyTerminal, terminalSnapshot } from '../../../../src/mt5/terminal/terminal-state.ts';
import { scriptedMarket, ticksOf } from '../../../support/scripted-market.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';
import { TerminalBench } from '../../../support/terminal-bench.ts';

/** Records of a short life: an order accepted, filled, stopped out of, and another one open. */
const transactions = (): readonly (readonly LogRecord[])[] => {
  const quotes = Array.from(
    { length: 60 },
    (_, i) => [i * 20_000, 130_000 - (i > 30 ? 1_200 : 0)] as const,
  );
  const terminal = new TerminalBench({ market: scriptedMarket(ticksOf(quotes)) });
  const lines: (readonly LogRecord[])[] = [];
  let seen = 0;
  const cut = (): void => {
    lines.push(terminal.log.slice(seen));
    seen = terminal.log.length;
  };
  terminal.start();
  cut();
  for (let index = 0; index < 18; index += 1) {
    if (index === 2 || index === 15)
      terminal.order({ intent: `I${index}`, magic: String(index), stopLoss: '1.28000' });
    if (terminal.advance() === undefined) break;
    cut();
  }
  return lines;
};

const open = (directory: string, segmentBytes?: number, identity = 'mine') => {
  const loaded = loadLog(directory, identity);
  const appended: number[] = [];
  let checkpoints = 0;
  const log = new BrokerLog({
    directory,
    identity,
    loaded,
    hooks: {
      onAppended: ({ n }) => appended.push(n),
      beforeCheckpoint: () => {
        checkpoints += 1;
      },
    },
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
  });
  const write = (records: readonly LogRecord[]): void => {
    for (const record of records) applyTerminal(loaded.state, record);
    log.append(records, true);
  };
  return { log, loaded, write, appended, checkpoints: () => checkpoints };
};
const stateOf = (directory: string) => terminalSnapshot(loadLog(directory, 'mine').state);

describe('the broker log', () => {
  it('gives back exactly the state it was told of', () => {
    const directory = temporaryDirectory();
    const first = open(directory);
    for (const records of transactions()) first.write(records);
    first.log.close();
    expect(first.loaded.state.broker.deals.length).toBeGreaterThan(1);
    expect(stateOf(directory)).toEqual(terminalSnapshot(first.loaded.state));
  });

  it('begins new segments with a checkpoint and keeps two, and nothing is lost', () => {
    const directory = temporaryDirectory();
    const first = open(directory, 1);
    const lines = transactions();
    for (let round = 0; round < 6; round += 1)
      for (const records of lines) first.write(records.filter(({ type }) => type !== 'opened'));
    first.log.close();
    expect(first.checkpoints()).toBeGreaterThan(2);
    const segments = readdirSync(directory).filter((name) => name.startsWith('broker-'));
    expect(segments).toHaveLength(2);
    expect(stateOf(directory)).toEqual(terminalSnapshot(first.loaded.state));
    const second = open(directory);
    expect(second.loaded.lastN).toBe(6 * lines.length);
    second.write([{ type: 'ea.started', start: 9 }]);
    expect(second.appended).toEqual([6 * lines.length + 1]);
    second.log.close();
  });

  it('cut off at any byte loses at most the last transaction', () => {
    const directory = temporaryDirectory();
    const first = open(directory);
    const states = [terminalSnapshot(first.loaded.state)];
    const ends: number[] = [];
    const file = join(directory, readdirSync(directory)[0] ?? '');
    ends.push(statSync(file).size);
    for (const records of transactions().slice(0, 6)) {
      first.write(records);
      states.push(terminalSnapshot(first.loaded.state));
      ends.push(statSync(file).size);
    }
    first.log.close();
    const whole = readFileSync(file);
    for (let size = ends[0] ?? 0; size <= whole.length; size += 37) {
      writeFileSync(file, whole);
      truncateSync(file, size);
      const complete = ends.filter((end) => end <= size).length - 1;
      expect(stateOf(directory)).toEqual(states[complete]);
      expect(statSync(file).size).toBe(ends[complete]);
    }
  });

  it('refuses the directory of another account or market', () => {
    const directory = temporaryDirectory();
    open(directory).log.close();
    expect(() => loadLog(directory, 'other')).toThrow(/another account or market.*--fresh/);
  });

  it('refuses a log that is damaged before its end, naming the line', () => {
    const directory = temporaryDirectory();
    const first = open(directory);
    first.write([{ type: 'ea.started', start: 1 }]);
    first.log.close();
    const file = join(directory, readdirSync(directory)[0] ?? '');
    appendFileSync(file, '{"n":7,"records":[]}\n');
    expect(() => loadLog(directory, 'mine')).toThrow(`${file}:3`);
  });

  it('forgets when it is erased', () => {
    const directory = temporaryDirectory();
    const first = open(directory);
    first.write([{ type: 'random.drawn', state: 4 }]);
    first.log.close();
    eraseLog(directory);
    expect(loadLog(directory, 'other')).toMatchObject({
      lastN: 0,
      state: { broker: { random: 0 } },
    });
  });

  it('keeps money exact, and texts that look like money as they are', () => {
    const directory = temporaryDirectory();
    const first = open(directory);
    const trip = {
      equityMinor: minor(-9_007_199_254_740_993n),
      floorMinor: minor(5n),
      at: epochMs(1),
    };
    first.write([{ type: 'ea.tripped', trip }]);
    const entry = {
      intent: '123n',
      attempt: 1,
      kind: '5',
      at: epochMs(2),
      open: ['7'],
      outcome: null,
      result: null,
    };
    first.write([{ type: 'ea.sent', entry }]);
    first.log.close();
    const { ea } = loadLog(directory, 'mine').state;
    expect(ea.trip).toEqual(trip);
    expect(ea.journal.get('123n/1')).toEqual(entry);
  });
});
