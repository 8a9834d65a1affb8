import type { CloseSignal, OpenSignal, Signal } from '../../domain/trading.ts';
import { points } from '../../domain/units.ts';
import { ISOLATION_LIMITS } from './isolation-limits.ts';

/**
 * What a strategy answered, checked and copied field by field. TypeScript cannot vouch for a user's
 * file: a fraction of a point that reached the guard would crash the guard, and with it the whole
 * desk. Whether a signal is wise is the guard's business; here it only has to be one.
 */
type Loose = Readonly<Record<string, unknown>>;

const refuse = (what: string, expected: string, found: unknown): never => {
  const shown = typeof found === 'string' ? JSON.stringify(found) : String(found);
  throw new TypeError(`${what} is ${shown.slice(0, 80)}; expected ${expected}`);
};

const isRecord = (value: unknown): value is Loose => typeof value === 'object' && value !== null;

const oneOf = <const T extends readonly string[]>(
  value: unknown,
  allowed: T,
  what: string,
): T[number] =>
  allowed.includes(value as string)
    ? (value as T[number])
    : refuse(what, `one of ${allowed.join(', ')}`, value);

/** Points are whole: a distance that was computed as a fraction has to be rounded by its author. */
const wholePoints = (value: unknown, what: string) =>
  Number.isSafeInteger(value)
    ? points(value as number)
    : refuse(what, 'a whole number of points (round it)', value);

const legOf = (signal: Loose, what: string): number => {
  const { leg } = signal;
  return Number.isSafeInteger(leg) && (leg as number) >= 0
    ? (leg as number)
    : refuse(`${what}.leg`, 'a whole number from 0', leg);
};

const reasonOf = (signal: Loose, what: string): string =>
  typeof signal['reason'] === 'string'
    ? signal['reason'].slice(0, ISOLATION_LIMITS.reasonLength)
    : refuse(`${what}.reason`, 'a text', signal['reason']);

const openOf = (signal: Loose, what: string): OpenSignal => {
  const { price, takeProfitDistance } = signal;
  return {
    type: 'open',
    side: oneOf(signal['side'], ['buy', 'sell'], `${what}.side`),
    kind: oneOf(signal['kind'], ['market', 'limit', 'stop'], `${what}.kind`),
    ...(price === undefined ? {} : { price: wholePoints(price, `${what}.price`) }),
    stopDistance: wholePoints(signal['stopDistance'], `${what}.stopDistance`),
    ...(takeProfitDistance === undefined
      ? {}
      : { takeProfitDistance: wholePoints(takeProfitDistance, `${what}.takeProfitDistance`) }),
    leg: legOf(signal, what),
    reason: reasonOf(signal, what),
  };
};

const closeOf = (signal: Loose, what: string): CloseSignal => ({
  type: 'close',
  leg: legOf(signal, what),
  reason: reasonOf(signal, what),
});

const signalOf = (value: unknown, what: string): Signal => {
  if (!isRecord(value)) return refuse(what, 'a signal', value);
  const type = oneOf(value['type'], ['open', 'close'], `${what}.type`);
  return type === 'open' ? openOf(value, what) : closeOf(value, what);
};

export interface CheckedDecision {
  /** The strategy's own memory, untouched: it never leaves the engine. */
  readonly state: unknown;
  readonly signals: readonly Signal[];
}

/** Throws TypeError that says which field of which answer is wrong, and what it should be.
 * @param where who answered: `onBar` or `onTick`. */
export const checkDecision = (where: string, value: unknown): CheckedDecision => {
  if (value instanceof Promise) {
    throw new TypeError(`${where} answered a promise; it has to decide at once`);
  }
  if (!isRecord(value) || !Array.isArray(value['signals'])) {
    return refuse(`the answer of ${where}`, '{ state, signals: [] }', value);
  }
  const signals: readonly unknown[] = value['signals'];
  const most = ISOLATION_LIMITS.signalsPerAnswer;
  if (signals.length > most)
    refuse(`the number of signals of ${where}`, `at most ${most}`, signals.length);
  return {
    state: value['state'],
    signals: signals.map((signal, index) => signalOf(signal, `${where}: signals[${index}]`)),
  };
};
