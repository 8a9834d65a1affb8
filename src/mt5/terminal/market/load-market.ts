import { absurd } from '../../../domain/units.ts';
import type { MarketExtras } from './market-extras.ts';
import { loadReplayMarket } from './replay-market.ts';
import { openSyntheticMarket } from './synthetic-market.ts';
import type { Market, MarketOptions } from './types.ts';

/** Opens the market that the options describe. Rejects with MarketDataError when it cannot: once
 * this has resolved, no quote of it can fail. */
export const loadMarket = async (options: MarketOptions, extras: MarketExtras): Promise<Market> => {
  switch (options.kind) {
    case 'replay':
      return await loadReplayMarket(options, extras);
    case 'synthetic':
      return openSyntheticMarket(options, extras);
    default:
      return absurd(options);
  }
};
