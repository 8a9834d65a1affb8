import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { BUILTIN_RULE_SET_IDS, builtinRuleSet } from '../risk/builtin-rule-sets.ts';
import type { RuleSet } from '../risk/rule-set.ts';
import { parseRuleSet } from '../risk/rule-set-parse.ts';
import { BUILTIN_STRATEGY_NAMES, builtinStrategy } from '../strategy/registry.ts';
import { paramsOf } from '../strategy/strategy-params.ts';
import type { StrategyConfig } from './config.ts';
import type { KeyPath } from './key-tree.ts';
import type { Merged } from './layers.ts';
import { readNewsFile } from './news-file.ts';
import type { DecodedDocument } from './schema.ts';
import { nearest } from './suggest.ts';
import { readTextFile } from './text-file.ts';

/** A problem of a value that the schema accepts; its origin is that of the path. */
export interface Objection {
  readonly path: KeyPath;
  readonly reason: string;
  readonly remedy: string;
}
interface Resolved {
  readonly dataDir: string;
  /** Undefined when it could not be read; there is an objection then. */
  readonly ruleSet: { readonly set: string; readonly ruleSet: RuleSet } | undefined;
  readonly strategies: readonly Pick<StrategyConfig, 'use' | 'source'>[];
  readonly newsFile: string | undefined;
  /** The simulated terminal's own calendar. */
  readonly terminalCalendar: string | undefined;
  readonly objections: readonly Objection[];
}

const isFileName = (name: string): boolean =>
  isAbsolute(name) || /[\\/]/.test(name) || /\.(?:json|[mc]?[jt]s)$/.test(name);

const readRuleSet = (
  file: string,
): { readonly ruleSet?: RuleSet; readonly objections: readonly Objection[] } => {
  const path = ['rules', 'set'];
  let json: unknown;
  try {
    json = JSON.parse(readTextFile(file));
  } catch (error) {
    const reason = error instanceof SyntaxError ? `${file} is not JSON` : `${file} cannot be read`;
    const remedy = `Name a JSON file, or one of ${BUILTIN_RULE_SET_IDS.join(', ')}.`;
    return { objections: [{ path, reason, remedy }] };
  }
  const parsed = parseRuleSet(json);
  if (parsed.ok) return { ruleSet: parsed.value, objections: [] };
  const objections = parsed.errors.map((found) => ({
    path,
    reason: `${file}, ${found.path}: ${found.reason}`,
    remedy: found.remedy,
  }));
  return { objections };
};

const named = (kind: string, wrong: string, known: readonly string[]): Omit<Objection, 'path'> => {
  const meant = nearest(wrong, known);
  const remedy =
    meant === undefined ? `Use one of ${known.join(', ')}, or a file.` : `Did you mean "${meant}"?`;
  return { reason: `there is no ${kind} "${wrong}"`, remedy };
};

const resolveRuleSet = (set: string, baseDir: string): Pick<Resolved, 'ruleSet' | 'objections'> => {
  if (isFileName(set)) {
    const file = resolve(baseDir, set);
    const { ruleSet, objections } = readRuleSet(file);
    return { ruleSet: ruleSet === undefined ? undefined : { set: file, ruleSet }, objections };
  }
  const ruleSet = builtinRuleSet(set);
  if (ruleSet !== undefined) return { ruleSet: { set, ruleSet }, objections: [] };
  const objection = { path: ['rules', 'set'], ...named('rule set', set, BUILTIN_RULE_SET_IDS) };
  return { ruleSet: undefined, objections: [objection] };
};

type Strategy = DecodedDocument['strategies'][number];

/** Parameters of a strategy file are checked when the file is loaded, which is the loader's work. */
const objectionsToBuiltin = (strategy: Strategy, path: KeyPath): readonly Objection[] => {
  const definition = builtinStrategy(strategy.use);
  if (definition === undefined) {
    return [{ path: [...path, 'use'], ...named('strategy', strategy.use, BUILTIN_STRATEGY_NAMES) }];
  }
  const checked = paramsOf(definition, strategy.params);
  if (checked.ok) return [];
  return checked.errors.map(({ path: parameter, reason, remedy }) => ({
    path: [...path, 'params', parameter.slice(definition.name.length + 1)],
    reason,
    remedy,
  }));
};

const objectionsToFile = (file: string, path: KeyPath): readonly Objection[] =>
  existsSync(file)
    ? []
    : [
        {
          path: [...path, 'use'],
          reason: `${file} does not exist`,
          remedy: `Correct the path, or use one of ${BUILTIN_STRATEGY_NAMES.join(', ')}.`,
        },
      ];

const NEWS_FILE = ['news', 'file'];
const TERMINAL_CALENDAR = ['terminal', 'calendar'];
const objectionsToNews = (
  file: string | undefined,
  path: readonly string[],
): readonly Objection[] => {
  const read = file === undefined ? undefined : readNewsFile(file);
  if (read === undefined || read.ok) return [];
  const remedy = 'docs/rules.md describes the file ("The calendar of releases").';
  return [{ path, reason: read.reason, remedy }];
};

/** Reads what the document points at. Relative names start from the folder of the file that holds
 * them; from the working directory when they come from elsewhere. */
export const resolveReferences = (document: DecodedDocument, merged: Merged): Resolved => {
  const baseDirOf = (path: KeyPath): string => merged.sourceOf(path).baseDir;
  const rules = resolveRuleSet(document.rules.set, baseDirOf(['rules', 'set']));
  const strategies = document.strategies.map((strategy, index) => {
    const path = ['strategies', index];
    const { use } = strategy;
    if (!isFileName(use)) {
      return { source: 'builtin' as const, use, objections: objectionsToBuiltin(strategy, path) };
    }
    const file = resolve(baseDirOf(path), use);
    return { source: 'file' as const, use: file, objections: objectionsToFile(file, path) };
  });
  const fileAt = (name: string | undefined, path: readonly string[]): string | undefined =>
    name === undefined ? undefined : resolve(baseDirOf(path), name);
  const newsFile = fileAt(document.news.file, NEWS_FILE);
  const terminalCalendar = fileAt(document.terminal.calendar, TERMINAL_CALENDAR);
  return {
    newsFile,
    terminalCalendar,
    dataDir: resolve(baseDirOf(['dataDir']), document.dataDir),
    ruleSet: rules.ruleSet,
    strategies: strategies.map(({ source, use }) => ({ source, use })),
    objections: [
      ...rules.objections,
      ...strategies.flatMap(({ objections }) => objections),
      ...objectionsToNews(newsFile, NEWS_FILE),
      ...objectionsToNews(terminalCalendar, TERMINAL_CALENDAR),
    ],
  };
};
