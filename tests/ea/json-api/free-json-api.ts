import { join } from 'node:path';
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
  ambientStopwatch,
} from '../../../src/actors/kernel/ambient-clock.ts';
import { runJsonApiBridge } from '../../../src/mt5/jsonapi/bridge-process.ts';
import { loadMarket } from '../../../src/mt5/terminal/market/load-market.ts';
import { parseServerTz } from '../../../src/mt5/venue-time.ts';
import type { WorldOptions } from '../../support/runtime-world.ts';
import { bridgedReference } from './bridge-journal.ts';
import { JsonApiTerminal } from './json-api-terminal.ts';

/**
 * An EA of the kind of MQL5-JSON-API and the bridge to it, where the runtime's tests have a simulated
 * terminal that runs freely. The broker's own ledger stands where theirs does.
 */
export const freeJsonApi: NonNullable<WorldOptions['terminal']> = async (options, speed) => {
  const { dataDir, account, latencyMs, seed, operations = [] } = options;
  const parsed = parseServerTz(options.market.serverTz);
  if (!parsed.ok) throw new Error(parsed.reason);
  const market = await loadMarket(options.market, { accountCurrency: account.currency });
  const bridgeDir = join(dataDir, 'bridge');
  const terminal = await JsonApiTerminal.open({
    ...{ directory: dataDir, account, latencyMs, seed, operations, zone: parsed.zone, market },
    referenceOf: bridgedReference(bridgeDir),
  });
  const log: string[] = [];
  let on = true;
  let stop: (reason: string) => void = () => undefined;
  const { balanceMinor: _, ...stated } = account;
  const ended = runJsonApiBridge(
    {
      ...{ endpoint: options.endpoint, instanceId: options.instanceId, dataDir: bridgeDir },
      account: stated,
      accountKind: 'demo',
      instruments: market.instruments,
      serverTz: options.market.serverTz,
      ...{ host: '127.0.0.1', ...terminal.ports },
      ...{ answerMs: 5_000, pollMs: 100, settleMs: 2_000 },
    },
    {
      // Both have the same day; timers keep the pace of the wall.
      clock: { ...ambientClock, now: () => terminal.now },
      stopwatch: ambientStopwatch,
      defer: ambientDefer,
      random: ambientRandom.next,
      log: (line) => log.push(line),
      onStopRequested: (asked) => {
        stop = asked;
        return () => undefined;
      },
    },
  );
  const played = terminal.play(speed, () => on);
  return {
    now: () => terminal.now,
    play: () => undefined,
    waiting: () => false,
    log,
    stop: async () => {
      stop('the test is over');
      const code = await ended;
      on = false;
      await played;
      await terminal.close();
      return code;
    },
  };
};
