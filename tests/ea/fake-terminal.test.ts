import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { minor } from '../../src/domain/units.ts';
import { account } from '../support/broker-bench.ts';
import { newYork7 } from '../support/new-york-7.ts';
import { type Quote, scriptedMarket, ticksOf } from '../support/scripted-market.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { FakeTerminal } from './terminal/fake-terminal.ts';
import { compileProgram, hasCompiler } from './toolchain.ts';

const present = hasCompiler();
if (!present) console.warn('SKIPPED: there is no g++ here, so no terminal was run');
const trader = fileURLToPath(new URL('programs/trader.mq5', import.meta.url));

const QUOTES: readonly Quote[] = [
  [1_000, 130_000],
  [2_000, 130_010],
  [3_000, 130_020],
  [60_000, 129_000],
];

describe.runIf(present)('the terminal around a compiled expert', () => {
  let binary = '';
  beforeAll(() => {
    binary = compileProgram(trader);
  }, 120_000);

  const open = (lastWords = ''): FakeTerminal => {
    const directory = temporaryDirectory();
    const { currency, currencyDigits } = account;
    const terminal = new FakeTerminal({
      directory,
      binary,
      market: scriptedMarket(ticksOf(QUOTES)),
      zone: newYork7,
      account: { ...account, currency, currencyDigits, balanceMinor: minor(10_000_000n) },
      latencyMs: 250,
      seed: 1,
    });
    onTestFinished(async () => {
      await terminal.close();
      expect(terminal.stderr).toBe(lastWords);
    });
    return terminal;
  };

  it('lets it trade, and shows it what it did', async () => {
    const terminal = open();
    expect(await terminal.start()).toBe(0);
    await terminal.elapse(2_000);
    expect(terminal.printed).toEqual([
      'init 1 on EURUSD 5012345 USD',
      'check 1 0',
      'send 1 10009 deal 1000003 1.30010 error 0',
      'position 1000002 EURUSD 0.50 sl 1.29500 magic 4611686018427387905',
      'deal 1000001 type 2 profit 100000.00 initial deposit',
      'deal 1000003 type 0 profit 0.00 first\ttick',
      'ticks 1 rates 0',
      `server ${Date.UTC(2014, 4, 5, 11, 0, 1) / 1000} ticks of the clock 3600251`,
      'transaction 2 deal 0',
      'transaction 3 deal 0',
      'transaction 6 deal 1000003',
    ]);
    await vi.waitFor(() => expect(terminal.comment).toBe('timer runs'), 10_000);
    await terminal.elapse(60_000);
    expect(terminal.broker.engine.state.positions.size).toBe(0);
    expect(terminal.printed.at(-1)).toMatch(/^transaction 6/);
  });

  it('keeps its variables over a change of the chart and nothing over a kill', async () => {
    const terminal = open();
    await terminal.start();
    await terminal.changeChart();
    await terminal.kill();
    expect(terminal.lastExit?.signal).toBe('SIGKILL');
    await terminal.restart();
    await terminal.stop();
    expect(terminal.printed.map((line) => line.replace(/ on .*/, ''))).toEqual([
      'init 1',
      'deinit 3',
      'init 2',
      'init 1',
      'deinit 9',
    ]);
  });

  it('ends it when OnDeinit takes longer than MetaTrader waits', async () => {
    const terminal = open('critical error: OnDeinit took more than 2.5 seconds\n');
    await terminal.start({ InpDeinitMs: '60000' });
    await terminal.stop();
    expect(terminal.lastExit).toMatchObject({ code: 2 });
  });

  it('loses, delays and refuses what its script says', async () => {
    const terminal = open();
    terminal.faults.onSend({ kind: 'executed' });
    await terminal.start();
    await terminal.elapse(2_000);
    expect(terminal.printed).toContain('send 0 10012 deal 0 0.00000 error 4756');
    expect(terminal.broker.engine.state.positions.size).toBe(1);
  });

  it('dies in the middle of an order, before or after it executed', async () => {
    for (const [kind, positions] of [
      ['killBefore', 0],
      ['killAfter', 1],
    ] as const) {
      const terminal = open();
      terminal.faults.onSend({ kind });
      await terminal.start();
      await terminal.elapse(2_000);
      expect(terminal.lastExit?.signal).toBe('SIGKILL');
      expect(terminal.broker.engine.state.positions.size).toBe(positions);
    }
  });
});
