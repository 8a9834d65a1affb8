import type { EpochMs } from '../../../domain/units.ts';
import type { EaBody, Envelope } from '../../wire/messages.ts';
import type { WireCalendarEvent } from '../../wire/records.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineEnvironment } from '../engine/environment.ts';
import type { Market } from '../market/types.ts';
import type { EaRecord } from './ea-records.ts';
import type { EaState } from './ea-state.ts';
import type { WireView } from './wire-view.ts';

/** What every part of the EA works with. `emit` applies a record; it becomes durable, and only then
 * do messages leave, at the end of the turn. */
export interface EaContext {
  readonly engine: Engine;
  readonly env: EngineEnvironment;
  readonly market: Market;
  readonly state: EaState;
  readonly view: WireView;
  /** Economic calendar in time order, null when this terminal has none. */
  readonly calendar: readonly (typeof WireCalendarEvent.Type)[] | null;
  readonly emit: (record: EaRecord) => void;
  readonly now: () => EpochMs;
  /** The EA's monotonic clock: session milliseconds since the market began. */
  readonly mono: () => number;
}

/** A message to send, and the one it answers. */
export interface Outgoing {
  readonly body: EaBody;
  readonly re?: Envelope;
  readonly attachment?: Uint8Array;
  /** Trace of the command that a result belongs to; of an answer it is the asker's. */
  readonly trace?: string;
}
