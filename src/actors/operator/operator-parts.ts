import type { Clock } from '../../domain/ports.ts';
import type { StrategyKey } from '../../domain/trading.ts';
import type { EpochMs } from '../../domain/units.ts';
import type { DeskPaths } from '../desk.ts';
import type { System } from '../kernel/types.ts';
import type { Notice } from '../runtime.ts';
import { OPERATOR_REFUSALS, type OperatorDone, type OperatorRefusal } from './operator-types.ts';

/** One account behind the door. */
export interface OperatedAccount {
  readonly login: string;
  /** `set/phase`. */
  readonly rules: string;
  readonly currency: string;
  readonly currencyDigits: number;
  readonly paths: DeskPaths;
  readonly strategies: readonly StrategyKey[];
}

/** What the door needs of the runtime behind it. */
export interface OperatorParts {
  readonly system: System;
  readonly wall: Clock;
  readonly now: () => EpochMs;
  readonly accounts: readonly OperatedAccount[];
  readonly runId: string;
  readonly profile: string;
  readonly restarts: () => number;
  readonly note: (notice: Omit<Notice, 'at'>) => void;
  /** While it lies in the data directory, nothing is rearmed. */
  readonly isKillFileThere: () => boolean;
  /** Makes durable which strategies an operator has stopped, so that a restart does not forget. */
  readonly rememberDisabled: (login: string, strategies: readonly string[]) => Promise<void>;
}

/** What one step of a command came to. */
export type Outcome =
  | { readonly ok: true; readonly done: OperatorDone }
  | { readonly ok: false; readonly refusal: OperatorRefusal };

export const refused = (
  code: OperatorRefusal['code'],
  account: string | null,
  remedy: string,
  // The sentence of the table without its full stop: the remedy follows it.
  cause: string = OPERATOR_REFUSALS[code].replace(/\.$/, ''),
): Outcome => ({ ok: false, refusal: { code, account, cause, remedy } });
export const did = (account: string | null, text: string): Outcome => ({
  ok: true,
  done: { account, text },
});
