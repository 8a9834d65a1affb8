import { basename } from 'node:path';
import type { ServerZone } from '../../venue-time.ts';
import { BAR_COLUMNS, BarRows, DAILY_BAR_COLUMNS } from './bar-rows.ts';
import { MarketDataError, quoted } from './errors.ts';
import { MARKET_LIMITS } from './limits.ts';
import { readLines } from './line-source.ts';
import type { LoadedSeries } from './loaded-series.ts';
import { RowContext } from './row-context.ts';
import { TICK_COLUMNS, TickRows } from './tick-rows.ts';
import type { ReplayFile } from './types.ts';

export interface LoadOptions {
  readonly maxRows?: number;
  /** Fraction of the file's bytes read, 0..1; never decreases. */
  readonly onProgress?: (fraction: number, file: string) => void;
}

const EXPORT_REMEDY =
  'Export bars or ticks from MetaTrader 5 (View, Symbols, Bars or Ticks, Export) without changing them';

/** Symbol of a file by its name: what stands before the first underscore or blank, without the
 * endings .csv, .txt, .tsv and .gz (`EURUSD.r_M1_2024.csv.gz` is EURUSD.r). */
export const symbolOf = (file: ReplayFile): string => {
  if (file.symbol !== undefined) return file.symbol;
  const stem = basename(file.path)
    .replace(/\.gz$/i, '')
    .replace(/\.(csv|txt|tsv)$/i, '');
  return stem.split(/[_\s]/)[0] ?? stem;
};

type Rows = BarRows | TickRows;

/** Recognises the export by its header line. */
const rowsFor = (
  header: string,
  options: { readonly file: string; readonly zone: ServerZone },
): { readonly rows: Rows; readonly context: RowContext } => {
  const names = header.split('\t');
  const isHeader = (columns: readonly string[]): boolean =>
    names.length === columns.length && columns.every((name, index) => name === names[index]);
  if (isHeader(TICK_COLUMNS)) {
    const context = new RowContext({ ...options, columns: TICK_COLUMNS });
    return { rows: new TickRows(context), context };
  }
  for (const columns of [BAR_COLUMNS, DAILY_BAR_COLUMNS]) {
    if (!isHeader(columns)) continue;
    const context = new RowContext({ ...options, columns });
    return { rows: new BarRows(context, columns !== BAR_COLUMNS), context };
  }
  throw new MarketDataError({
    file: options.file,
    line: 1,
    reason:
      `the columns ${quoted(header.replaceAll('\t', ' '))} are not those of an MT5 export ` +
      `(${BAR_COLUMNS.join(' ')} or ${TICK_COLUMNS.join(' ')}, tab separated)`,
    remedy: EXPORT_REMEDY,
  });
};

/**
 * Loads one MT5 export into typed arrays after validating every row of it. Rejects with
 * MarketDataError (file, line, reason, remedy) for anything that is wrong with it.
 */
export const loadReplayFile = async (
  file: ReplayFile,
  zone: ServerZone,
  options: LoadOptions = {},
): Promise<LoadedSeries> => {
  const { path } = file;
  const maxRows = options.maxRows ?? MARKET_LIMITS.maxRowsPerFile;
  let reader: { readonly rows: Rows; readonly context: RowContext } | undefined;
  let blankLine = 0;
  const onLine = (bytes: Buffer, from: number, to: number, line: number): void => {
    if (reader === undefined) {
      reader = rowsFor(bytes.toString('latin1', from, to), { file: path, zone });
      return;
    }
    if (from === to) {
      blankLine = blankLine || line;
      return;
    }
    const { context, rows } = reader;
    if (blankLine > 0) context.refuse('an empty line inside the data', EXPORT_REMEDY, blankLine);
    context.load(bytes, from, to, line);
    if (line - 1 > maxRows) {
      context.refuse(`more than ${maxRows} rows`, 'Split the file by time and name all parts');
    }
    rows.row();
  };
  const lines = await readLines(path, onLine, (fraction) => options.onProgress?.(fraction, path));
  if (reader === undefined) {
    throw new MarketDataError({
      file: path,
      line: 1,
      reason: 'the file is empty',
      remedy: EXPORT_REMEDY,
    });
  }
  if (reader.rows.length === 0) {
    const reason =
      lines > 1 ? 'no row has both a bid and an ask' : 'there are no rows after the header';
    throw new MarketDataError({ file: path, line: 1, reason, remedy: EXPORT_REMEDY });
  }
  return reader.rows.finish(symbolOf(file));
};
