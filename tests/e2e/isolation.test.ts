import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { runExport } from '../../src/cli/export-command.ts';
import type { SessionSummary } from '../../src/cli/session-summary.ts';
import { rowsOf } from '../support/audit-dump.ts';
import { capturedIo } from '../support/captured-io.ts';
import { STORY, sandbox } from '../support/cli-sandbox.ts';
import { expectAgreement, summaryOf } from '../support/finished-run.ts';
import { walkedBars } from '../support/generated-market.ts';
import { writeMarketFile } from '../support/market-files.ts';
import { ledgerFile } from '../support/terminal-ledger.ts';

const SEED = 11;
const ONE_DAY = { from: '2024-02-08 00:00:00', to: '2024-02-09 00:00:00' };
const BUILTINS = [
  { use: 'atr-breakout', symbol: 'EURUSD', timeframe: 'M5' },
  { use: 'sma-cross', symbol: 'EURUSD', timeframe: 'M5' },
];
/** Market seconds per second: slow enough that the back-offs of a restart end before the data. */
const SPEED = '40000';

interface Ran {
  readonly dataDir: string;
  readonly summary: SessionSummary;
  readonly said: string;
  /** Its orders as CSV. */
  readonly orders: string;
}

/** A strategy that is broken from a certain bar on; it trades nothing, so others can be compared. */
const brokenFile = (name: string, body: string): string => `
  import { defineStrategy } from 'bulwark';
  export default defineStrategy({
    name: '${name}', version: '1.0.0', timeframe: 'M5', params: {},
    warmupBars: () => 3, init: () => 0,
    onBar: (seen: number, bar) => {
      if (bar.at > Date.UTC(2024, 1, 8, 3)) { ${body} }
      return { state: seen + 1, signals: [] };
    },
  });`;

/** Opens and closes all day long, and thinks longest about the bars on which others decide too. */
const BUSY_FILE = `
  import { defineStrategy } from 'bulwark';
  export default defineStrategy({
    name: 'busy', version: '1.0.0', timeframe: 'M5', params: { stop: 150 },
    warmupBars: () => 3, init: () => 0,
    onBar: (seen: number, bar, { params, positions }) => {
      let waste = seen;
      for (let i = 0; i < (seen % 3) * 200_000; i += 1) waste = (waste * 31 + i) % 1_000_003;
      const close = { type: 'close', leg: 0, reason: 'turn' } as const;
      const open = { type: 'open', side: bar.close > bar.open ? 'buy' : 'sell', kind: 'market',
        stopDistance: params.stop, takeProfitDistance: params.stop, leg: 1,
        reason: waste < 0 ? 'never' : 'turn' } as const;
      const signals = seen % 6 !== 0 ? [] : positions.length > 0 ? [close, open] : [open];
      return { state: seen + 1, signals };
    },
  });`;

const GROW = 'const all = []; for (;;) all.push(new Array(1_000).fill(all.length));';
const SLOW_MACHINE_MS = 90_000;

describe(`strategies kept apart, on a replay, seed ${SEED}`, STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const market = writeMarketFile(box.dir, 'EURUSD_M1.csv', walkedBars({ seed: SEED, ...ONE_DAY }));
  const run = async (
    name: string,
    config: { readonly strategies: readonly object[]; readonly isolation?: object },
    flags: readonly string[] = [],
  ): Promise<Ran> => {
    const file = box.path(`${name}.json`);
    writeFileSync(file, JSON.stringify(config));
    const dataDir = box.path(name);
    const args = ['run', '--config', file, '--replay', market, '--data-dir', dataDir, '--json'];
    const finished = await box.run([...args, ...flags]);
    const summary = summaryOf(finished);
    await expectAgreement(dataDir);
    const { io, written } = capturedIo();
    expect(await runExport({ table: 'orders', csv: '-', dataDir }, io)).toBe(0);
    return { dataDir, summary, said: finished.stderr, orders: written.out };
  };
  /** A user's file among two built-ins. */
  const withFile = (name: string, body: string): readonly object[] => {
    const file = box.path(`${name}.ts`);
    writeFileSync(file, brokenFile(name, body));
    return BUILTINS.toSpliced(1, 0, { use: file, symbol: 'EURUSD', timeframe: 'M5' });
  };
  let alone: Promise<Ran> | undefined;
  /** What the two built-ins do when nobody else is there. */
  const undisturbed = (): Promise<Ran> => {
    alone ??= run('alone', { strategies: BUILTINS });
    return alone;
  };
  const eventsOf = (ran: Ran, code: string) =>
    rowsOf(`${ran.dataDir}/audit.db`, 'events').filter((event) => event['code'] === code);
  const expectParked = (ran: Ran, name: string, why: RegExp): void => {
    const path = `accounts.5012345.desk.strategies.${name}:EURUSD`;
    const crashes = eventsOf(ran, 'actor.crashed').filter(
      (event) => event['path'] === `${path}.host`,
    );
    expect(crashes).toHaveLength(4);
    for (const crash of crashes) expect(crash['detail']).toMatch(why);
    const parked = eventsOf(ran, 'supervisor.exhausted').map((event) => event['path']);
    expect(parked).toContain(path);
  };

  it.concurrent(
    'parks the one that spins for ever, while the other two trade as if it were not there',
    async () => {
      const isolation = { deadlineMs: 300 };
      const strategies = withFile('spins', 'for (;;) {}');
      const ran = await run('spins', { strategies, isolation }, ['--speed', SPEED]);
      expectParked(ran, 'spins', /no answer to .* within 300 ms/);
      expect(eventsOf(ran, 'strategy.workerLost')).toHaveLength(4);
      expect(eventsOf(ran, 'actor.crashed')).toHaveLength(4);
      expect(eventsOf(ran, 'supervisor.exhausted')).toHaveLength(1);
      expect(ran.summary.restarts).toBe(3);
      expect(ran.summary.deals).toBeGreaterThan(20);
      expect(ran.orders).toBe((await undisturbed()).orders);
      const ledger = ledgerFile(ran.dataDir);
      const verify = ['audit', 'verify', '--data-dir', ran.dataDir, '--ledger', ledger];
      expect(await box.run(verify)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/the audit agrees with the ledger/),
      });
    },
    SLOW_MACHINE_MS,
  );

  it.concurrent(
    'parks one that throws and one that allocates without end, each by itself',
    async () => {
      const isolation = { memoryMb: 32, deadlineMs: 10_000 };
      const [first, thrower, second] = withFile('throws', "throw new Error('no more');");
      const [, grower] = withFile('grows', GROW);
      const strategies = [first, thrower, grower, second] as readonly object[];
      const ran = await run('both', { strategies, isolation }, ['--speed', SPEED]);
      expectParked(ran, 'throws', /^onBar at \S+ threw Error: no more$/);
      expectParked(ran, 'grows', /more than 32 MB of heap were wanted/);
      expect(eventsOf(ran, 'supervisor.exhausted')).toHaveLength(2);
      expect(ran.summary.restarts).toBe(6);
      expect(ran.orders).toBe((await undisturbed()).orders);
    },
    SLOW_MACHINE_MS,
  );

  it.concurrent(
    'gives the same orders, byte for byte, wherever three strategies run',
    async () => {
      const file = box.path('busy.ts');
      writeFileSync(file, BUSY_FILE);
      const config = {
        strategies: [{ use: file, symbol: 'EURUSD' }, ...BUILTINS],
        isolation: { poolSize: 2 },
      };
      const inline = await run('inline', config, ['--isolation', 'inline']);
      const perSymbol = await run('perSymbol', config, ['--isolation', 'perSymbol']);
      const pool = await run('pool', config, ['--isolation', 'pool']);
      expect(pool.said).toMatch(/together in worker pool-1: busy:EURUSD, sma-cross:EURUSD/);
      // Several strategies have to decide at one instant, or the order would prove nothing.
      const rows = inline.orders.trimEnd().split('\n').slice(1);
      const instants = new Set(rows.map((row) => /\d{4}-\d\d-\d\dT[^,]+/.exec(row)?.[0]));
      expect(rows.length - instants.size).toBeGreaterThan(5);
      expect(perSymbol.orders).toBe(inline.orders);
      expect(pool.orders).toBe(inline.orders);
    },
    SLOW_MACHINE_MS,
  );
});
