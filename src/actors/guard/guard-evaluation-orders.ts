import { evaluationMachine } from '../../machines/evaluation.machine.ts';
import { restore } from '../../risk/ledger-codec.ts';
import { openChart } from '../drive-chart.ts';
import type { GuardAnswer, GuardOrder } from '../messages.ts';
import {
  evaluationOf,
  evaluationState,
  evaluationsIn,
  type RecordedEvaluation,
} from './evaluation-record.ts';
import { holdByEvaluation, isAccountOf, stepEvaluation } from './guard-evaluation.ts';
import { answerOrder, refuseOrder, toldBy } from './guard-operator.ts';
import type { GuardWork } from './guard-work.ts';

/** A person's orders about evaluations. Each is carried out, and journalled, by one guard. */
type Order<Type extends GuardOrder['type']> = Extract<GuardOrder, { readonly type: Type }>;
type Refusal = Extract<GuardAnswer, { readonly ok: false }>;
type Outcome = Refusal | { readonly ok: true; readonly text: string };

export const obeyEvaluation = (
  work: GuardWork,
  order: Order<'operator.startEvaluation' | 'operator.bindEvaluation'>,
): void => {
  const isStart = order.type === 'operator.startEvaluation';
  const outcome = isStart ? startEvaluation(work, order) : bindEvaluation(work, order);
  if (!outcome.ok) {
    refuseOrder(work, order, outcome);
    return;
  }
  work.note('info', 'operator.evaluation', `${toldBy(order)}; ${outcome.text}`);
  answerOrder(work, order, outcome.text);
};

const refused = (code: Refusal['code'], cause: string, remedy: string): Refusal => ({
  ok: false,
  code,
  cause,
  remedy,
});

/** As the journal has them, and the one that we trade as it is: its last move may still be on its
 * way there. One that has gone on to another account is that account's guard's to move. */
const known = (work: GuardWork): readonly RecordedEvaluation[] => {
  const recorded = evaluationsIn(work.deps.journal.reader());
  const { evaluation: own } = work.state;
  if (own === null || !isAccountOf(work, own)) return recorded;
  return [...recorded.filter(({ id }) => id !== own.id), own];
};

const refuseBound = (all: readonly RecordedEvaluation[], login: string): Refusal | undefined => {
  const bound = evaluationOf(all, login);
  if (bound === undefined) return undefined;
  const { bindings } = bound.chart.context;
  const phase = bindings.find((binding) => binding.login === login)?.phase ?? '';
  const cause = `${login} is the account of ${phase} in the evaluation ${bound.id}`;
  return refused('LOGIN_BOUND', cause, 'the firm issues a new login for every phase');
};

/** An account that has traded under another phase has a book that measures another target. */
const refuseBook = (
  { deps }: GuardWork,
  { chart }: RecordedEvaluation,
  login: string,
): Refusal | undefined => {
  const saved = deps.journal.reader().last(login, 'ledger.saved');
  if (saved?.kind !== 'ledger.saved') return undefined;
  const book = restore(saved.ledger).rules.phase.name;
  const { phases, phaseIndex } = chart.context;
  // A larger account stays in the funded phase; every other one is the next phase's.
  const phase = phases[chart.matches('funded') ? phaseIndex : phaseIndex + 1]?.name;
  if (book === phase) return undefined;
  const cause = `${login} has traded here under the phase ${book}, and this would be ${phase}`;
  const remedy = `run it in a data directory of its own, and begin an evaluation there in ${phase}`;
  return refused('EVALUATION_STATE', cause, remedy);
};

/** Begins an evaluation with the phase that the account is configured for. */
const startEvaluation = (work: GuardWork, { id }: Order<'operator.startEvaluation'>): Outcome => {
  const { accountId: login } = work.deps;
  const { ruleSet, phase } = work.options;
  const all = known(work);
  if (all.some((evaluation) => evaluation.id === id)) {
    const cause = `there is an evaluation ${id} already`;
    return refused('EVALUATION_EXISTS', cause, 'name another; `evaluation status` shows all');
  }
  const bound = refuseBound(all, login);
  if (bound !== undefined) return bound;
  const book = work.state.ledger?.rules.phase.name ?? phase;
  if (book !== phase) {
    const cause = `the account's book was opened for the phase ${book}, it is configured for ${phase}`;
    return refused('EVALUATION_STATE', cause, 'set `rules.phase` to the phase of this account');
  }
  const phases = ruleSet.phases.map(({ name, targetPpm }) => ({
    name,
    hasTarget: targetPpm !== null,
  }));
  const phaseIndex = phases.findIndex(({ name }) => name === phase);
  const fresh = { id, ruleSet: ruleSet.id, chart: openChart(evaluationMachine, { phases }) };
  const at = work.context.now();
  const event = { type: 'operator.start', login, at, phaseIndex } as const;
  const started = stepEvaluation(work, fresh, event);
  work.state = { ...work.state, evaluation: { ...started, told: '' } };
  holdByEvaluation(work);
  return { ok: true, text: `evaluation ${id} began: ${phase} on ${login}` };
};

/** Binds the next phase, or a scaled funded account, to the login that the firm has issued. */
const bindEvaluation = (
  work: GuardWork,
  { id, login }: Order<'operator.bindEvaluation'>,
): Outcome => {
  const all = known(work);
  const found = all.find((evaluation) => evaluation.id === id);
  if (found === undefined) {
    const names = all.map((evaluation) => evaluation.id).join(', ');
    const remedy = names === '' ? 'begin one with `evaluation start`' : `here are: ${names}`;
    return refused('UNKNOWN_EVALUATION', `there is no evaluation ${id}`, remedy);
  }
  const bound = refuseBound(all, login);
  if (bound !== undefined) return bound;
  const event = { type: 'operator.bind', login, at: work.context.now() } as const;
  if (!found.chart.can(event)) {
    const cause = `${id} is ${evaluationState(found.chart)}`;
    return refused('EVALUATION_STATE', cause, 'an account is bound when the phase is passed');
  }
  const booked = refuseBook(work, found, login);
  if (booked !== undefined) return booked;
  const next = stepEvaluation(work, found, event);
  const { accountId } = work.deps;
  if (work.state.evaluation?.id === id || login === accountId) {
    work.state = { ...work.state, evaluation: { ...next, told: '' } };
    holdByEvaluation(work);
  }
  const { phases, phaseIndex } = next.chart.context;
  const phase = phases[phaseIndex]?.name ?? '';
  const then =
    login === accountId
      ? ''
      : `; set account.login to ${login} and rules.phase to ${phase}, and start it again`;
  return { ok: true, text: `evaluation ${id}: ${phase} on ${login}${then}` };
};
