/**
 * Appends to the journal named by argv[2] until it is killed, and tells on stdout each sequence
 * number that was acknowledged. Run from dist/, as any child process.
 */
import { openJournal } from '../../dist/journal/journal-writer.js';

const journal = await openJournal({ file: process.argv[2], clock: { now: () => 0 } });
const entry = (code) => ({
  kind: 'event',
  severity: 'info',
  code,
  detail: 'x'.repeat(200),
  accountId: 'account.1',
  at: 0,
});
for (let turn = 0; ; turn += 1) {
  const group = Array.from({ length: 5 }, (_, index) => entry(`turn-${turn}-${index}`));
  const appends = [journal.append(group), journal.append([entry(`turn-${turn}-alone`)])];
  for (const { lastSeq } of await Promise.all(appends)) process.stdout.write(`${lastSeq}\n`);
}
