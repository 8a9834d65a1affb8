import type { CloseIntent } from '../../domain/intent.ts';
import type { Position } from '../../domain/trading.ts';
import type { EpochMs, LotsE8 } from '../../domain/units.ts';
import type { GuardMessage, Settlement, SignalRaised } from '../messages.ts';
import { closeIntent } from './guard-intents.ts';
import type { GuardState } from './guard-state.ts';

/**
 * Closes under way. A position has at most one close at a time; one that the venue did not carry
 * out is tried again, ever more slowly, until the position is gone.
 */
const RETRY_INITIAL_MS = 1_000;
const RETRY_MAX_MS = 60_000;

/** The intent that closes a whole position, or undefined while an earlier one is still out. */
export const beginClose = (
  state: GuardState,
  input: {
    readonly position: Position;
    readonly raised: SignalRaised;
    readonly key: string;
    readonly reason: string;
    readonly at: EpochMs;
    /** All of it when absent. */
    readonly volumeE8?: LotsE8;
  },
): { readonly state: GuardState; readonly intent: CloseIntent } | undefined => {
  const { position, raised, key, reason, at } = input;
  const { ticket } = position;
  const earlier = state.closing.get(ticket);
  if (earlier !== undefined && earlier.intentId !== null) return undefined;
  const quote = state.quotes.get(position.symbol);
  const price = (position.side === 'buy' ? quote?.bid : quote?.ask) ?? position.open;
  const tries = (earlier?.tries ?? 0) + 1;
  const strategyId = raised.strategy.id;
  const { volumeE8 = position.volumeE8 } = input;
  const intent = closeIntent({ position, strategyId, key, tries, volumeE8, price, at, reason });
  const { intentId, scope } = intent;
  const closing = new Map(state.closing).set(ticket, { intentId, tries, scope });
  return { state: { ...state, closing }, intent };
};

/** What follows from the end of a close: nothing when it did its work, else another try later. */
export const settleClose = (
  state: GuardState,
  settlement: Settlement,
): {
  readonly state: GuardState;
  readonly retry?: {
    readonly ticket: string;
    readonly delayMs: number;
    readonly message: GuardMessage;
  };
} => {
  const found = [...state.closing].find(([, { intentId }]) => intentId === settlement.intentId);
  if (found === undefined) return { state };
  const [ticket, { tries, scope }] = found;
  const closing = new Map(state.closing);
  const over = settlement.state === 'filled' || scope === 'partial';
  if (over || !state.positions.has(ticket)) {
    closing.delete(ticket);
    return { state: { ...state, closing } };
  }
  closing.set(ticket, { intentId: null, tries, scope });
  const delayMs = Math.min(RETRY_MAX_MS, RETRY_INITIAL_MS * 2 ** Math.min(tries - 1, 16));
  const reason = `the close before was ${settlement.state}`;
  const message = { type: 'close.retry', positionTicket: ticket, reason } as const;
  return { state: { ...state, closing }, retry: { ticket, delayMs, message } };
};

/** Positions that are gone need no closing. */
export const forgetClosed = (state: GuardState): GuardState => {
  const closing = new Map([...state.closing].filter(([ticket]) => state.positions.has(ticket)));
  return { ...state, closing };
};
