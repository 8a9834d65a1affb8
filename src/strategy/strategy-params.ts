import type { AnyStrategy } from './registry.ts';

/** One mistake in a strategy or its parameters: where, what is wrong, and what to do. */
export interface StrategyProblem {
  readonly path: string;
  readonly reason: string;
  readonly remedy: string;
}

export type StrategyParamsResult =
  | { readonly ok: true; readonly value: object }
  | { readonly ok: false; readonly errors: readonly StrategyProblem[] };

/** The defaults with overrides by name: a known name, the default's type, a finite number. */
export const paramsOf = (
  strategy: AnyStrategy,
  overrides: Readonly<Record<string, unknown>> = {},
): StrategyParamsResult => {
  const defaults = strategy.params as Readonly<Record<string, unknown>>;
  const errors: StrategyProblem[] = [];
  for (const [name, value] of Object.entries(overrides)) {
    const path = `${strategy.name}.${name}`;
    if (!Object.hasOwn(defaults, name)) {
      const remedy = `Use one of: ${Object.keys(defaults).join(', ')}.`;
      errors.push({ path, reason: 'the strategy has no such parameter', remedy });
    } else if (typeof value !== typeof defaults[name] || Number.isNaN(value)) {
      const wanted = typeof defaults[name];
      const remedy = `Write a ${wanted}; the default is ${JSON.stringify(defaults[name])}.`;
      errors.push({ path, reason: `expected a ${wanted}`, remedy });
    } else if (typeof value === 'number' && !Number.isFinite(value)) {
      errors.push({ path, reason: 'expected a finite number', remedy: 'Write a finite number.' });
    }
  }
  return errors.length === 0
    ? { ok: true, value: { ...defaults, ...overrides } }
    : { ok: false, errors };
};
