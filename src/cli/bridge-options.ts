import * as Redacted from 'effect/Redacted';
import type { Config } from '../config/config.ts';
import type { JsonApiOptions } from '../mt5/jsonapi/bridge-options.ts';
import { resolveInstrument } from '../mt5/terminal/catalog.ts';
import { CliError } from './cli-error.ts';

/** A bridge as the configuration describes it; the process adds what it shows of itself. */
export const bridgeOptions = (
  config: Config,
  place: Pick<JsonApiOptions, 'endpoint' | 'dataDir'>,
): JsonApiOptions => {
  const { account, link, market, instruments } = config;
  const { initialBalanceMinor: _, ...identity } = account;
  const { takeoverToken } = link;
  return {
    ...place,
    ...link.jsonApi,
    account: { ...identity, company: account.server },
    // It is not told which: the dearer one is assumed.
    accountKind: 'real',
    // Those that are traded, and those that only convert into the account's currency.
    instruments: Object.keys(instruments).map((symbol) => {
      const override = instruments[symbol];
      const found = resolveInstrument({
        symbol,
        accountCurrency: account.currency,
        ...(override === undefined ? {} : { override }),
      });
      if (found !== undefined) return found;
      throw new CliError(
        `instruments.${symbol} does not say enough to trade it`,
        'state its contractSize, baseCurrency and quoteCurrency',
      );
    }),
    serverTz: market.serverTz,
    instanceId: 'json-api',
    reconnect: link.reconnect,
    ...(takeoverToken === undefined ? {} : { takeoverToken: Redacted.value(takeoverToken) }),
  };
};
