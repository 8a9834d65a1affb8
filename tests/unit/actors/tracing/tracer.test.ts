import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
  ambientStopwatch,
} from '../../../../src/actors/kernel/ambient-clock.ts';
import { createSystem } from '../../../../src/actors/kernel/system.ts';
import { createTraceContext } from '../../../../src/actors/tracing/trace-context.ts';
import { tracer } from '../../../../src/actors/tracing/tracer.ts';
import { anyBehaviour } from '../../../../src/actors/tree.ts';
import { epochMs } from '../../../../src/domain/units.ts';
import { openJournalReader } from '../../../../src/journal/journal-reader.ts';
import { openJournal } from '../../../../src/journal/journal-writer.ts';
import type { Entry } from '../../../../src/journal/types.ts';
import { ACCOUNT, deal, entry, openIntent, planned } from '../../../support/entries.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

it('counts spans as lost that ended before the thread was open to send them', async () => {
  const file = join(temporaryDirectory(), 'journal.db');
  const journal = await openJournal({ file, clock: { now: () => epochMs(500) } });
  onTestFinished(() => journal.close());
  const reader = openJournalReader({ file });
  onTestFinished(() => reader.close());
  const intent = openIntent('i1');
  await journal.append([
    entry(planned(intent)),
    entry({ kind: 'attempt.sent', intentId: 'i1', attempt: 1, epoch: 1 }),
  ]);
  const listeners = new Set<(entry: Entry) => void>();
  const counts = { exported: 0, lost: 0 };
  const system = createSystem({
    name: 'traced',
    clock: ambientClock,
    defer: ambientDefer,
    random: ambientRandom.next,
    root: {
      intensity: 1,
      children: [
        {
          type: 'worker',
          id: 'tracer',
          shutdown: 10_000,
          start: (): ReturnType<typeof anyBehaviour> =>
            anyBehaviour(
              tracer({
                accountId: ACCOUNT,
                context: createTraceContext({
                  ...{ journalId: () => 'run-1', accountId: ACCOUNT, ratio: 1 },
                }),
                thread: { endpoint: 'http://127.0.0.1:9/v1/traces', headers: {}, resource: {} },
                paths: { guard: 'g', executor: 'e', connection: 'c', strategies: new Map() },
                system,
                wall: ambientClock,
                stopwatch: ambientStopwatch,
                reader: () => reader,
                onEntry: (listener) => {
                  listeners.add(listener);
                  return () => listeners.delete(listener);
                },
                note: () => undefined,
                counts,
              }),
            ),
        },
      ],
    },
  });
  await system.start();
  for (const tell of listeners) {
    tell(entry({ kind: 'deal.booked', intentId: 'i1', deal: deal('1') }));
    tell(entry({ kind: 'order.state', intentId: 'i1', state: 'filled' }));
  }
  await system.shutdown();
  expect(counts).toMatchObject({ exported: 0, lost: expect.any(Number) });
  expect(counts.lost).toBeGreaterThanOrEqual(2);
  expect(listeners.size).toBe(0);
});
