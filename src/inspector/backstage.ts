import { existsSync } from 'node:fs';
import type { AccountStatus } from '../actors/operator/operator-view.ts';
import { type AuditPages, openAuditPages } from '../audit/pages.ts';
import { type AuditQueries, openAuditQueries } from '../audit/queries.ts';
import type { Clock } from '../domain/ports.ts';
import { openJournalReader } from '../journal/journal-reader.ts';
import type { JournalReader } from '../journal/types.ts';
import type { AccessControl } from './access.ts';
import type { LiveFeed } from './live-feed.ts';
import { badRequest, unavailable } from './problem.ts';
import type { AnswerTo, InspectorThreadData, LiveView, Question } from './protocol.ts';

/** What every route works with. */
export interface Backstage {
  readonly data: InspectorThreadData;
  readonly clock: Clock;
  readonly control: AccessControl;
  readonly feed: LiveFeed;
  /** Of this life of the thread: ids of another one mean nothing. */
  readonly bootId: string;
  /** Asks the runtime's thread. Rejects when it does not answer in time. */
  readonly ask: <Q extends Question>(question: Q) => Promise<AnswerTo<Q>>;
  /** Told to the runtime, for the event log. */
  readonly note: (notice: {
    readonly severity: 'info' | 'warning';
    readonly code: string;
    readonly detail: string;
  }) => void;
  readonly records: Records;
}

/** The databases, opened when they are first asked for: the auditor may not have made its own yet. */
export class Records {
  readonly #auditFile: string;
  readonly #journalFile: string;
  #pages: AuditPages | undefined;
  #queries: AuditQueries | undefined;
  #journal: JournalReader | undefined;

  constructor(files: { readonly auditFile: string; readonly journalFile: string }) {
    this.#auditFile = files.auditFile;
    this.#journalFile = files.journalFile;
  }

  pages(): AuditPages {
    this.#mustExist(this.#auditFile);
    this.#pages ??= openAuditPages({ file: this.#auditFile });
    return this.#pages;
  }

  queries(): AuditQueries {
    this.#mustExist(this.#auditFile);
    this.#queries ??= openAuditQueries({ file: this.#auditFile });
    return this.#queries;
  }

  journal(): JournalReader {
    this.#mustExist(this.#journalFile);
    this.#journal ??= openJournalReader({ file: this.#journalFile });
    return this.#journal;
  }

  close(): void {
    this.#pages?.close();
    this.#queries?.close();
    this.#journal?.close();
  }

  #mustExist(file: string): void {
    if (!existsSync(file)) throw unavailable('Nothing has been recorded yet.');
  }
}

export const viewOf = ({ feed }: Backstage): LiveView => {
  if (feed.view === undefined) throw unavailable('The runtime has not shown itself yet.');
  return feed.view;
};

/** The account that was asked for; without a name, the only one there is. */
export const accountNamed = ({ data }: Backstage, wanted: string | undefined): string => {
  const { accounts } = data;
  const [only] = accounts;
  if (wanted === undefined && accounts.length === 1 && only !== undefined) return only;
  if (wanted !== undefined && accounts.includes(wanted)) return wanted;
  const remedy = `Name one with ?account=: ${accounts.join(', ')}.`;
  if (wanted === undefined) throw badRequest('Several accounts run here.', remedy);
  throw badRequest(`No account ${wanted} runs here.`, remedy);
};

export const accountOf = (stage: Backstage, wanted: string | undefined): AccountStatus => {
  const login = accountNamed(stage, wanted);
  const account = viewOf(stage).status.accounts.find((one) => one.login === login);
  if (account === undefined) throw unavailable(`Nothing is known of account ${login} yet.`);
  return account;
};

/** Milliseconds of a query's instant. Throws a problem for a day that no calendar has. */
export const instantOf = (name: string, value: string | undefined): number | undefined => {
  if (value === undefined) return undefined;
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw badRequest(`${name} is no instant: ${value}`);
  return at;
};
