import type { RuleSet } from './rule-set.ts';
import { parseRuleSet } from './rule-set-parse.ts';
import classic85 from './rule-sets/classic-8-5.json' with { type: 'json' };
import e8One from './rule-sets/e8-one.json' with { type: 'json' };
import ftmo1Step from './rule-sets/ftmo-1step.json' with { type: 'json' };
import ftmo2Step from './rule-sets/ftmo-2step.json' with { type: 'json' };
import ftmo2StepSwing from './rule-sets/ftmo-2step-swing.json' with { type: 'json' };
import ftmoUs from './rule-sets/ftmo-us.json' with { type: 'json' };
import fundedNext2Step from './rule-sets/fundednext-2step.json' with { type: 'json' };
import the5ersHighStakes from './rule-sets/the5ers-high-stakes.json' with { type: 'json' };
import the5ersHyperGrowth from './rule-sets/the5ers-hyper-growth.json' with { type: 'json' };

/** Documents as shipped, by id. */
const DOCUMENTS: Readonly<Record<string, unknown>> = {
  'ftmo-2step': ftmo2Step,
  'ftmo-2step-swing': ftmo2StepSwing,
  'ftmo-1step': ftmo1Step,
  'ftmo-us': ftmoUs,
  'classic-8-5': classic85,
  'fundednext-2step': fundedNext2Step,
  'the5ers-high-stakes': the5ersHighStakes,
  'the5ers-hyper-growth': the5ersHyperGrowth,
  'e8-one': e8One,
};

export const BUILTIN_RULE_SET_IDS: readonly string[] = Object.keys(DOCUMENTS);

/** The document of a shipped rule set as it stands in its file, or undefined for an unknown id. */
export const builtinRuleSetDocument = (id: string): unknown =>
  Object.hasOwn(DOCUMENTS, id) ? DOCUMENTS[id] : undefined;

const parsed = new Map<string, RuleSet>();

/** A shipped rule set, or undefined for an unknown id. A shipped document that does not parse is a
 * defect and throws; a test parses every one of them. */
export const builtinRuleSet = (id: string): RuleSet | undefined => {
  const known = parsed.get(id);
  if (known !== undefined) return known;
  if (!Object.hasOwn(DOCUMENTS, id)) return undefined;
  const result = parseRuleSet(DOCUMENTS[id]);
  if (!result.ok) throw new Error(`rule set ${id}: ${JSON.stringify(result.errors)}`);
  parsed.set(id, result.value);
  return result.value;
};
