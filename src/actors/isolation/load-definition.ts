import { pathToFileURL } from 'node:url';
import type { AnyStrategy } from '../../strategy/registry.ts';
import { builtinStrategy } from '../../strategy/registry.ts';
import type { StrategySource } from './engine-protocol.ts';

/**
 * The strategy's code for one engine. A file is a module of its own for every engine: what it keeps
 * at module level is neither shared between symbols nor carried over a restart, wherever it runs.
 * Rejects with what the module throws; it was checked to be a strategy when it was bundled.
 */
export const loadDefinition = async (
  source: StrategySource,
  engine: number,
): Promise<AnyStrategy> => {
  if (source.type === 'builtin') {
    const definition = builtinStrategy(source.name);
    if (definition === undefined) throw new Error(`there is no built-in strategy ${source.name}`);
    return definition;
  }
  const url = `${pathToFileURL(source.file).href}?engine=${engine}`;
  const loaded = (await import(url)) as { readonly default?: AnyStrategy };
  if (loaded.default === undefined) throw new Error(`${source.file} exports no strategy`);
  return loaded.default;
};
