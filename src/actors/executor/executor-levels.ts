import type { Intent, ModifyOrderIntent, ModifyPositionIntent } from '../../domain/intent.ts';
import type { ExecutorCore } from './executor-core.ts';
import type { LiveOrder } from './executor-orders.ts';

/**
 * New levels that reduce risk are tried until they are taken, so the last word on a ticket has to win:
 * whoever was refused earlier must not come back and undo it.
 */
type LevelIntent = ModifyOrderIntent | ModifyPositionIntent;
export const isLevels = (intent: Intent): intent is LevelIntent =>
  intent.type === 'modifyOrder' || intent.type === 'modifyPosition';

const targetOf = (intent: LevelIntent): string =>
  intent.type === 'modifyOrder'
    ? `order ${intent.orderTicket}`
    : `position ${intent.positionTicket}`;

/** Levels without a stop say nothing about a stop that is still to be set. */
const replaces = (later: Intent, earlier: LevelIntent): boolean =>
  isLevels(later) &&
  later.intentId !== earlier.intentId &&
  targetOf(later) === targetOf(earlier) &&
  (later.stopLoss !== undefined || earlier.stopLoss === undefined);

/** Whether levels for the same ticket were decided on after these. What is over may be known to the
 * journal alone; what could not be written down, to this life alone. */
export const isReplaced = ({ deps, orders }: ExecutorCore, { intent }: LiveOrder): boolean => {
  if (!isLevels(intent)) return false;
  let isLater = false;
  for (const other of orders.values()) {
    if (isLater && replaces(other.intent, intent)) return true;
    isLater ||= other.intent.intentId === intent.intentId;
  }
  const reader = deps.journal.reader();
  const planned = reader
    .ofIntent(deps.accountId, intent.intentId)
    .find(({ kind }) => kind === 'intent.planned');
  if (planned === undefined) return false;
  return reader
    .ofKind(deps.accountId, 'intent.planned', planned.seq)
    .some((later) => replaces(later.intent, intent));
};

export const REPLACED = {
  code: 'REPLACED',
  detail: 'Later levels for the same ticket took its place.',
} as const;
