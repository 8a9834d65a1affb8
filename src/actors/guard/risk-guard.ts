import type { DeskDeps } from '../desk.ts';
import type { Behaviour } from '../kernel/types.ts';
import type { GuardMessage } from '../messages.ts';
import { EVALUATION_HOLD, mayTrade } from './guard-evaluation.ts';
import { bootFlatten } from './guard-flatten.ts';
import { bootMode } from './guard-mode.ts';
import { restoreEvaluation, restoreIntents, restoreLedger } from './guard-restore.ts';
import type { GuardOptions, GuardState } from './guard-state.ts';
import { guardSummary } from './guard-summary.ts';
import { guardTurn } from './guard-turn.ts';
import { GuardWork } from './guard-work.ts';

/**
 * The one writer of reservations. It judges every opening signal against everything that is or may
 * become open, watches the floors on every tick, and holds the trading mode. It starts with the
 * gate shut; only a completed recovery opens it, and the recovery's death shuts it again.
 */
export const riskGuard = (
  deps: DeskDeps,
  options: GuardOptions,
): Behaviour<GuardMessage, GuardState> => ({
  init: async () => {
    await deps.journal.settled();
    const reader = deps.journal.reader();
    const evaluation = restoreEvaluation(reader, deps.accountId);
    const book = restoreLedger(reader, deps.accountId);
    const isHeld =
      evaluation !== null && !mayTrade(evaluation, options, deps.accountId, book.ledger);
    const holds = isHeld ? [...options.holds, EVALUATION_HOLD] : options.holds;
    return {
      mode: bootMode(reader.last(deps.accountId, 'mode.changed'), holds),
      flatten: bootFlatten(reader.last(deps.accountId, 'flatten.changed'), options.flattenStuckMs),
      gateOpen: false,
      breakerOpen: false,
      journalWorks: true,
      epoch: 0,
      account: null,
      instruments: new Map(),
      quotes: new Map(),
      positions: new Map(),
      orders: new Map(),
      ...restoreIntents(reader, deps.accountId),
      ...book,
      cancelling: new Map(),
      equity: null,
      opened: reader.plannedIntents(deps.accountId),
      breachNoted: null,
      refusals: new Map(),
      evaluation,
      calendar: null,
    };
  },
  receive: (state, message, context) =>
    guardTurn(new GuardWork(deps, options, state, context), message),
  summary: (state) => guardSummary(state, options, deps.clock.now()),
});
