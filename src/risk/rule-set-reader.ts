import { parseDecimal } from '../domain/units.ts';

/** One mistake of a document: where, what is wrong, and what to write instead. */
export interface RuleProblem {
  readonly path: string;
  readonly reason: string;
  readonly remedy: string;
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

const nearest = (wrong: string, known: readonly string[]): string | undefined =>
  known.find((name) => {
    const a = name.toLowerCase();
    const b = wrong.toLowerCase();
    return a.startsWith(b.slice(0, 4)) || b.startsWith(a.slice(0, 4));
  });

/**
 * Walks a JSON value and collects every problem instead of stopping at the first, because a person
 * mends a document in one sitting. A reader answers a harmless stand-in after a problem; the
 * stand-in is never seen, since any problem refuses the whole document.
 */
export class RuleReader {
  readonly problems: RuleProblem[] = [];

  problem(path: string, reason: string, remedy: string): void {
    this.problems.push({ path: path === '' ? '(document)' : path, reason, remedy });
  }

  object(value: unknown, path: string, keys: readonly string[]): Readonly<Record<string, unknown>> {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      this.problem(path, `expected an object, found ${shown(value)}`, `Write { ${keys[0]}: … }.`);
      return {};
    }
    for (const key of Object.keys(value)) {
      if (keys.includes(key)) continue;
      const near = nearest(key, keys);
      const remedy =
        near === undefined
          ? `Remove it; known keys: ${keys.join(', ')}.`
          : `Did you mean "${near}"?`;
      this.problem(join(path, key), `unknown key "${key}"`, remedy);
    }
    return value as Readonly<Record<string, unknown>>;
  }

  text(value: unknown, path: string, pattern: RegExp, remedy: string): string {
    if (typeof value === 'string' && pattern.test(value)) return value;
    const reason =
      typeof value === 'string'
        ? `${shown(value)} does not fit`
        : `expected a text, found ${shown(value)}`;
    this.problem(path, reason, remedy);
    return '';
  }

  oneOf<const T extends string>(value: unknown, path: string, known: readonly T[]): T {
    const found = known.find((name) => name === value);
    if (found !== undefined) return found;
    this.problem(path, `${shown(value)} is not known here`, `Use one of: ${known.join(', ')}.`);
    return known[0] as T;
  }

  boolean(value: unknown, path: string): boolean {
    if (typeof value === 'boolean') return value;
    this.problem(path, `expected true or false, found ${shown(value)}`, 'Write true or false.');
    return false;
  }

  integer(value: unknown, path: string, min: number, max: number): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
      return value;
    }
    const remedy = `Write a whole number from ${min} to ${max}.`;
    this.problem(path, `expected a whole number, found ${shown(value)}`, remedy);
    return min;
  }

  /** A percentage, number or decimal text with at most four decimals, as parts per million. */
  percent(value: unknown, path: string, max: number): number {
    const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
    const ppm = parseDecimal(text, 4);
    if (ppm !== undefined && ppm > 0n && ppm <= BigInt(max) * 10_000n) return Number(ppm);
    const remedy = `Write a percentage above 0 and up to ${max}, e.g. 5 or 2.5 (not 0.05).`;
    this.problem(path, `expected a percentage, found ${shown(value)}`, remedy);
    return 0;
  }

  /** A positive amount of money as decimal text. */
  money(value: unknown, path: string): string {
    const amount = typeof value === 'string' ? parseDecimal(value, 8) : undefined;
    if (typeof value === 'string' && amount !== undefined && amount > 0n) return value;
    const remedy = 'Write a positive decimal in quotes, e.g. "5000.00".';
    this.problem(path, `expected an amount of money, found ${shown(value)}`, remedy);
    return '0';
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (Array.isArray(value) && value.length > 0) return value;
    this.problem(path, `expected a list, found ${shown(value)}`, 'Write [ … ] with an entry.');
    return [];
  }

  /** null and a missing key both say "the firm has no such rule". */
  optional<T>(value: unknown, read: (value: unknown) => T): T | null {
    return value === null || value === undefined ? null : read(value);
  }
}

export const join = (path: string, key: string | number): string =>
  path === '' ? String(key) : `${path}.${key}`;
