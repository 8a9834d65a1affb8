/**
 * `npm run mutants -- risk` drops each term and each rule of the guard's arithmetic in turn, plays
 * the floor theorem against what is left, and prints what killed it. `--json` prints one object.
 * Ends with 1 when a mutant survives.
 */
import { hunt, type Killed } from '../tests/support/mutated-model.ts';
import { RISK_MUTANTS, type RiskMutant } from '../tests/support/risk-mutants.ts';

const SETS: Readonly<Record<string, readonly RiskMutant[]>> = { risk: RISK_MUTANTS };

interface Outcome {
  readonly mutant: string;
  readonly where: string;
  readonly case: string;
  readonly killer: string | null;
  readonly operations: readonly string[];
}

const placeOf = (mutant: RiskMutant): string =>
  'file' in mutant ? `src/risk/${mutant.file}` : mutant.careless;

const operationText = (operation: Killed['operations'][number]): string => {
  const { type, ...fields } = operation;
  const text = Object.entries(fields).map(([name, value]) => `${name} ${String(value)}`);
  return text.length === 0 ? type : `${type} (${text.join(', ')})`;
};

const tried = async (mutant: RiskMutant): Promise<Outcome> => {
  const killed = await hunt(mutant, { shrink: true });
  const operations = killed?.operations.map(operationText) ?? [];
  const killer = killed?.detail ?? null;
  return { mutant: mutant.name, where: placeOf(mutant), case: mutant.in, killer, operations };
};

const print = (outcome: Outcome): void => {
  console.log(`\nwithout ${outcome.mutant}\n  in     ${outcome.where}, case ${outcome.case}`);
  if (outcome.killer === null) {
    console.log('  SURVIVED');
    return;
  }
  console.log(`  killer ${outcome.killer} minor units, after`);
  for (const operation of outcome.operations) console.log(`         ${operation}`);
};

const args = process.argv.slice(2);
const json = args.includes('--json');
const [set = 'risk', ...more] = args.filter((arg) => arg !== '--json');
const mutants = Object.hasOwn(SETS, set) ? SETS[set] : undefined;
if (mutants === undefined || more.length > 0) {
  const wrong = [...(mutants === undefined ? [set] : []), ...more].join(' ');
  console.error(
    `unknown: ${wrong}. Write npm run mutants -- ${Object.keys(SETS).join('|')} [--json]`,
  );
  process.exitCode = 2;
} else {
  const outcomes: Outcome[] = [];
  for (const mutant of mutants) {
    const outcome = await tried(mutant);
    outcomes.push(outcome);
    if (!json) print(outcome);
  }
  const survived = outcomes.filter(({ killer }) => killer === null).length;
  const killed = outcomes.length - survived;
  if (json) console.log(JSON.stringify({ killed, survived, mutants: outcomes }));
  else console.log(`\n${killed} of ${outcomes.length} mutants killed, ${survived} survived.`);
  if (survived > 0) process.exitCode = 1;
}
