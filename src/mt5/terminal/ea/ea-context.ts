import type { EpochMs } from '../../../domain/units.ts';
import type { EaBody, Envelope } from '../../wire/messages.ts';
import type { WireCalendarEvent, WireSwitches } from '../../wire/records.ts';
import type { EngineEnvironment } from '../engine/environment.ts';
import type { Market } from '../market/types.ts';
import type { Broker } from './broker.ts';
import type { EaRecord } from './ea-records.ts';
import type { EaState } from './ea-state.ts';
import type { WireView } from './wire-view.ts';

/** What the program and its terminal say of themselves. */
export interface TerminalFacts {
  readonly eaVersion: string;
  readonly terminalBuild: number;
  readonly accountKind: 'demo' | 'contest' | 'real';
  /** Its account is a simulated one. */
  readonly simulated: boolean;
  readonly switches: () => typeof WireSwitches.Type;
  /** The terminal has a connection to its trade server. */
  readonly connected: () => boolean;
  /** Nothing of the account is hidden: only then does absence prove anything. */
  readonly isWhole: () => boolean;
}

/** What every part of the EA works with. `emit` applies a record; it becomes durable, and only then
 * do messages leave, at the end of the turn. */
export interface EaContext {
  readonly engine: Broker;
  readonly env: EngineEnvironment;
  readonly market: Market;
  readonly state: EaState;
  readonly view: WireView;
  /** Economic calendar in time order, null when this terminal has none. */
  readonly calendar: readonly (typeof WireCalendarEvent.Type)[] | null;
  readonly facts: TerminalFacts;
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
