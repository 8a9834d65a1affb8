/**
 * Keeps the journal named by argv[2] as a runtime does, appends to it every few milliseconds, and
 * tells on stdout what became of each append and what the keeper notes. Run from dist/.
 */
import { createJournalPort, journalKeeper } from '../../dist/actors/journal-keeper.js';
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
} from '../../dist/actors/kernel/ambient-clock.js';
import { createSystem } from '../../dist/actors/kernel/system.js';

// A file that grew too large must fail the write, not the process.
process.on('SIGXFSZ', () => undefined);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const port = createJournalPort();
const keeper = journalKeeper({
  file: process.argv[2],
  wall: ambientClock,
  port,
  note: (severity, code) => say({ note: code, severity }),
});
const system = createSystem({
  name: 'keeper',
  clock: ambientClock,
  defer: ambientDefer,
  random: ambientRandom.next,
  root: { children: [{ type: 'worker', id: 'journal', start: () => keeper }] },
});
system.subscribe((event) => {
  if (event.type === 'actor.crashed') say({ crashed: event.report.reason.message });
});
await system.start();
const entry = { kind: 'event', severity: 'info', code: 'x', detail: 'y'.repeat(4_000) };
for (;;) {
  const appended = await port.append([{ ...entry, accountId: 'account.1', at: 0 }]).then(
    () => 'stored',
    (error) => error.reason,
  );
  say({ appended });
  await new Promise((resolve) => setTimeout(resolve, appended === 'stored' ? 1 : 20));
}
