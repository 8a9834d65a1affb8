import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ConfigInvalid, type ConfigProblem } from '../../src/config/errors.ts';
import { type LoadedConfig, type LoadOptions, loadConfig } from '../../src/config/load-config.ts';

/** Loads in a fresh folder that holds `files`; the environment is empty unless `env` is given. */
export const loadWith = async (
  files: Readonly<Record<string, string>>,
  options: Omit<LoadOptions, 'cwd'> = {},
): Promise<LoadedConfig> => {
  const cwd = mkdtempSync(join(tmpdir(), 'bulwark-config-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(cwd, name)), { recursive: true });
      writeFileSync(join(cwd, name), content);
    }
    return await loadConfig({ env: {}, ...options, cwd });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
};

export const jsonFile = (document: unknown): Readonly<Record<string, string>> => ({
  'bulwark.config.json': JSON.stringify(document),
});

/** The refusal that loading ends in; fails when it succeeds. */
export const refusalOf = async (loading: Promise<LoadedConfig>): Promise<ConfigInvalid> => {
  const outcome: unknown = await loading.catch((error: unknown) => error);
  if (outcome instanceof ConfigInvalid) return outcome;
  throw new Error(`expected ConfigInvalid, got ${String(outcome)}`);
};

export const problemsOf = async (
  loading: Promise<LoadedConfig>,
): Promise<readonly ConfigProblem[]> => (await refusalOf(loading)).problems;
