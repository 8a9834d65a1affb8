import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrokerRequest, ClientReference } from '../../../src/mt5/terminal/engine/records.ts';
import { decodeJson } from '../../../src/mt5/terminal/terminal-state.ts';

const NOBODY: ClientReference = { intent: '', attempt: 0 };

interface Line {
  readonly records?: readonly (
    | { readonly type: 'request.received'; readonly request: BrokerRequest }
    | { readonly type: 'request.done'; readonly id: string }
  )[];
}

/** Requests in a bridge's log that have no outcome, oldest first: what it may have sent. */
export const openRequests = (directory: string): readonly BrokerRequest[] => {
  if (!existsSync(directory)) return [];
  const open = new Map<string, BrokerRequest>();
  const segments = readdirSync(directory).filter((name) => /^broker-\d+\.ndjson$/.test(name));
  for (const segment of segments.sort()) {
    for (const text of readFileSync(join(directory, segment), 'utf8').split('\n')) {
      if (text === '') continue;
      for (const record of (decodeJson(text) as Line).records ?? []) {
        if (record.type === 'request.received') open.set(record.request.id, record.request);
        if (record.type === 'request.done') open.delete(record.id);
      }
    }
  }
  return [...open.values()];
};

/** For whom an order is, for the broker's ledger: each request in the order in which it was written
 * down before it was sent. */
export const bridgedReference = (directory: string): (() => ClientReference) => {
  const taken = new Set<string>();
  return () => {
    const next = openRequests(directory).find(({ id }) => !taken.has(id));
    if (next === undefined) return NOBODY;
    taken.add(next.id);
    return { intent: next.intent, attempt: next.attempt };
  };
};
