import { BUILTIN_RULE_SET_IDS, builtinRuleSet } from '../../src/risk/builtin-rule-sets.ts';
import type { evaluationFacts } from '../../src/risk/evaluation-facts.ts';
import type { PhaseRules, RuleSet } from '../../src/risk/rule-set.ts';

/** A phase of a built-in rule set, under a name for a test. */
export interface PhaseCase {
  readonly name: string;
  readonly ruleSet: RuleSet;
  readonly phase: PhaseRules;
}

const PHASES: readonly PhaseCase[] = BUILTIN_RULE_SET_IDS.flatMap((id) => {
  const ruleSet = builtinRuleSet(id);
  return (ruleSet?.phases ?? []).flatMap((phase) =>
    ruleSet === undefined ? [] : [{ name: `${id} ${phase.name}`, ruleSet, phase }],
  );
});

/** The phases that have a rule, for `it.each`. Throws when none has: nothing would be tested. */
export const phasesHaving = (
  has: (phase: PhaseRules) => boolean,
): (readonly [string, PhaseCase])[] => {
  const found = PHASES.filter(({ phase }) => has(phase));
  if (found.length === 0) throw new Error('no built-in phase has this rule');
  return found.map((one) => [one.name, one] as const);
};

/** An evaluation of which nothing is known but its account. */
export const NOT_FUNDED: Parameters<typeof evaluationFacts>[1] = {
  fundedAt: null,
  cycleFrom: null,
  payouts: 0,
  bindings: [],
  scalings: 0,
  pause: null,
  reachedAt: null,
  payoutDueAt: null,
};
