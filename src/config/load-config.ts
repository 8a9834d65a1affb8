import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import * as Schema from 'effect/Schema';
import { impossibleCombinations } from './combinations.ts';
import type { Config } from './config.ts';
import { findConfigFile, readConfigFile } from './config-file.ts';
import { defaultsOf } from './defaults.ts';
import {
  layerOfOverride,
  layersOfVariables,
  type Override,
  type TextSources,
} from './environment.ts';
import { ConfigInvalid, type ConfigProblem } from './errors.ts';
import { explain } from './explain.ts';
import { nodeAt, showPath } from './key-tree.ts';
import { type Layer, type Merged, mergeLayers } from './layers.ts';
import { type ConfigEntry, entriesOf } from './print-config.ts';
import { type Objection, resolveReferences } from './references.ts';
import { ConfigDocument, type DecodedDocument, PROFILES, type Profile } from './schema.ts';
import { toConfig } from './to-config.ts';

export interface LoadOptions {
  /** Where the configuration file and `.env` are looked for. Default: the working directory. */
  readonly cwd?: string;
  /** Default: the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The file of --config, relative to `cwd`; it must exist. */
  readonly configFile?: string;
  /** Command-line flags; they win over everything. Later ones win over earlier ones. */
  readonly overrides?: readonly Override[];
  /** Quotes come from files: market.symbols need not list what the strategies trade. */
  readonly isReplay?: boolean;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Every effective value with its origin; secrets are redacted here already. */
  readonly entries: readonly ConfigEntry[];
}

const DOTENV = '.env';

const readDotenv = (cwd: string): TextSources => {
  const file = resolve(cwd, DOTENV);
  if (!existsSync(file)) return { layers: [], problems: [] };
  const variables = parseEnv(readFileSync(file, 'utf8'));
  return layersOfVariables(variables, { origin: DOTENV, baseDir: cwd });
};

const layersOfFlags = (overrides: readonly Override[], cwd: string): TextSources => {
  const layers: Layer[] = [];
  const problems: ConfigProblem[] = [];
  for (const override of overrides) {
    const node = nodeAt(override.path);
    if (node !== undefined) layers.push(layerOfOverride(override, node, cwd));
    else {
      const reason = `there is no key ${showPath(override.path)}`;
      const remedy = 'See bulwark config --print for the keys.';
      problems.push({ path: override.flag, origin: 'command line', reason, remedy });
    }
  }
  return { layers, problems };
};

/** The profile chooses the defaults, so it is looked up before they are laid down. A wrong one is
 * left for the schema to refuse. */
const profileOf = (layers: readonly Layer[]): Profile => {
  const chosen = layers.map(({ tree }) => tree.profile).findLast((value) => value !== undefined);
  return PROFILES.find((profile) => profile === chosen) ?? 'paper';
};

const decode = (merged: Merged): DecodedDocument | readonly ConfigProblem[] => {
  try {
    return Schema.decodeUnknownSync(ConfigDocument)(merged.tree, {
      errors: 'all',
      onExcessProperty: 'error',
    });
  } catch (error) {
    if (Schema.isSchemaError(error)) return explain(error, merged);
    throw error;
  }
};

const withOrigin = (objection: Objection, merged: Merged): ConfigProblem => ({
  path: showPath(objection.path),
  origin: merged.sourceOf(objection.path).origin,
  reason: objection.reason,
  remedy: objection.remedy,
});

/**
 * Loads the effective configuration. Rising precedence: defaults of the profile, the configuration
 * file, `.env`, BULWARK_ variables, command-line overrides. Rejects with ConfigInvalid, which holds
 * every problem found; nothing has been started or written then.
 */
export const loadConfig = async (options: LoadOptions = {}): Promise<LoadedConfig> => {
  const cwd = options.cwd ?? process.cwd();
  const file = findConfigFile(cwd, options.configFile);
  const fileLayers = file === undefined ? [] : [await readConfigFile(file)];
  const dotenv = readDotenv(cwd);
  const variables = options.env ?? process.env;
  const environment = layersOfVariables(variables, { origin: 'environment', baseDir: cwd });
  const flags = layersOfFlags(options.overrides ?? [], cwd);
  const layers = [...fileLayers, ...dotenv.layers, ...environment.layers, ...flags.layers];
  const profile = profileOf(layers);
  const defaults = { origin: `default (${profile})`, baseDir: cwd, tree: defaultsOf(profile) };
  const merged = mergeLayers(defaults, layers);
  const problems = [...dotenv.problems, ...environment.problems, ...flags.problems];

  const document = decode(merged);
  if (!('profile' in document)) throw new ConfigInvalid({ problems: [...problems, ...document] });
  const references = resolveReferences(document, merged);
  const { ruleSet } = references;
  const objections = [
    ...references.objections,
    ...impossibleCombinations({
      document,
      ruleSet: ruleSet?.ruleSet,
      isReplay: options.isReplay ?? false,
    }),
  ];
  problems.push(...objections.map((objection) => withOrigin(objection, merged)));
  if (problems.length > 0 || ruleSet === undefined) throw new ConfigInvalid({ problems });
  const config = toConfig(document, {
    dataDir: references.dataDir,
    newsFile: references.newsFile,
    terminalCalendar: references.terminalCalendar,
    strategies: references.strategies,
    rules: { ...ruleSet, phase: document.rules.phase },
  });
  return { config, entries: entriesOf(merged) };
};
