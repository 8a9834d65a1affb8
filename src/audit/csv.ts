import type { CellType, SqlValue } from './tables.ts';

/**
 * CSV as RFC 4180 has it: CRLF after every record, quotes around cells that need them, quotes
 * doubled inside. NULL is an empty cell.
 *
 * A spreadsheet runs a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return as a
 * formula, and text in these tables comes from strategies and brokers. Such *text* cells get an
 * apostrophe in front, which spreadsheets take for "this is text". Decimal and time cells have a
 * spelling of their own (`-12.50` stays a number); one that breaks it is treated as text.
 */
const FORMULA_START = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;
const PLAIN: Readonly<Record<CellType, RegExp | undefined>> = {
  text: undefined,
  decimal: /^-?\d+(?:\.\d+)?$/,
  time: /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/,
};

const harmless = (text: string, type: CellType): string => {
  if (PLAIN[type]?.test(text) === true) return text;
  return FORMULA_START.test(text) ? `'${text}` : text;
};

export const csvCell = (value: SqlValue, type: CellType): string => {
  if (value === null) return '';
  const text = harmless(String(value), type);
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const csvRecord = (cells: readonly string[]): string => `${cells.join(',')}\r\n`;
