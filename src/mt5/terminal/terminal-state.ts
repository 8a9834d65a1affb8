import type { EaRecord, LogRecord } from './ea/ea-records.ts';
import type { EaSnapshot, EaState } from './ea/ea-state.ts';
import { applyEa, emptyEaState, fromEaSnapshot, toEaSnapshot } from './ea/ea-state.ts';
import { apply } from './engine/fold.ts';
import type { BrokerRecord } from './engine/records.ts';
import type { BrokerSnapshot, BrokerState } from './engine/state.ts';
import { emptyState, fromSnapshot, toSnapshot } from './engine/state.ts';

/** Broker and EA of one simulated terminal: the fold of its log. */
export interface TerminalState {
  readonly broker: BrokerState;
  readonly ea: EaState;
}
export interface TerminalSnapshot {
  readonly broker: BrokerSnapshot;
  readonly ea: EaSnapshot;
}

export const emptyTerminal = (): TerminalState => ({ broker: emptyState(), ea: emptyEaState() });

const isEa = (record: LogRecord): record is EaRecord => record.type.startsWith('ea.');
const isBroker = (record: LogRecord): record is BrokerRecord => !isEa(record);

export const applyTerminal = (state: TerminalState, record: LogRecord): void => {
  if (isBroker(record)) apply(state.broker, record);
  else applyEa(state.ea, record);
};

export const terminalSnapshot = (state: TerminalState): TerminalSnapshot => ({
  broker: toSnapshot(state.broker),
  ea: toEaSnapshot(state.ea),
});

export const terminalFrom = (snapshot: TerminalSnapshot): TerminalState => ({
  broker: fromSnapshot(snapshot.broker),
  ea: fromEaSnapshot(snapshot.ea),
});

/** One JSON line. Money is written as digits and read back by the suffix of its field's name. */
export const encodeJson = (value: unknown): string =>
  JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'bigint' ? field.toString() : field,
  );

export const decodeJson = (text: string): unknown =>
  JSON.parse(text, (key, field: unknown) =>
    key.endsWith('Minor') && typeof field === 'string' ? BigInt(field) : field,
  );
