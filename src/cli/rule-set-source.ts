import { nearest } from '../config/suggest.ts';
import { readTextFile } from '../config/text-file.ts';
import {
  BUILTIN_RULE_SET_IDS,
  builtinRuleSet,
  builtinRuleSetDocument,
} from '../risk/builtin-rule-sets.ts';
import type { RuleSet } from '../risk/rule-set.ts';
import { parseRuleSet } from '../risk/rule-set-parse.ts';
import type { RuleProblem } from '../risk/rule-set-reader.ts';
import { CliError } from './cli-error.ts';

/** A rule set and the document it was read from. */
export interface LoadedRuleSet {
  readonly ruleSet: RuleSet;
  readonly document: unknown;
}
export type RuleSetFile =
  | ({ readonly ok: true } & LoadedRuleSet)
  | { readonly ok: false; readonly errors: readonly RuleProblem[] };

const isFileName = (name: string): boolean => /[\\/]/.test(name) || /\.json$/i.test(name);

const textOf = (file: string): string => {
  try {
    return readTextFile(file);
  } catch {
    throw new CliError(`${file} cannot be read`, 'Check the path, or name a built-in rule set');
  }
};

/** Reads a user's own document. Throws CliError when there is no file to read. */
export const readRuleSetFile = (file: string): RuleSetFile => {
  const text = textOf(file);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const where = error instanceof SyntaxError ? `: ${error.message}` : '';
    const reason = `it is not JSON${where}`;
    return { ok: false, errors: [{ path: '(document)', reason, remedy: 'See docs/rules.md.' }] };
  }
  const parsed = parseRuleSet(document);
  return parsed.ok
    ? { ok: true, ruleSet: parsed.value, document }
    : { ok: false, errors: parsed.errors };
};

export const problemLines = (file: string, errors: readonly RuleProblem[]): string =>
  errors.map(({ path, reason, remedy }) => `${file}, ${path}: ${reason}. ${remedy}`).join('\n');

/** The rule set that `--rules NAME|FILE` means. Throws CliError with every mistake of a file. */
export const loadRuleSet = (name: string): LoadedRuleSet => {
  const builtin = builtinRuleSet(name);
  if (builtin !== undefined) return { ruleSet: builtin, document: builtinRuleSetDocument(name) };
  if (!isFileName(name)) {
    const meant = nearest(name, BUILTIN_RULE_SET_IDS);
    const known = `Use one of ${BUILTIN_RULE_SET_IDS.join(', ')}, or a .json file`;
    const remedy = meant === undefined ? known : `Did you mean "${meant}"? ${known}`;
    throw new CliError(`there is no rule set "${name}"`, remedy);
  }
  const read = readRuleSetFile(name);
  if (read.ok) return read;
  const count = read.errors.length === 1 ? 'a mistake' : `${read.errors.length} mistakes`;
  throw new CliError(
    `${problemLines(name, read.errors)}\n${name} has ${count}`,
    `Correct it; "bulwark rules show ftmo-2step --json" shows a whole document`,
  );
};
