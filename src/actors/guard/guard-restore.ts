import type { CloseIntent, OpenIntent } from '../../domain/intent.ts';
import type { JournalReader } from '../../journal/types.ts';
import { restore } from '../../risk/ledger-codec.ts';
import type { Held } from '../../risk/reservations.ts';
import { evaluationOf, evaluationsIn } from './evaluation-record.ts';
import { type GuardState, NO_DEALS } from './guard-state.ts';
import { wideningOf } from './guard-widening.ts';

/**
 * What an earlier incarnation had admitted and the journal does not show as final: it may have
 * become a position meanwhile. Until the executor finds out, its reservation counts as unknown.
 */
export const restoreIntents = (
  reader: JournalReader,
  accountId: string,
): Pick<GuardState, 'held' | 'closing' | 'widening'> => {
  const planned = reader
    .openIntents(accountId)
    .flatMap((entry) => (entry.kind === 'intent.planned' ? [entry.intent] : []));
  const opens = planned.filter((intent): intent is OpenIntent => intent.type === 'open');
  const closes = planned.filter((intent): intent is CloseIntent => intent.type === 'close');
  return {
    held: new Map(opens.map((intent) => [intent.intentId, heldFor(intent)])),
    closing: new Map(
      closes.map(({ positionTicket, intentId, scope }) => [
        positionTicket,
        { intentId, tries: 1, scope },
      ]),
    ),
    widening: new Map(
      planned.flatMap((intent) => {
        const widening = wideningOf(intent);
        return widening === undefined ? [] : [[intent.intentId, widening] as const];
      }),
    ),
  };
};

/**
 * The book as it was saved last, with the requests that left since and are in no saved book yet: a
 * restart must not hand out the day's requests twice.
 */
export const restoreLedger = (
  reader: JournalReader,
  accountId: string,
): Pick<GuardState, 'ledger' | 'applied'> => {
  const saved = reader.last(accountId, 'ledger.saved');
  if (saved?.kind !== 'ledger.saved') return { ledger: null, applied: NO_DEALS };
  const ledger = restore(saved.ledger);
  const { day } = ledger;
  const since = reader
    .ofKind(accountId, 'attempt.sent', saved.seq)
    .filter(({ at }) => at >= day.opensAt && at < day.closesAt).length;
  return {
    // Ticks since it was saved are lost: its equity is old, and no evidence at the next reset.
    ledger: { ...ledger, equityIsCurrent: false, day: { ...day, requests: day.requests + since } },
    applied: { tickets: saved.applied, since: saved.appliedSinceMs },
  };
};

/** The evaluation that the account belongs to, as it was recorded last. */
export const restoreEvaluation = (
  reader: JournalReader,
  accountId: string,
): GuardState['evaluation'] => {
  const found = evaluationOf(evaluationsIn(reader), accountId);
  return found === undefined ? null : { ...found, told: '' };
};

/** Intents that the executor should know of: reservations, cancels and closes that are out. */
export const heldIntents = ({
  held,
  closing,
  cancelling,
  widening,
}: GuardState): readonly string[] => [
  ...held.keys(),
  ...widening.keys(),
  ...cancelling.values(),
  ...[...closing.values()].flatMap(({ intentId }) => intentId ?? []),
];

/** Without these intents; `unclosed` are the positions that nobody closes any more. */
export const forgetIntents = (
  state: GuardState,
  intentIds: readonly string[],
): { readonly state: GuardState; readonly unclosed: readonly string[] } => {
  const gone = new Set(intentIds);
  const held = new Map([...state.held].filter(([intentId]) => !gone.has(intentId)));
  const closing = new Map(state.closing);
  const unclosed: string[] = [];
  for (const [ticket, { intentId, tries, scope }] of state.closing) {
    if (intentId === null || !gone.has(intentId)) continue;
    if (scope === 'partial') {
      closing.delete(ticket);
      continue;
    }
    closing.set(ticket, { intentId: null, tries, scope });
    unclosed.push(ticket);
  }
  const cancelling = new Map([...state.cancelling].filter(([, intentId]) => !gone.has(intentId)));
  const widening = new Map([...state.widening].filter(([intentId]) => !gone.has(intentId)));
  return { state: { ...state, held, closing, cancelling, widening }, unclosed };
};

/** Its outcome is not known: its headroom stays taken, its strategy and symbol wait. */
export const markUnknown = (state: GuardState, intentId: string): GuardState => {
  const found = state.held.get(intentId);
  if (found === undefined) return state;
  const order = { ...found.order, status: 'unknown' as const };
  return { ...state, held: new Map(state.held).set(intentId, { ...found, order }) };
};

const heldFor = (intent: OpenIntent): Held => ({
  magic: intent.magic,
  order: {
    id: intent.intentId,
    strategyId: intent.strategyId,
    status: 'unknown',
    symbol: intent.symbol,
    side: intent.side,
    volumeE8: intent.volumeE8,
    entry: intent.price,
    stopLoss: intent.stopLoss,
    ...(intent.takeProfit === undefined ? {} : { takeProfit: intent.takeProfit }),
  },
});
