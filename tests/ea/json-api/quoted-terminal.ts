import { onTestFinished } from 'vitest';
import { minor } from '../../../src/domain/units.ts';
import { account } from '../../support/broker-bench.ts';
import { newYork7 } from '../../support/new-york-7.ts';
import { type Quote, scriptedMarket, ticksOf } from '../../support/scripted-market.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { JsonApiTerminal, type JsonApiTerminalOptions } from './json-api-terminal.ts';

/** A quote each second of two minutes, around 1.30000. */
const CALM: readonly Quote[] = Array.from({ length: 120 }, (_, index) => [
  1_000 * (index + 1),
  130_000 + (index % 7),
]);

/** Such a terminal with an account of 100,000 dollars and its first quote, for as long as a test. */
export const jsonApiTerminal = async (
  options: Partial<JsonApiTerminalOptions> & { readonly quotes?: readonly Quote[] } = {},
): Promise<JsonApiTerminal> => {
  const { quotes = CALM, ...rest } = options;
  const terminal = await JsonApiTerminal.open({
    directory: temporaryDirectory(),
    market: scriptedMarket(ticksOf(quotes)),
    zone: newYork7,
    account: { ...account, balanceMinor: minor(10_000_000n) },
    latencyMs: 0,
    seed: 1,
    ...rest,
  });
  terminal.elapse(1_000);
  onTestFinished(() => terminal.close());
  return terminal;
};
