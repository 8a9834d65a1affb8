import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { fc } from './property-seed.ts';
import { RISK_CASES } from './risk-cases.ts';
import { RISK_LIVES } from './risk-lives.ts';
import type { RiskModel } from './risk-model.ts';
import type { RiskMutant } from './risk-mutants.ts';
import type { Operation } from './risk-operations.ts';
import { operations } from './risk-operations.ts';

type Model = typeof RiskModel;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Replaces one text of one file on its way into the bundle; it must stand there exactly once. */
const mutation = (mutant: Extract<RiskMutant, { file: string }>): Plugin => ({
  name: 'mutation',
  setup: ({ onLoad }) => {
    onLoad({ filter: new RegExp(`src/risk/${mutant.file.replace('.', '\\.')}$`) }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const parts = source.split(mutant.from);
      if (parts.length !== 2)
        throw new Error(`${mutant.name}: ${parts.length - 1} places to change`);
      return { contents: parts.join(mutant.to), loader: 'ts' };
    });
  },
});

/** The model with the mutant's code in it, from a bundle of its own. */
const modelWith = async (mutant: RiskMutant): Promise<Model> => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-mutant-'));
  try {
    const built = await build({
      entryPoints: [here('./risk-model.ts')],
      bundle: true,
      format: 'esm',
      platform: 'node',
      write: false,
      plugins: 'file' in mutant ? [mutation(mutant)] : [],
    });
    const file = join(folder, 'model.mjs');
    writeFileSync(file, built.outputFiles[0]?.text ?? '');
    const module: unknown = await import(/* @vite-ignore */ pathToFileURL(file).href);
    return (module as { readonly RiskModel: Model }).RiskModel;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** What killed a mutant: how many random lives it took, and the shortest that was found. */
export interface Killed {
  readonly runs: number;
  readonly operations: readonly Operation[];
  readonly detail: string;
}

const detailOf = (error: unknown): string => (error instanceof Error ? error.message : '');

/** Lives until the first in which the account falls below its floor, at most this many. */
const MOST_RUNS = 2_000;

/** Plays the property against a mutant; undefined: it survived. The shortest life is looked for
 * only when it is to be shown. */
export const hunt = async (
  mutant: RiskMutant,
  { shrink }: { readonly shrink: boolean },
): Promise<Killed | undefined> => {
  const Mutated = await modelWith(mutant);
  const careless = 'careless' in mutant ? { careless: mutant.careless } : {};
  const details = fc.check(
    fc.property(operations, (list) => {
      const model = new Mutated({ ...RISK_CASES[mutant.in], ...careless });
      for (const next of list) {
        try {
          model.apply(next);
        } catch (error) {
          if (error instanceof Error && error.name === 'FloorBroken') throw error;
          // Another refusal of the model is no kill: the mutant must cost the account.
          return;
        }
      }
    }),
    {
      numRuns: MOST_RUNS,
      seed: 7,
      endOnFailure: !shrink,
      examples: Object.values(RISK_LIVES).map((life) => [[...life]]),
    },
  );
  if (!details.failed) return undefined;
  return {
    runs: details.numRuns,
    operations: details.counterexample?.[0] ?? [],
    detail: detailOf(details.errorInstance),
  };
};
