import type { Entry, EntryBody, JournalReader } from '../../journal/types.ts';
import { type DeskDeps, entryAt } from '../desk.ts';
import type { ActorContext } from '../kernel/types.ts';
import type { RecoveryMessage, Snapshot } from '../messages.ts';
import { type Finding, warned } from './recovery-findings.ts';
import { RECOVERY_LIMITS } from './recovery-limits.ts';

/** Entries that an earlier append could not make durable. */
export type Unwritten = readonly Entry[];

/** What a reconciliation leaves in the journal, and says to whoever watches. */
export interface Outcome {
  readonly snapshot: Snapshot;
  readonly findings: readonly Finding[];
  readonly balanced: boolean;
}

export const countsOf = ({ snapshot, balanced }: Outcome): Readonly<Record<string, number>> => ({
  positions: snapshot.positions.length,
  orders: snapshot.orders.length,
  deals: snapshot.deals.length,
  balanced: balanced ? 1 : 0,
});

/** One `recovery.completed`, an event for everything that a person should look at, and the symbols
 * that are new or changed. A reconciliation that found nothing new writes the first alone. */
export const recordOutcome = (
  deps: DeskDeps,
  outcome: Outcome,
  context: ActorContext<RecoveryMessage>,
  unwritten: Unwritten,
): void => {
  const { accountId, journal } = deps;
  const { path } = context;
  const { snapshot, findings } = outcome;
  const completed: EntryBody = {
    kind: 'recovery.completed',
    hash: snapshot.hash,
    counts: countsOf(outcome),
    actions: findings.map(({ detail }) => detail),
  };
  const bodies = [
    ...newSymbols(journal.reader(), accountId, snapshot),
    ...eventsOf(findings, path),
    completed,
  ];
  say(deps, outcome, path);
  append(deps, bodies, context, unwritten);
};

/** Findings without a reconciliation: what keeps it from being made, or from having to be. */
export const recordFindings = (
  deps: DeskDeps,
  findings: readonly Finding[],
  context: ActorContext<RecoveryMessage>,
  unwritten: Unwritten,
): void => {
  for (const { severity, code, detail } of findings) {
    deps.say?.({ severity, code, detail, path: context.path });
  }
  append(deps, eventsOf(findings, context.path), context, unwritten);
};

const append = (
  { accountId, journal }: DeskDeps,
  bodies: readonly EntryBody[],
  context: ActorContext<RecoveryMessage>,
  unwritten: Unwritten,
): void => {
  const at = context.now();
  const entries = [...unwritten, ...bodies.map((body) => entryAt(accountId, at, body))];
  context.task(
    'journal',
    () => journal.append(entries),
    (result) =>
      result.ok
        ? { type: 'journal.written' }
        : { type: 'journal.failed', reason: String(result.error), entries },
  );
};

/** Kept while there is no journal; the next record takes them along. */
export const keepUnwritten = (before: Unwritten, entries: Unwritten): Unwritten =>
  [...before, ...entries].slice(-RECOVERY_LIMITS.unwrittenEntries);

/** The guard has written down what it said of the balance. */
const eventsOf = (findings: readonly Finding[], path: string): readonly EntryBody[] =>
  findings.flatMap(({ severity, code, detail }) =>
    severity === 'info' || code === 'ledger.mismatch'
      ? []
      : [{ kind: 'event', severity, code, detail, path }],
  );

const newSymbols = (
  reader: JournalReader,
  accountId: string,
  { instruments }: Snapshot,
): readonly EntryBody[] => {
  const known = new Map(
    reader.ofKind(accountId, 'symbol.known').map(({ symbol, digits }) => [symbol, digits]),
  );
  return instruments
    .filter(({ symbol, digits }) => known.get(symbol) !== digits)
    .map(({ symbol, digits }) => ({ kind: 'symbol.known', symbol, digits }));
};

/** Findings told in one sentence; the journal has all of them. */
const FINDINGS_SAID = 5;

const say = (deps: DeskDeps, outcome: Outcome, path: string): void => {
  const { findings, balanced } = outcome;
  const { positions, orders, deals } = outcome.snapshot;
  const more = findings.length - FINDINGS_SAID;
  const sentences = [
    `${positions.length} positions, ${orders.length} orders and ${deals.length} deals compared`,
    ...(findings.length === 0 ? ['nothing to do'] : []),
    ...findings.slice(0, FINDINGS_SAID).map(({ detail }) => detail),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
  deps.say?.({
    severity: worst(findings, balanced),
    code: 'recovery.completed',
    detail: sentences.join('; '),
    path,
  });
};

const worst = (findings: readonly Finding[], balanced: boolean): Finding['severity'] => {
  if (!balanced || findings.some(({ severity }) => severity === 'error')) return 'error';
  return findings.some(({ severity }) => severity === 'warning') ? 'warning' : 'info';
};

/** The terminal counts its leases. More than the journal knows of, and this journal is not the one
 * that traded last. */
export const unknownLeases = (
  reader: JournalReader,
  accountId: string,
  epoch: number,
): readonly Finding[] => {
  const earlier = reader
    .ofKind(accountId, 'epoch.claimed')
    .map((entry) => entry.epoch)
    .filter((known) => known < epoch);
  const missing = epoch - 1 - Math.max(0, ...earlier);
  if (missing <= 0) return [];
  const words = `the terminal gave ${missing} leases that this journal knows nothing of`;
  const why =
    'a start that was cut short, a backup that was put back, a new folder, or somebody else';
  return [warned('recovery.leasesUnknown', `${words}: ${why}`)];
};
