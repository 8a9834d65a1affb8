import { describe, expect, it } from 'vitest';
import { epochMs, points } from '../../../../src/domain/units.ts';
import { parseServerTz } from '../../../../src/mt5/venue-time.ts';
import { EaBody, RuntimeBody } from '../../../../src/mt5/wire/messages.ts';
import { decodeTicks, encodeTicks } from '../../../../src/mt5/wire/tick-batch.ts';
import {
  bodyToServer,
  DURATION_FIELDS,
  frameToUtc,
  INSTANT_FIELDS,
  recordsToUtc,
} from '../../../../src/mt5/wire/time-base.ts';
import { eaFrame } from '../../../support/wire-frames.ts';

const HOUR = 3_600_000;
const zone = (() => {
  const parsed = parseServerTz('UTC+2');
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.zone;
})();
const AT = Date.UTC(2024, 2, 4, 12);

/** Every field name anywhere in a schema. */
const namesIn = (node: unknown, found = new Set<string>(), seen = new Set<unknown>()) => {
  if (typeof node !== 'object' || node === null || seen.has(node)) return found;
  seen.add(node);
  if (Array.isArray(node)) for (const item of node) namesIn(item, found, seen);
  else {
    const entry = node as { readonly _tag?: string; readonly name?: unknown };
    if (typeof entry.name === 'string') found.add(entry.name);
    for (const value of Object.values(node)) namesIn(value, found, seen);
  }
  return found;
};

describe('the time base', () => {
  it('knows of every field in milliseconds whether it is an instant or a length', () => {
    const names = [...EaBody.members, ...RuntimeBody.members].flatMap((member) => [
      ...namesIn(member.ast),
    ]);
    const inMs = new Set(names.filter((name) => name.endsWith('Ms')));
    expect([...inMs].sort()).toEqual([...INSTANT_FIELDS, ...DURATION_FIELDS].sort());
  });

  it('moves instants of records, of bars and of ticks, and nothing else', () => {
    const tripped = {
      kind: 'guard.tripped',
      equity: '1',
      floor: '2',
      atMs: AT + 2 * HOUR,
    } as const;
    expect(frameToUtc(eaFrame(tripped), zone).body).toEqual({ ...tripped, atMs: AT });
    const history = {
      kind: 'history',
      symbol: 'EURUSD',
      timeframe: 'M1',
      chunk: 0,
      last: true,
      nextMs: null,
      bars: [[AT + 2 * HOUR, 1, 2, 3, 4, 5, 6, true]],
    } as const;
    expect(frameToUtc(eaFrame(history), zone).body).toMatchObject({
      nextMs: null,
      bars: [[AT, 1, 2, 3, 4, 5, 6, true]],
    });
    const tick = { symbol: 'EURUSD', bid: points(1), ask: points(2) };
    const attachment = encodeTicks([{ ...tick, at: epochMs(AT + 2 * HOUR) }]);
    const batch = { kind: 'ticks', batch: 1, complete: true, ticksTotal: 1 } as const;
    const converted = frameToUtc({ ...eaFrame(batch), attachment }, zone);
    expect(decodeTicks(converted.attachment ?? new Uint8Array())).toEqual({
      ok: true,
      ticks: [{ ...tick, at: AT }],
    });
  });

  it('leaves a snapshot alone until its hash was checked', () => {
    const end = { kind: 'snapshot.end', snapshotId: 's', atMs: AT } as never;
    expect(frameToUtc(eaFrame(end), zone).body).toBe(end);
    expect(recordsToUtc({ deals: [{ atMs: AT + 2 * HOUR, ticket: '7' }] }, zone)).toEqual({
      deals: [{ atMs: AT, ticket: '7' }],
    });
  });

  it('says resets and ranges in the terminal’s own time', () => {
    const guard = { kind: 'guard', resetsMs: [AT], deadMan: { afterMs: 7 } } as never;
    expect(bodyToServer(guard, zone)).toMatchObject({
      resetsMs: [AT + 2 * HOUR],
      deadMan: { afterMs: 7 },
    });
  });
});
