import type { EpochMs } from '../../domain/units.ts';
import type { EvaluationEvent } from '../../machines/evaluation.events.ts';
import { evaluationMachine } from '../../machines/evaluation.machine.ts';
import { evaluationFacts } from '../../risk/evaluation-facts.ts';
import type { LedgerUpdate } from '../../risk/ledger.ts';
import { driveChart } from '../drive-chart.ts';
import type { GuardMessage } from '../messages.ts';
import {
  changedEntry,
  evaluationState,
  letsTrade,
  type RecordedEvaluation,
} from './evaluation-record.ts';
import { cancelOrder } from './guard-cancelling.ts';
import { changeMode } from './guard-permission.ts';
import { type GuardOptions, type GuardState, isManaged } from './guard-state.ts';
import type { GuardWork } from './guard-work.ts';

/**
 * The evaluation chart in the guard's hands. The facts are the ledger's, the consequence is the
 * trading mode's, and both are the guard's: so what the evaluation becomes is written in the same
 * transaction as the book that it follows from.
 */

/** Keeps an account from opening that its evaluation does not let trade. */
export const EVALUATION_HOLD = 'evaluation';

/** May this account open, as its evaluation stands? Its book must have been opened for the phase as
 * well: one that was begun under another measures another target. */
export const mayTrade = (
  evaluation: RecordedEvaluation,
  { ruleSet, phase }: Pick<GuardOptions, 'ruleSet' | 'phase'>,
  login: string,
  ledger: GuardState['ledger'],
): boolean =>
  letsTrade(evaluation, { login, ruleSet: ruleSet.id, phase }) &&
  (ledger === null || (ledger.rules.ruleSetId === ruleSet.id && ledger.rules.phase.name === phase));

/** Nothing is open, works, or may still become a position. */
export const isFlat = ({ positions, orders, held }: GuardState): boolean =>
  positions.size + orders.size + held.size === 0;

/** Moves the chart of one evaluation, whichever account it trades; says what a person is to do. */
export const stepEvaluation = (
  work: GuardWork,
  evaluation: RecordedEvaluation,
  event: EvaluationEvent,
): RecordedEvaluation => {
  const from = evaluationState(evaluation.chart);
  const actions: string[] = [];
  const chart = driveChart({
    machine: evaluationMachine,
    snapshot: evaluation.chart,
    event,
    context: work.context,
    clock: work.deps.clock,
    // The chart has no delays; the type asks for their message all the same.
    delayed: (): GuardMessage => ({ type: 'journal.written' }),
    perform: (action) => actions.push(action),
  });
  const next: RecordedEvaluation = { ...evaluation, chart };
  if (actions.includes('recordEvaluation')) work.entries.push(changedEntry(from, next));
  for (const action of actions) ask(work, next, action);
  return next;
};

const ask = (work: GuardWork, { id, chart }: RecordedEvaluation, action: string): void => {
  const { phases, phaseIndex } = chart.context;
  const phase = phases[phaseIndex]?.name ?? '';
  switch (action) {
    case 'askForReview': {
      const detail = `${id}: the objectives of ${phase} are met; bind the account that comes next`;
      work.note('warning', 'evaluation.review', detail);
      return;
    }
    case 'askForPayout':
      work.note('info', 'evaluation.payout', `${id}: the payout cycle is complete`);
      return;
    case 'askForScaling':
      work.note('info', 'evaluation.scaling', `${id}: the scaling plan's conditions are met`);
      return;
  }
};

/** What became of the book, told to the evaluation that this account is traded for. */
export const tellEvaluation = (
  work: GuardWork,
  update: LedgerUpdate,
  withdrawals: readonly EpochMs[],
): void => {
  const { evaluation } = work.state;
  if (evaluation === null || !isTraded(work, evaluation)) return;
  let { told } = evaluation;
  let next: RecordedEvaluation = evaluation;
  // Money that leaves a funded account is its payout; in any other phase it is none.
  for (const at of withdrawals) next = stepEvaluation(work, next, { type: 'payout.made', at });
  // A deal moves the book before the next tick values it: the broker's own equity counts.
  const state = { ...update.state, equity: work.state.equity ?? update.state.equity };
  const facts = evaluationFacts({ ...update, state }, next.chart.context, isFlat(work.state));
  const telling = facts.map(nameOf).join(' ');
  // Facts are true for as long as they are: on every tick they would say nothing new.
  if (telling !== told) {
    for (const fact of facts) next = stepEvaluation(work, next, fact);
    told = telling;
  }
  if (withdrawals.length === 0 && told === evaluation.told) return;
  work.state = { ...work.state, evaluation: { ...next, told } };
  holdByEvaluation(work);
  takeOffOrders(work);
};

/** An account that has failed holds nothing. A floor has locked it already; the end of its time
 * has not. `before` is how it stood before this turn: a person who has rearmed it is not overruled. */
export const lockFailed = (work: GuardWork, before: GuardState['evaluation']): void => {
  const { evaluation, mode } = work.state;
  const failure = evaluation?.chart.context.failure ?? null;
  if (evaluation === null || failure === null || before?.chart.matches('breached')) return;
  if (!evaluation.chart.matches('breached') || mode.matches('locked')) return;
  changeMode(work, { type: 'account.failed', reason: `evaluation: ${failure.rule}` });
};

/** Where the evaluation lets nothing open, no order that works may open something either. */
export const takeOffOrders = (work: GuardWork): void => {
  const { evaluation, orders } = work.state;
  if (evaluation === null || !isAccountOf(work, evaluation)) return;
  if (evaluation.chart.hasTag('mayTrade')) return;
  for (const order of orders.values()) {
    if (isManaged(work.options, order)) cancelOrder(work, order, 'evaluation');
  }
};

const nameOf = (fact: EvaluationEvent): string =>
  [fact.type, 'rule' in fact ? fact.rule : '', 'until' in fact ? fact.until : ''].join(':');

/** True for the account that is bound last, which is the one that is traded. */
export const isAccountOf = (
  { deps }: Pick<GuardWork, 'deps'>,
  { chart }: RecordedEvaluation,
): boolean => chart.context.bindings.at(-1)?.login === deps.accountId;

const isTraded = (work: GuardWork, evaluation: RecordedEvaluation): boolean => {
  const { phases, phaseIndex } = evaluation.chart.context;
  const { phase } = work.options;
  const book = work.state.ledger?.rules.phase.name ?? phase;
  const isPhase = phases[phaseIndex]?.name === phase && book === phase;
  return isAccountOf(work, evaluation) && isPhase && !evaluation.chart.hasTag('over');
};

/** Raises or clears the hold, as the evaluation is now. */
export const holdByEvaluation = (work: GuardWork): void => {
  const { evaluation, mode, ledger } = work.state;
  const { accountId } = work.deps;
  const isHeld = mode.context.holds.includes(EVALUATION_HOLD);
  const isWanted = evaluation !== null && !mayTrade(evaluation, work.options, accountId, ledger);
  if (isHeld === isWanted) return;
  changeMode(work, { type: isWanted ? 'hold.raised' : 'hold.cleared', hold: EVALUATION_HOLD });
};

/** Writes it down once more: the journal may not have taken it when it moved. The book goes with
 * it, or a restart would count a payout again whose deal the saved book does not know. */
export const recordAgain = (work: GuardWork): void => {
  const { evaluation } = work.state;
  if (evaluation === null) return;
  work.entries.push(changedEntry(evaluationState(evaluation.chart), evaluation));
  work.save();
};
