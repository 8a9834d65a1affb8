import { createHash } from 'node:crypto';
import type { WireDeal, WireOrder, WirePosition } from './records.ts';

/**
 * The fingerprint of what the venue holds: sha-256 (hex) over positions, orders, history orders and
 * deals as canonical JSON: UTF-8, no white space, keys in ascending order of their code units, each
 * list in ascending order of its tickets. Two terminals, or the same one asked twice, agree exactly
 * when they hold the same; the order in which they happened to list it does not matter. Prices of
 * the moment, equity and symbols are left out, so that a quiet account hashes alike twice.
 */
export interface HashedRecords {
  readonly positions: readonly (typeof WirePosition.Type)[];
  readonly orders: readonly (typeof WireOrder.Type)[];
  readonly historyOrders: readonly (typeof WireOrder.Type)[];
  readonly deals: readonly (typeof WireDeal.Type)[];
}

const withoutLeadingZeros = (ticket: string): string => ticket.replace(/^0+(?=\d)/, '');

/** Ascending as numbers: tickets have up to 20 digits, more than a double holds. */
export const compareTickets = (left: string, right: string): number => {
  const a = withoutLeadingZeros(left);
  const b = withoutLeadingZeros(right);
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  // The default sort compares code units, as any language does that sorts bytes of ASCII keys.
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
};

const canonicalList = (records: readonly { readonly ticket: string }[]): string => {
  // Equal tickets (a venue's defect) still need one order: their own text decides.
  const lines = records.map((record) => ({ ticket: record.ticket, text: canonicalJson(record) }));
  lines.sort((a, b) => compareTickets(a.ticket, b.ticket) || (a.text < b.text ? -1 : 1));
  return `[${lines.map((line) => line.text).join(',')}]`;
};

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** Hash carried by `snapshot.end`. */
export const snapshotHash = (records: HashedRecords): string =>
  sha256(
    `{"deals":${canonicalList(records.deals)},"historyOrders":${canonicalList(records.historyOrders)},` +
      `"orders":${canonicalList(records.orders)},"positions":${canonicalList(records.positions)}}`,
  );

/** Hash carried by every heartbeat: positions alone. */
export const positionsHash = (positions: HashedRecords['positions']): string =>
  sha256(canonicalList(positions));
