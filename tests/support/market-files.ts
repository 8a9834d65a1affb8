import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tick } from '../../src/domain/market.ts';
import type { Market, MarketOptions } from '../../src/mt5/terminal/market/types.ts';
import type { ServerZone } from '../../src/mt5/venue-time.ts';
import { parseServerTz } from '../../src/mt5/venue-time.ts';

export const BAR_HEADER =
  '<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>';
export const TICK_HEADER = '<DATE>\t<TIME>\t<BID>\t<ASK>\t<LAST>\t<VOLUME>\t<FLAGS>';

/** Blanks stand for tabs, so that rows stay readable in tests. */
export const rows = (header: string, lines: readonly string[], end = '\n'): string =>
  [header, ...lines.map((line) => line.replaceAll(' ', '\t')), ''].join(end);
export const barFile = (lines: readonly string[]): string => rows(BAR_HEADER, lines);
export const tickFile = (lines: readonly string[]): string => rows(TICK_HEADER, lines);

export const writeMarketFile = (
  directory: string,
  name: string,
  content: string | Uint8Array,
): string => {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
};

export const zone = (text: string): ServerZone => {
  const parsed = parseServerTz(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.zone;
};

/** UTC milliseconds of `2014-05-01 03:00:00`, read as UTC whatever zone it is meant in. */
export const wall = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);

export const replayOf = (
  paths: readonly string[],
  serverTz = 'UTC',
): Extract<MarketOptions, { readonly kind: 'replay' }> => ({
  kind: 'replay',
  files: paths.map((path) => ({ path })),
  serverTz,
});

/** `2024.01.02 03:04:05` for a row. */
export const rowTime = (ms: number): string => {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(0, 10).replaceAll('-', '.')} ${iso.slice(11, 19)}`;
};

/** Everything that is left of a market, or its next `count` ticks. */
export const play = (market: Market, count = Number.POSITIVE_INFINITY): readonly Tick[] => {
  const ticks: Tick[] = [];
  while (ticks.length < count) {
    const tick = market.next();
    if (tick === undefined) break;
    ticks.push(tick);
  }
  return ticks;
};
