import type { ServerZone } from '../venue-time.ts';
import type { EngineEnvironment } from './engine/environment.ts';
import { defaultSlippage, ENGINE_LIMITS, planConversions } from './engine/environment.ts';
import type { ScheduledOperation } from './engine/records.ts';
import { TerminalRefused } from './errors.ts';
import type { Market } from './market/types.ts';

export interface EnvironmentOptions {
  readonly market: Market;
  readonly zone: ServerZone;
  readonly accountCurrency: string;
  readonly latencyMs: number;
  readonly rejectRate: number;
  readonly requoteRate: number;
  readonly partialFillRate?: number;
  readonly operations?: readonly ScheduledOperation[];
}

/**
 * The broker's surroundings for a market. Throws TerminalRefused when the profit of a symbol cannot
 * be converted into the account currency: trading it would need a rate that nobody quotes.
 */
export const environmentFor = (options: EnvironmentOptions): EngineEnvironment => {
  const { market, zone, accountCurrency, latencyMs, rejectRate, requoteRate } = options;
  const instruments = new Map(market.instruments.map((item) => [item.symbol, item]));
  const { conversions, missing } = planConversions(market.instruments, accountCurrency);
  const [first] = missing;
  if (first !== undefined) {
    const { symbol, quoteCurrency: quote } = first;
    throw new TerminalRefused({
      subject: symbol,
      reason: `its profit is in ${quote} and no symbol here converts ${quote} to ${accountCurrency}`,
      remedy: `Add ${quote}${accountCurrency} or ${accountCurrency}${quote} to the market, or leave ${symbol} out`,
    });
  }
  return {
    instruments,
    conversions,
    isOpen: market.isOpen,
    serverOffsetMs: (at) => zone.toServer(at) - at,
    sourceBarMs: (symbol) => market.sourceBarMs?.(symbol),
    slippagePoints: (symbol) => {
      const instrument = instruments.get(symbol);
      return instrument === undefined ? 0 : defaultSlippage(instrument);
    },
    latencyMs,
    rejectRate,
    requoteRate,
    partialFillRate: options.partialFillRate ?? 0,
    operations: [...(options.operations ?? [])].sort((a, b) => a.at - b.at),
    ...ENGINE_LIMITS,
  };
};
