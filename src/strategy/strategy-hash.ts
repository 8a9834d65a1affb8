import { sha256Hex } from './sha256.ts';

/** JSON with sorted keys: equal values give equal text, whatever order their keys were written in.
 * Numbers print in their shortest round-trip form; undefined members are left out. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'bigint') return JSON.stringify(value.toString());
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
};

export interface StrategyHashParts {
  readonly name: string;
  readonly version: string;
  readonly timeframe: string;
  /** sha-256 of the bundled file; for a built-in, undefined: its name and version stand for it. */
  readonly codeHash?: string | undefined;
  /** Effective parameters, overrides applied. */
  readonly params: object;
}

/** The text that is hashed. Everything that may change a decision is in it. */
export const strategyHashInput = (parts: StrategyHashParts): string =>
  canonicalJson({
    name: parts.name,
    version: parts.version,
    timeframe: parts.timeframe,
    code: parts.codeHash ?? null,
    params: parts.params,
  });

/** Identity of code and parameters, 64 hex digits: part of every intent key. */
export const strategyHash = (parts: StrategyHashParts): string =>
  sha256Hex(strategyHashInput(parts));
