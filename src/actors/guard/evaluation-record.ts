import type { EntryBody, JournalReader } from '../../journal/types.ts';
import { evaluationMachine } from '../../machines/evaluation.machine.ts';
import type { openChart } from '../drive-chart.ts';
import { statesOf } from '../kernel/chart-states.ts';

/** An evaluation as the journal remembers it. It outlives its accounts: each phase has its own. */
export interface RecordedEvaluation {
  readonly id: string;
  /** Id of the rule set. */
  readonly ruleSet: string;
  readonly chart: EvaluationChart;
}
export type EvaluationChart = ReturnType<typeof openChart<typeof evaluationMachine>>;
type Changed = Extract<EntryBody, { readonly kind: 'evaluation.changed' }>;

/** The chart's leaf as a dotted path, e.g. `inPhase.trading`. */
export const evaluationState = (chart: EvaluationChart): string =>
  statesOf(chart).at(-1) ?? 'notStarted';

/** What goes into the journal when it has moved: everything, so that the newest entry is enough. */
export const changedEntry = (from: string, evaluation: RecordedEvaluation): Changed => {
  const { id, ruleSet, chart } = evaluation;
  const to = evaluationState(chart);
  return { kind: 'evaluation.changed', id, ruleSet, from, to, context: chart.context };
};

const restored = ({ id, ruleSet, to, context }: Changed): RecordedEvaluation => {
  const [parent = to, leaf] = to.split('.');
  const value = (leaf === undefined ? parent : { [parent]: leaf }) as EvaluationChart['value'];
  return { id, ruleSet, chart: evaluationMachine.resolveState({ value, context }) };
};

/** All evaluations of a data directory as they were recorded last, the most recently moved last. */
export const evaluationsIn = (
  reader: Pick<JournalReader, 'accounts' | 'ofKind'>,
): readonly RecordedEvaluation[] => {
  const entries = reader
    .accounts()
    .flatMap((account) => reader.ofKind(account, 'evaluation.changed'))
    .sort((a, b) => a.seq - b.seq);
  const newest = new Map<string, Changed>();
  for (const entry of entries) {
    newest.delete(entry.id);
    newest.set(entry.id, entry);
  }
  return [...newest.values()].map(restored);
};

/** The one that has, or had, this account in one of its phases: an account belongs to one only. */
export const evaluationOf = (
  evaluations: readonly RecordedEvaluation[],
  login: string,
): RecordedEvaluation | undefined =>
  evaluations.findLast(({ chart }) =>
    chart.context.bindings.some((binding) => binding.login === login),
  );

/** True when the evaluation lets this account trade under this phase: it is the account of the
 * phase that is traded now, and the life cycle is not paused, passed or over. */
export const letsTrade = (
  { chart, ruleSet }: RecordedEvaluation,
  account: { readonly login: string; readonly ruleSet: string; readonly phase: string },
): boolean => {
  const { bindings, phases, phaseIndex } = chart.context;
  return (
    chart.hasTag('mayTrade') &&
    ruleSet === account.ruleSet &&
    bindings.at(-1)?.login === account.login &&
    phases[phaseIndex]?.name === account.phase
  );
};
