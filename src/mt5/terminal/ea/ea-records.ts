import type { EpochMs, Minor } from '../../../domain/units.ts';
import type { EaMessageOf, RuntimeMessageOf } from '../../wire/messages.ts';
import type { WireResult } from '../../wire/records.ts';
import type { BrokerRecord } from '../engine/records.ts';

/**
 * What the EA writes down: its register (epoch, holder), its floors, its journal of attempts and
 * the session clock. Money fields end in `Minor`, as in the broker's records.
 */
export type AttemptResult = typeof WireResult.Type;
export type AdvanceReason = EaMessageOf<'clock.advance'>['why'];

/** One attempt of the runtime: written before the broker hears of it. */
export interface JournalEntry {
  readonly intent: string;
  readonly attempt: number;
  readonly kind: string;
  readonly at: EpochMs;
  /** Broker requests of this attempt that have no outcome yet; a flatten has many. */
  readonly open: readonly string[];
  /** First failure so far, else the last success. */
  readonly outcome: AttemptResult | null;
  /** Set when nothing is open any more. */
  readonly result: AttemptResult | null;
}

export interface GuardFloors {
  readonly dailyMinor: Minor;
  readonly anchorMinor: Minor;
  readonly ratchet: RuntimeMessageOf<'guard'>['ratchet'];
  readonly totalFloorMinor: Minor;
  readonly bufferMinor: Minor;
  /** Highest balance that the total floor has followed. */
  readonly highMinor: Minor;
  /** Future resets, ascending. */
  readonly resetsMs: readonly number[];
  readonly deadMan: RuntimeMessageOf<'guard'>['deadMan'];
}

export interface GuardTrip {
  readonly equityMinor: Minor;
  readonly floorMinor: Minor;
  readonly at: EpochMs;
}

/** An advance as it was sent; its ticks are re-read from the market by position. */
export interface AdvanceRecord {
  readonly clockSeq: number;
  readonly fromPosition: number;
  readonly toPosition: number;
  readonly toMs: number;
  readonly why: AdvanceReason;
  readonly barsTotal: number;
}

export type EaRecord =
  /** The EA program started for the n-th time. */
  | { readonly type: 'ea.started'; readonly start: number }
  | {
      readonly type: 'ea.claimed';
      readonly epoch: number;
      readonly holder: string;
      readonly leaseMs: number;
    }
  | { readonly type: 'ea.lease'; readonly leaseMs: number; readonly lapsed: boolean }
  | { readonly type: 'ea.guard'; readonly floors: GuardFloors; readonly rearmed: boolean }
  | { readonly type: 'ea.tripped'; readonly trip: GuardTrip }
  | { readonly type: 'ea.deadMan'; readonly acted: boolean }
  | { readonly type: 'ea.sent'; readonly entry: JournalEntry }
  | {
      readonly type: 'ea.executed';
      readonly key: string;
      readonly request: string;
      readonly outcome: AttemptResult;
    }
  | { readonly type: 'ea.advance'; readonly advance: AdvanceRecord }
  | { readonly type: 'ea.done'; readonly clockSeq: number };

/** One line of the log is one transaction of these. */
export type LogRecord = BrokerRecord | EaRecord;

const LAZY: ReadonlySet<LogRecord['type']> = new Set<LogRecord['type']>([
  'cursor',
  'random.drawn',
  'takeProfit.reached',
  'rollover',
  'ea.started',
  'ea.advance',
  'ea.done',
  'ea.lease',
]);

/** True when losing the record to a power cut would lose something that was promised. The clock and
 * what follows from it alone are recomputed from the market, to the byte. */
export const mustSync = (records: readonly LogRecord[]): boolean =>
  records.some((record) => !LAZY.has(record.type));
