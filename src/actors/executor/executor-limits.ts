/** Bounds of the executor. Session milliseconds, and counts. */
export const EXECUTOR_LIMITS = {
  /** After which an unanswered attempt is asked about for the first time, */
  inflightCheckMs: 1_000,
  /** The first question about an unknown outcome comes after so long, or after a shorter settling time, */
  firstEvidenceMs: 2_000,
  /** and the longest pause between two questions about an unknown outcome. */
  evidenceMaxMs: 300_000,
  /** Entries kept while the journal cannot be written; the oldest are dropped beyond it. */
  backlogEntries: 5_000,
  /** Reports kept before the first reconciliation; its snapshot tells the older ones. */
  earlyReports: 1_000,
  /** Tickets of deals remembered; what is older is in the journal. */
  bookedTickets: 1_000,
} as const;
