import { DECLARATION_RULES } from './declaration-rules.ts';
import type { Rule } from './rule-kit.ts';
import { DIRECTIVE_RULES, LITERAL_RULES, PUNCTUATION_RULES, WORD_RULES } from './token-rules.ts';

export const RULES: readonly Rule[] = [
  ...WORD_RULES,
  ...PUNCTUATION_RULES,
  ...LITERAL_RULES,
  ...DIRECTIVE_RULES,
  ...DECLARATION_RULES,
];
