import type { RuleSet } from './rule-set.ts';
import { readPhase } from './rule-set-phase.ts';
import type { RuleProblem } from './rule-set-reader.ts';
import { join, RuleReader } from './rule-set-reader.ts';
import { isKnownZone, parseLocalTime } from './zone-time.ts';

export type ParsedRuleSet =
  | { readonly ok: true; readonly value: RuleSet }
  | { readonly ok: false; readonly errors: readonly RuleProblem[] };

const ID = /^[a-z0-9][a-z0-9-]{0,39}$/;
const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const VERSION = /^\d+(\.\d+){0,2}$/;
const SOME_TEXT = /\S/;
const DOCUMENT_KEYS = [
  'id',
  'title',
  'version',
  'effectiveFrom',
  'proof',
  'reset',
  'phases',
  'sources',
];

/** Does `path` (dotted) match `pattern`, where `*` is one segment and `**` any number of them? */
const matches = (pattern: readonly string[], path: readonly string[]): boolean => {
  const [head, ...rest] = pattern;
  if (head === undefined) return path.length === 0;
  if (head === '**') return path.some((_, i) => matches(rest, path.slice(i))) || rest.length === 0;
  const [first, ...others] = path;
  return first !== undefined && (head === '*' || head === first) && matches(rest, others);
};

/** Paths of every figure in the document: numbers, and money or percentages written as text. */
const figuresOf = (value: unknown, path: string): readonly string[] => {
  if (typeof value === 'number') return [path];
  if (typeof value === 'string') return /^-?\d+(\.\d+)?$/.test(value) ? [path] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) => figuresOf(member, join(path, key)));
};

const readSources = (r: RuleReader, document: Readonly<Record<string, unknown>>) => {
  const value = document['sources'];
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    const remedy = 'Write { "phases.**": "where the numbers come from" }.';
    r.problem('sources', 'every number needs a source', remedy);
    return {};
  }
  const sources: Record<string, string> = {};
  for (const [pattern, source] of Object.entries(value)) {
    const remedy = 'Name the page or document, and when it was read.';
    sources[pattern] = r.text(source, join('sources', pattern), SOME_TEXT, remedy);
  }
  const patterns = Object.keys(sources).map((pattern) => pattern.split('.'));
  const figures = figuresOf(document['phases'], 'phases').map((path) => path.split('.'));
  for (const path of figures) {
    if (patterns.some((pattern) => matches(pattern, path))) continue;
    const text = path.join('.');
    r.problem(text, 'this number has no source', `Add "${text}" or a pattern of it to sources.`);
  }
  // Without phases no source can name one; that they are missing is told already.
  for (const pattern of figures.length === 0 ? [] : patterns) {
    if (figures.some((path) => matches(pattern, path))) continue;
    const text = pattern.join('.');
    r.problem(join('sources', text), 'it names no number', 'Correct the path or remove the entry.');
  }
  return sources;
};

const readReset = (r: RuleReader, value: unknown) => {
  const o = r.object(value, 'reset', ['zone', 'localTime']);
  const zone = r.text(o['zone'], 'reset.zone', SOME_TEXT, 'Write an IANA zone: "Europe/Prague".');
  if (zone !== '' && !isKnownZone(zone)) {
    const remedy = 'Write an IANA zone such as "Europe/Prague" or "America/New_York".';
    r.problem('reset.zone', `"${zone}" is not a known time zone`, remedy);
  }
  const localTime = typeof o['localTime'] === 'string' ? o['localTime'] : '';
  if (parseLocalTime(localTime) === undefined) {
    const remedy = 'Write hours and minutes, e.g. "00:00".';
    r.problem('reset.localTime', 'expected a local time HH:MM', remedy);
  }
  return { zone, localTime };
};

const readProof = (r: RuleReader, value: unknown): RuleSet['proof'] => {
  const o = r.object(value, 'proof', ['level', 'condition']);
  const level = r.oneOf(o['level'], 'proof.level', ['full', 'conditional']);
  const remedy = 'Say under which condition the floors hold.';
  const condition =
    level === 'full' && o['condition'] === undefined
      ? ''
      : r.text(o['condition'], 'proof.condition', SOME_TEXT, remedy);
  return { level, condition };
};

/** A give-back from floating profit cannot be bounded by the guard alone: such a set must say so. */
const checkProof = (r: RuleReader, ruleSet: RuleSet): void => {
  const floating = ['dayStartEquity', 'dayStartMax', 'equityHighWater'];
  const unproven = ruleSet.phases.some((phase) =>
    [phase.daily, phase.total].some((rule) => rule !== null && floating.includes(rule.anchor)),
  );
  if (unproven && ruleSet.proof.level === 'full') {
    const reason = 'a floor that follows floating equity is proven only under a condition';
    r.problem('proof.level', reason, 'Write "conditional" and the condition (e.g. take-profits).');
  }
};

const checkNames = (r: RuleReader, ruleSet: RuleSet): void => {
  const seen = new Set<string>();
  for (const [i, phase] of ruleSet.phases.entries()) {
    if (seen.has(phase.name)) {
      const reason = `phase "${phase.name}" appears twice`;
      r.problem(`phases.${i}.name`, reason, 'Give every phase its own name.');
    }
    seen.add(phase.name);
  }
};

/** Decodes a rule set document, or names every mistake with path, reason and remedy. */
export const parseRuleSet = (json: unknown): ParsedRuleSet => {
  const r = new RuleReader();
  const o = r.object(json, '', DOCUMENT_KEYS);
  const value: RuleSet = {
    id: r.text(o['id'], 'id', ID, 'Write lower-case letters, digits and dashes: "my-firm".'),
    title: r.text(o['title'], 'title', SOME_TEXT, 'Write the name that people know it by.'),
    version: r.text(o['version'], 'version', VERSION, 'Write a version such as "1.0.0".'),
    effectiveFrom: r.text(o['effectiveFrom'], 'effectiveFrom', DATE, 'Write a date YYYY-MM-DD.'),
    proof: readProof(r, o['proof']),
    reset: readReset(r, o['reset']),
    phases: r.list(o['phases'], 'phases').map((phase, i) => readPhase(r, phase, `phases.${i}`)),
    sources: readSources(r, o),
  };
  checkProof(r, value);
  checkNames(r, value);
  return r.problems.length === 0 ? { ok: true, value } : { ok: false, errors: r.problems };
};
