import type { Instrument } from '../../../domain/instrument.ts';
import type { Bar, Tick, Timeframe } from '../../../domain/market.ts';
import type { EpochMs } from '../../../domain/units.ts';

/** Where quotes come from. `replay` reads MT5 exports; `synthetic` is the seeded built-in market. */
export type MarketOptions =
  | {
      readonly kind: 'replay';
      readonly files: readonly ReplayFile[];
      readonly serverTz: string;
      /** How bars become quotes; `honest` when absent. */
      readonly convention?: SpreadConvention;
    }
  | {
      readonly kind: 'synthetic';
      readonly seed: number;
      readonly symbols: readonly string[];
      readonly startMs: EpochMs;
      readonly serverTz: string;
    };
/**
 * Spread of quotes played from bars. `mt5-ohlc`: the bar's own, which is the narrowest of its span.
 * `honest`: never under the 75th percentile of the bars of the same server hour. Ticks carry their
 * own ask under both.
 */
export type SpreadConvention = 'honest' | 'mt5-ohlc';

/** `symbol` overrides the one taken from the file name (`EURUSD_M1_201405.csv.gz` → EURUSD). */
export interface ReplayFile {
  readonly path: string;
  readonly symbol?: string;
}

/**
 * The market of one terminal: a deterministic sequence of ticks over all symbols in time order
 * (equal instants keep the source's order, then symbol order of `instruments`). A position in it is
 * an integer, so a restarted terminal seeks to where it was.
 */
export interface Market {
  readonly instruments: readonly Instrument[];
  readonly startsAt: EpochMs;
  /** Instant of the last tick; undefined when the market never ends (synthetic). */
  readonly endsAt: EpochMs | undefined;
  /** The next tick without consuming it; undefined at the end of the data. */
  readonly peek: () => Tick | undefined;
  readonly next: () => Tick | undefined;
  /** Number of ticks consumed. */
  readonly position: () => number;
  /** Moves to a position; the market's history (bars) is rebuilt as if played up to there. */
  readonly seek: (position: number) => void;
  /** Bars completed so far: rows of bar sources, M1 bars built from tick sources, M1 bars of the
   * synthetic market. A bar is complete when a tick of its symbol has opened the next one; at the
   * end of the data the running bar counts as complete. */
  readonly barsTotal: () => number;
  /**
   * Up to `count` bars ending before or at `to`, oldest first, built from what was played (and the
   * synthetic market's pre-history); bars align to server-time days. When `to` is not before the
   * symbol's last tick the running bar comes last, with `complete` false. High, low, tick volume and
   * spread are those of the quotes played, so that these bars equal the ones a client builds from
   * the ticks. Empty for a symbol that is not quoted and for a timeframe finer than the source's.
   */
  readonly history: (query: {
    readonly symbol: string;
    readonly timeframe: Timeframe;
    readonly count: number;
    readonly to: EpochMs;
  }) => readonly Bar[];
  /** Length of the bars that a symbol's ticks are derived from, ms; undefined for real ticks. Inside
   * of a derived bar the order of the extremes is a convention, so the matching engine grants a
   * take-profit only at the bar's end. Absent: every symbol has real ticks. */
  readonly sourceBarMs?: (symbol: string) => number | undefined;
  /** True while the symbol's trading session is open at `at`. */
  readonly isOpen: (symbol: string, at: EpochMs) => boolean;
}
