import type { Instrument } from '../../../domain/instrument.ts';
import type { ServerZone } from '../../venue-time.ts';
import { parseServerTz } from '../../venue-time.ts';
import type { InstrumentOverride } from '../catalog.ts';
import { CATALOG_SYMBOLS, resolveInstrument } from '../catalog.ts';
import { MarketDataError, quoted } from './errors.ts';

/** What a market needs to know besides its source. */
export interface MarketExtras {
  /** ISO code; commissions of the catalogue are stated in it. */
  readonly accountCurrency: string;
  /** Own figures by symbol. */
  readonly overrides?: Readonly<Record<string, InstrumentOverride>>;
  /** Fraction of the work done, 0..1, each file counting the same, and the file being read. */
  readonly onProgress?: (fraction: number, file: string) => void;
  /** Rows of one file beyond which loading is refused. */
  readonly maxRowsPerFile?: number;
}
/** The zone of the option's text, or a MarketDataError that lists the accepted forms. */
export const zoneOrThrow = (serverTz: string): ServerZone => {
  const parsed = parseServerTz(serverTz);
  if (parsed.ok) return parsed.zone;
  const { reason, remedy } = parsed;
  throw new MarketDataError({ file: 'server time zone', line: 0, reason, remedy });
};

/** The symbol's instrument, or a MarketDataError that names the known symbols. */
export const instrumentOrThrow = (
  extras: MarketExtras,
  options: {
    readonly symbol: string;
    readonly file: string;
    readonly line?: number;
    readonly digits?: number;
  },
): Instrument => {
  const { symbol, file, digits } = options;
  const override = extras.overrides?.[symbol];
  const instrument = resolveInstrument({
    symbol,
    accountCurrency: extras.accountCurrency,
    ...(digits === undefined ? {} : { digits }),
    ...(override === undefined ? {} : { override }),
  });
  if (instrument !== undefined) return instrument;
  throw new MarketDataError({
    file,
    line: options.line ?? 0,
    reason: `unknown symbol ${quoted(symbol)}`,
    remedy:
      `Name one of ${CATALOG_SYMBOLS.join(', ')} with --symbol, or configure its ` +
      'contractSize, baseCurrency and quoteCurrency',
  });
};
