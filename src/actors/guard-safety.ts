import type { Position } from '../domain/trading.ts';
import { beginClose } from './guard-closing.ts';
import { namesOf, safetySignal } from './guard-intents.ts';
import { forgetIntents } from './guard-restore.ts';
import { type GuardState, ownerOf } from './guard-state.ts';
import type { GuardWork } from './guard-work.ts';
import type { SignalRaised } from './messages.ts';

/** Closes of a whole position, for a strategy or of the guard's own making. */
export const closePosition = (
  work: GuardWork,
  position: Position,
  raised: SignalRaised,
  reason: string,
): void => {
  const at = work.context.now();
  const { key, signalId } = namesOf(work.deps.accountId, raised);
  const begun = beginClose(work.state, { position, raised, key, reason, at });
  if (begun === undefined) return;
  work.state = begun.state;
  work.admit(raised, signalId, begun.intent, '0');
};

/** For a floor, a kill, a naked position. */
export const closeForSafety = (work: GuardWork, position: Position, reason: string): void => {
  const owner = ownerOf(work.options, position.magic);
  closePosition(work, position, safetySignal(position, owner, work.context.now(), reason), reason);
};

export const retryClose = (work: GuardWork, ticket: string, reason: string): void => {
  const position = work.state.positions.get(ticket);
  if (position !== undefined) closeForSafety(work, position, reason);
};

/** Admitted, and lost with a life of the executor before it was durable: never sent, or a close
 * that nobody can vouch for. Its headroom is free; its position is closed by another try. */
export const forgetLost = (work: GuardWork, intentIds: readonly string[]): void => {
  const { state, unclosed } = forgetIntents(work.state, intentIds);
  work.state = state;
  for (const ticket of unclosed) retryClose(work, ticket, 'the close before was lost');
};

/** I4: a position of ours without a stop at the terminal is closed after T_naked. */
export const watchStop = (
  work: GuardWork,
  position: Position,
  before: GuardState['positions'],
): void => {
  if (position.stopLoss !== undefined) return;
  if (ownerOf(work.options, position.magic) === undefined) return;
  if (before.get(position.ticket)?.stopLoss === undefined && before.has(position.ticket)) return;
  work.context.after(
    work.options.nakedMs,
    { type: 'naked.due', positionTicket: position.ticket },
    { key: `naked.${position.ticket}` },
  );
};

export const closeNaked = (work: GuardWork, ticket: string): void => {
  const position = work.state.positions.get(ticket);
  if (position === undefined || position.stopLoss !== undefined) return;
  work.note('error', 'position.naked', `${ticket} has no stop; closing it`);
  closeForSafety(work, position, 'no stop at the terminal');
};
