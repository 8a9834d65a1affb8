import type { ModifyPositionIntent } from '../../domain/intent.ts';
import type { Position } from '../../domain/trading.ts';
import type { Points } from '../../domain/units.ts';
import { intentIdOf } from '../../strategy/intent-key.ts';
import type { SignalRaised } from '../messages.ts';
import { beginClose } from './guard-closing.ts';
import { namesOf, safetySignal } from './guard-intents.ts';
import { forgetIntents } from './guard-restore.ts';
import { type GuardState, isManaged, ownerOf } from './guard-state.ts';
import type { GuardWork } from './guard-work.ts';

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

/**
 * I4: a position that we answer for has a stop at the terminal, or is closed after T_naked. The stop
 * that it had, or was opened with, is set again at once; a stop on the wrong side of the market
 * could not be set, and then only the close is left.
 */
export const watchStop = (
  work: GuardWork,
  position: Position,
  before: GuardState['positions'],
): void => {
  if (position.stopLoss !== undefined) return;
  if (!isManaged(work.options, position)) return;
  if (before.get(position.ticket)?.stopLoss === undefined && before.has(position.ticket)) return;
  const known = before.get(position.ticket)?.stopLoss ?? openedWith(work.state, position);
  if (known !== undefined) setStop(work, position, known);
  work.context.after(
    nakedMs(work),
    { type: 'naked.due', positionTicket: position.ticket },
    { key: `naked.${position.ticket}` },
  );
};

/** T_naked: ours, or the firm's if that is shorter (ms of session time). */
const nakedMs = ({ options, state }: GuardWork): number => {
  const firmSec = state.ledger?.rules.phase.account.stopWithinSec ?? null;
  return firmSec === null ? options.nakedMs : Math.min(options.nakedMs, firmSec * 1000);
};

/** The stop of the intent that became this position. */
const openedWith = ({ held }: GuardState, { magic }: Position): Points | undefined =>
  [...held.values()].find((item) => item.magic === magic)?.order.stopLoss;

const setStop = (work: GuardWork, position: Position, stopLoss: Points): void => {
  const { ticket, symbol, side, takeProfit, magic } = position;
  const quote = work.state.quotes.get(symbol);
  const isBehind =
    quote !== undefined && (side === 'buy' ? stopLoss < quote.bid : stopLoss > quote.ask);
  if (!isBehind) return;
  const at = work.context.now();
  const reason = 'the stop was missing at the terminal';
  const raised = safetySignal(position, ownerOf(work.options, magic), at, reason);
  const names = namesOf(work.deps.accountId, raised);
  const key = `${names.key}:stop:${ticket}:${at}`;
  const intent: ModifyPositionIntent = {
    type: 'modifyPosition',
    intentId: intentIdOf(key, at),
    key,
    strategyId: raised.strategy.id,
    symbol,
    positionTicket: ticket,
    stopLoss,
    ...(takeProfit === undefined ? {} : { takeProfit }),
    risk: 'reducing',
    ttlMs: work.options.intentTtlMs,
    at,
    reason,
  };
  work.note('warning', 'position.stopSet', `#${ticket} had no stop; setting the one it had`);
  work.admit(raised, names.signalId, intent, '0');
};

export const closeNaked = (work: GuardWork, ticket: string): void => {
  const position = work.state.positions.get(ticket);
  if (position === undefined || position.stopLoss !== undefined) return;
  work.note('error', 'position.naked', `${ticket} has no stop; closing it`);
  closeForSafety(work, position, 'no stop at the terminal');
};
