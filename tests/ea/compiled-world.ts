import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { minor } from '../../src/domain/units.ts';
import { loadMarket } from '../../src/mt5/terminal/market/load-market.ts';
import { parseServerTz } from '../../src/mt5/venue-time.ts';
import type { EaUnderTest, EaWorld, Setting } from '../conformance/link/world.ts';
import { LOGIN, SERVER, SERVER_TZ, TOKEN, writeMarket } from '../conformance/link/world.ts';
import type { WorldOptions } from '../support/runtime-world.ts';
import { journalledReference } from './expert-journal.ts';
import { FakeTerminal, type FakeTerminalOptions } from './terminal/fake-terminal.ts';
import { compileProgram } from './toolchain.ts';

const EXPERT = fileURLToPath(new URL('../../mql5/Experts/Bulwark.mq5', import.meta.url));
/** The Expert Advisor as an executable under sanitizers. */
export const compiledExpert = (): string => compileProgram(EXPERT);

const zone = (() => {
  const parsed = parseServerTz(SERVER_TZ);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.zone;
})();

/** A terminal with the compiled Expert Advisor, not started yet. */
export const expertTerminal = async (
  setting: Setting,
  extra: Partial<FakeTerminalOptions> = {},
): Promise<FakeTerminal> => {
  const files = writeMarket(setting.directory, setting.market);
  const market = await loadMarket(
    { kind: 'replay', serverTz: SERVER_TZ, files: files.map((path) => ({ path })) },
    { accountCurrency: 'USD' },
  );
  return new FakeTerminal({
    directory: setting.directory,
    binary: compiledExpert(),
    market,
    zone,
    account: {
      login: LOGIN,
      server: SERVER,
      company: 'Bulwark',
      currency: 'USD',
      currencyDigits: 2,
      leverage: 30,
      marginMode: setting.marginMode ?? 'hedging',
      balanceMinor: minor(10_000_000n),
      stopOutLevelPercent: 50,
    },
    latencyMs: 250,
    seed: 1,
    operations: setting.operations ?? [],
    ...extra,
    inputs: {
      InpEndpoints: setting.endpoint,
      InpInstance: setting.instanceId,
      InpToken: TOKEN,
      InpTakeoverToken: setting.takeoverToken,
      InpTrustHistory: 'true',
      // Terminal time stands still while it waits, so waiting for answers is for nothing.
      InpParkMs: '0',
      ...extra.inputs,
    },
  });
};

/** The compiled Expert Advisor where the runtime's tests have a simulated terminal that runs freely. */
export const freeExpert: NonNullable<WorldOptions['terminal']> = async (options, speed) => {
  const { dataDir, account, latencyMs, seed, operations = [] } = options;
  const parsed = parseServerTz(options.market.serverTz);
  if (!parsed.ok) throw new Error(parsed.reason);
  const terminal = new FakeTerminal({
    ...{ directory: dataDir, account, latencyMs, seed, operations, zone: parsed.zone },
    binary: compiledExpert(),
    market: await loadMarket(options.market, { accountCurrency: account.currency }),
    referenceOf: journalledReference,
    inputs: {
      InpEndpoints: options.endpoint,
      InpInstance: options.instanceId,
      InpTrustHistory: 'true',
      InpParkMs: '0',
    },
  });
  const code = await terminal.start();
  if (code !== 0) throw new Error(`OnInit: ${code}\n${terminal.printed.join('\n')}`);
  let on = true;
  const ended = terminal.play(speed, () => on);
  return {
    now: () => terminal.now,
    play: () => undefined,
    waiting: () => false,
    log: terminal.printed,
    stop: async () => {
      on = false;
      await ended;
      await terminal.close();
      expect(terminal.stderr, 'sanitizers and critical errors').toBe('');
      return 0;
    },
  };
};

const underTest = (terminal: FakeTerminal): EaUnderTest => ({
  elapse: (ms) => terminal.elapse(ms),
  silence: (ms) => terminal.elapse(ms),
  kill: () => terminal.kill(),
  restart: async () => {
    await terminal.restart();
  },
  loseJournal: () => terminal.loseFiles(),
  stop: async () => {
    await terminal.close();
    expect(terminal.stderr, 'sanitizers and critical errors').toBe('');
  },
});

/** The Expert Advisor itself, compiled against the shim, in a terminal with our matching engine. */
export const compiledWorld: EaWorld = {
  name: 'the compiled Expert Advisor',
  start: async (setting) => {
    const terminal = await expertTerminal(setting);
    const code = await terminal.start();
    if (code !== 0)
      throw new Error(`OnInit: ${code}\n${terminal.printed.join('\n')}\n${terminal.stderr}`);
    return underTest(terminal);
  },
};
