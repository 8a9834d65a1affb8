import { absurd } from '../../../domain/units.ts';
import { RETCODE, retcodeClass } from '../../retcodes.ts';
import type {
  AdvanceRecord,
  AttemptResult,
  EaRecord,
  GuardFloors,
  GuardTrip,
  JournalEntry,
} from './ea-records.ts';

/** Everything the EA remembers over its own restart. Changed only by `applyEa`. */
export interface EaState {
  starts: number;
  highestEpoch: number;
  holder: string | null;
  leaseMs: number;
  lapsed: boolean;
  guard: GuardFloors | null;
  trip: GuardTrip | null;
  deadManActed: boolean;
  /** Attempts with an outcome, counted since the journal began. */
  executed: number;
  /** Last advance that the runtime confirmed. */
  doneSeq: number;
  /** Sent and not confirmed. */
  outstanding: AdvanceRecord | null;
  /** The last advance said that the data ended, to the controller that holds the epoch. */
  ended: boolean;
  /** By `intent/attempt`, in the order received. */
  readonly journal: Map<string, JournalEntry>;
}

export const EA_LIMITS = { journalEntries: 20_000, traces: 1_024 } as const;

export const emptyEaState = (): EaState => ({
  starts: 0,
  highestEpoch: 0,
  holder: null,
  leaseMs: 0,
  lapsed: false,
  guard: null,
  trip: null,
  deadManActed: false,
  executed: 0,
  doneSeq: 0,
  outstanding: null,
  ended: false,
  journal: new Map(),
});

export type EaSnapshot = ReturnType<typeof toEaSnapshot>;
export const toEaSnapshot = (state: EaState) => ({ ...state, journal: [...state.journal] });
export const fromEaSnapshot = (snapshot: EaSnapshot): EaState => ({
  ...snapshot,
  journal: new Map(snapshot.journal),
});

export const attemptKey = (intent: string, attempt: number): string => `${intent}/${attempt}`;

/** A close that finds nothing to close, or a cancel that finds no order, reached its goal. */
const wentWell = (retcode: number): boolean =>
  retcodeClass(retcode) === 'success' ||
  retcode === RETCODE.POSITION_CLOSED ||
  retcode === RETCODE.INVALID_ORDER;

const worse = (known: AttemptResult | null, next: AttemptResult): AttemptResult =>
  known !== null && !wentWell(known.retcode) ? known : next;

const execute = (state: EaState, key: string, request: string, outcome: AttemptResult): void => {
  const entry = state.journal.get(key);
  if (entry === undefined) return;
  const open = entry.open.filter((id) => id !== request);
  const kept = worse(entry.outcome, outcome);
  const result = open.length === 0 ? kept : null;
  state.journal.set(key, { ...entry, open, outcome: kept, result });
  if (result !== null) state.executed += 1;
};

/** Forgets the oldest attempts that have a result; one without stays until it has. */
const prune = (journal: Map<string, JournalEntry>): void => {
  for (const [key, entry] of journal) {
    if (journal.size <= EA_LIMITS.journalEntries) return;
    if (entry.result !== null) journal.delete(key);
  }
};

/** The only place where a record changes the EA's state. */
export const applyEa = (state: EaState, record: EaRecord): void => {
  switch (record.type) {
    case 'ea.started':
      state.starts = record.start;
      return;
    case 'ea.claimed':
      state.highestEpoch = record.epoch;
      state.holder = record.holder;
      state.leaseMs = record.leaseMs;
      state.lapsed = false;
      // A new controller has to be told too: it would wait for the next quote for ever.
      state.ended = false;
      return;
    case 'ea.lease':
      state.leaseMs = record.leaseMs;
      state.lapsed = record.lapsed;
      return;
    case 'ea.guard':
      state.guard = record.floors;
      if (record.rearmed) state.trip = null;
      return;
    case 'ea.tripped':
      state.trip = record.trip;
      return;
    case 'ea.deadMan':
      state.deadManActed = record.acted;
      return;
    case 'ea.sent': {
      const { entry } = record;
      state.journal.set(attemptKey(entry.intent, entry.attempt), entry);
      if (state.journal.size > EA_LIMITS.journalEntries) prune(state.journal);
      return;
    }
    case 'ea.executed':
      execute(state, record.key, record.request, record.outcome);
      return;
    case 'ea.advance':
      state.outstanding = record.advance;
      if (record.advance.why === 'end') state.ended = true;
      return;
    case 'ea.done':
      state.doneSeq = record.clockSeq;
      state.outstanding = null;
      return;
    default:
      absurd(record);
  }
};
