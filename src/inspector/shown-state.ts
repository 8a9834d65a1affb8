import { INSPECTOR_LIMITS } from './inspector-limits.ts';

/**
 * A state as a page may have it: plain JSON, bounded in depth, length and text, amounts (bigint)
 * as decimal text, and whatever is named like a secret left out. It never throws: a getter that
 * does is shown as what it threw.
 */
const SECRET = /token|secret|password|passphrase|private|credential/i;
const { stateDepth, stateItems, stateText } = INSPECTOR_LIMITS;

const cut = (text: string): string =>
  text.length <= stateText ? text : `${text.slice(0, stateText)}… (${text.length} characters)`;

const entriesOf = (value: object): readonly (readonly [string, unknown])[] => {
  if (value instanceof Map) return [...value].map(([key, item]) => [String(key), item]);
  if (value instanceof Set) return [...value].map((item, index) => [String(index), item]);
  return Object.entries(value);
};

const shownObject = (value: object, depth: number): unknown => {
  if (depth >= stateDepth) return Array.isArray(value) ? '[…]' : '{…}';
  const entries = entriesOf(value);
  const rest = entries.length - stateItems;
  if (Array.isArray(value) || value instanceof Set) {
    const items = entries.slice(0, stateItems).map(([, item]) => shown(item, depth + 1));
    return rest > 0 ? [...items, `… and ${rest} more`] : items;
  }
  const shownEntries = entries
    .slice(0, stateItems)
    .map(([key, item]) => [key, SECRET.test(key) ? '[redacted]' : shown(item, depth + 1)]);
  return Object.fromEntries(rest > 0 ? [...shownEntries, ['…', `${rest} more`]] : shownEntries);
};

const shown = (value: unknown, depth: number): unknown => {
  switch (typeof value) {
    case 'bigint':
      return value.toString();
    case 'string':
      return cut(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : shownObject(value, depth);
    case 'undefined':
      return null;
    default:
      return `[${typeof value}]`;
  }
};

export const shownState = (value: unknown): unknown => {
  try {
    return shown(value, 0);
  } catch (error) {
    return `cannot be shown: ${String(error)}`;
  }
};
