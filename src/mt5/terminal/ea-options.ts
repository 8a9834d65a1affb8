import type { Minor } from '../../domain/units.ts';
import type { WireCalendarEvent } from '../wire/records.ts';
import type { Broker } from './ea/broker.ts';
import type { TerminalFacts } from './ea/ea-context.ts';
import type { LogRecord } from './ea/ea-records.ts';
import type { EngineEnvironment } from './engine/environment.ts';
import type { BrokerAccount } from './engine/records.ts';
import type { Market } from './market/types.ts';
import type { TerminalState } from './terminal-state.ts';

/** Where transactions go. `append` returns once the records are as safe as asked. */
export interface TerminalStore {
  readonly append: (records: readonly LogRecord[], durable: boolean) => void;
}

export interface EaModelOptions {
  readonly state: TerminalState;
  readonly env: EngineEnvironment;
  readonly market: Market;
  readonly store: TerminalStore;
  readonly account: BrokerAccount;
  readonly balanceMinor: Minor;
  readonly seed: number;
  readonly instanceId: string;
  /** Who moves the session clock; `master` when absent. */
  readonly clock?: 'master' | 'free';
  /** Per-EA token that hello carries; null when the link needs none. */
  readonly token: string | null;
  /** Economic calendar in time order; absent: the terminal has none. */
  readonly calendar?: readonly (typeof WireCalendarEvent.Type)[];
  /** The account behind it; the simulated broker when absent. */
  readonly broker?: Broker;
  /** What it says of itself; a simulated terminal when absent. */
  readonly facts?: TerminalFacts;
  /** What an operator shows to take the account over; undefined: nobody can. */
  readonly takeoverToken?: string;
}
