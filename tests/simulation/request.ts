import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FAULT_KINDS, FAULTS, type FaultKind, type Plan, planOf } from './faults.ts';

/** A campaign that is to reach every fault and branch needs this many seeds. */
export const COVERING_SEEDS = 1_000;

export const HELP = `Plays the whole system in one thread under seeds, with faults, and checks its promises.

  npm run simulate -- --seeds 1..500
  npm run simulate -- --seed 17 --mode liveness --trace

  --seeds A..B    seeds to play; default 1..100
  --seed N        plays one seed, and prints the end of what happened
  --mode MODE     safety: faults anywhere, no promise is ever broken (default);
                  liveness: faults end half-way, and trading has to go on
  --faults A,B    only these faults; default: all
  --plan PLAN     plays one plan, given as JSON or as the name of a file with it: a
                  failure prints the smallest that it found
  --failures N    goes on until so many seeds have failed; default 1
                  (Ctrl-C ends it with a summary)
  --trace         prints everything that happened, not only the end of it
  --json          one line of JSON on stdout at the end
  --help

Faults:
${Object.entries(FAULTS)
  .map(([kind, what]) => `  ${kind.padEnd(17)} ${what}`)
  .join('\n')}

Exit code: 0 when every promise was kept, 1 when not, 2 for a mistake in the command line, 130 when
it was interrupted. A campaign of ${COVERING_SEEDS} seeds or more over all faults ends with 1 as well when it never
reached one of them, or a branch of the code that it is meant to reach. A seed gives the same run, to
the same hash, on every machine.
`;

export class UsageError extends Error {}

export interface CampaignRequest {
  readonly type: 'campaign';
  readonly from: number;
  readonly to: number;
  readonly mode: Plan['mode'];
  readonly kinds: readonly FaultKind[];
  readonly maxFailures: number;
  readonly json: boolean;
}
export interface OneRequest {
  readonly type: 'one';
  readonly plan: Plan;
  readonly trace: boolean;
  readonly json: boolean;
}
export type Request = CampaignRequest | OneRequest | { readonly type: 'help' };

const wholeNumber = (flag: string, text: string): number => {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= 1) return value;
  throw new UsageError(`${flag}: '${text}' is not a whole number from 1 on`);
};

const seedsOf = (text: string): readonly [number, number] => {
  const [from = '', to = from, more] = text.split('..');
  if (more !== undefined)
    throw new UsageError(`--seeds: '${text}' is no range; write it as 1..500`);
  const range = [wholeNumber('--seeds', from), wholeNumber('--seeds', to)] as const;
  if (range[1] < range[0]) {
    throw new UsageError(`--seeds: '${text}' is empty; write it as 1..500`);
  }
  return range;
};

const kindsOf = (text: string | undefined): readonly FaultKind[] => {
  if (text === undefined) return FAULT_KINDS;
  const kinds = text.split(',').map((name) => {
    const kind = FAULT_KINDS.find((known) => known === name.trim());
    if (kind !== undefined) return kind;
    throw new UsageError(`--faults: '${name}' is not a fault; --help lists them`);
  });
  return [...new Set(kinds)];
};

const modeOf = (text: string): Plan['mode'] => {
  if (text === 'safety' || text === 'liveness') return text;
  throw new UsageError(`--mode: '${text}' is neither safety nor liveness`);
};

const planFrom = (text: string): Plan => {
  const isFile = !text.trimStart().startsWith('{');
  if (isFile && !existsSync(text)) throw new UsageError(`--plan: there is no file ${text}`);
  try {
    const plan: Partial<Plan> = JSON.parse(isFile ? readFileSync(text, 'utf8') : text);
    // What a plan leaves out is as its seed draws it.
    const { seed, mode } = plan;
    if (seed === undefined || mode === undefined) throw new Error('seed or mode is missing');
    for (const { kind } of plan.faults ?? []) kindsOf(kind);
    return { ...planOf({ seed, mode: modeOf(mode) }), ...plan };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--plan: it is no plan as a failure prints it: ${String(error)}`);
  }
};

const OPTIONS = {
  seeds: { type: 'string' },
  seed: { type: 'string' },
  mode: { type: 'string' },
  faults: { type: 'string' },
  plan: { type: 'string' },
  failures: { type: 'string' },
  trace: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const valuesOf = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${why}\n--help tells what there is`);
  }
};
type Values = ReturnType<typeof valuesOf>;

/** Options that say nothing together. */
const refuseBoth = (values: Values, one: keyof Values, ...others: readonly (keyof Values)[]) => {
  const other = others.find((name) => values[name] !== undefined && values[name] !== false);
  if (values[one] === undefined || values[one] === false || other === undefined) return;
  throw new UsageError(`--${one} and --${other} do not go together`);
};

/** Throws UsageError. */
export const parse = (args: readonly string[]): Request => {
  const values = valuesOf(args);
  if (values.help) return { type: 'help' };
  const { json, trace } = values;
  refuseBoth(values, 'plan', 'seed', 'seeds', 'mode', 'faults', 'failures');
  refuseBoth(values, 'seed', 'seeds', 'failures');
  if (values.plan !== undefined) return { type: 'one', plan: planFrom(values.plan), trace, json };
  const mode = modeOf(values.mode ?? 'safety');
  const kinds = kindsOf(values.faults);
  if (values.seed !== undefined) {
    const seed = wholeNumber('--seed', values.seed);
    return { type: 'one', plan: planOf({ seed, mode, kinds }), trace, json };
  }
  if (trace) throw new UsageError('--trace needs one --seed, or a --plan');
  const [from, to] = seedsOf(values.seeds ?? '1..100');
  const maxFailures = wholeNumber('--failures', values.failures ?? '1');
  return { type: 'campaign', from, to, mode, kinds, maxFailures, json };
};
