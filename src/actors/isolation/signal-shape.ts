import type {
  CancelSignal,
  CloseBySignal,
  CloseSignal,
  ModifyOrderSignal,
  ModifyPositionSignal,
  OpenSignal,
  Signal,
  TimeInForce,
} from '../../domain/trading.ts';
import type { EpochMs, Points } from '../../domain/units.ts';
import { epochMs, points } from '../../domain/units.ts';
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

const oneOf = <T extends string>(value: unknown, allowed: readonly T[], what: string): T =>
  allowed.includes(value as T) ? (value as T) : refuse(what, `one of ${allowed.join(', ')}`, value);

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

/** The named fields that are whole numbers of points; what is absent stays absent. */
const levelsOf = <const Names extends readonly string[]>(
  signal: Loose,
  names: Names,
  what: string,
): { readonly [Name in Names[number]]?: Points } =>
  Object.fromEntries(
    names.flatMap((name) =>
      signal[name] === undefined ? [] : [[name, wholePoints(signal[name], `${what}.${name}`)]],
    ),
  ) as { readonly [Name in Names[number]]?: Points };

const ticketOf = (signal: Loose, name: string, what: string): string => {
  const ticket = signal[name];
  return typeof ticket === 'string' && /^\d{1,20}$/.test(ticket)
    ? ticket
    : refuse(`${what}.${name}`, 'a ticket: the text of a whole number', ticket);
};
const oneTicket = (signal: Loose, what: string): { readonly ticket?: string } =>
  signal['ticket'] === undefined ? {} : { ticket: ticketOf(signal, 'ticket', what) };

const TIME_IN_FORCE = ['gtc', 'day', 'specified'] as const satisfies readonly TimeInForce[];
/** `specified` and an instant belong together. */
const expiryOf = (
  signal: Loose,
  what: string,
): { readonly tif?: TimeInForce; readonly expiresAt?: EpochMs } => {
  const { tif: wanted, expiresAt } = signal;
  const tif = wanted === undefined ? {} : { tif: oneOf(wanted, TIME_IN_FORCE, `${what}.tif`) };
  if (tif.tif !== 'specified') {
    if (expiresAt === undefined) return tif;
    return refuse(`${what}.expiresAt`, "nothing without tif 'specified'", expiresAt);
  }
  return Number.isSafeInteger(expiresAt)
    ? { ...tif, expiresAt: epochMs(expiresAt as number) }
    : refuse(`${what}.expiresAt`, 'an instant in whole milliseconds', expiresAt);
};

/** Null takes a target away; so it differs from a target that is not spoken of. */
const targetOf = (signal: Loose, what: string): { readonly takeProfit?: Points | null } => {
  const { takeProfit } = signal;
  if (takeProfit === undefined) return {};
  return { takeProfit: takeProfit === null ? null : wholePoints(takeProfit, `${what}.takeProfit`) };
};

const ORDER_KINDS = ['market', 'limit', 'stop', 'stopLimit'] as const;
const openOf = (signal: Loose, what: string): OpenSignal => {
  const kind = oneOf(signal['kind'], ORDER_KINDS, `${what}.kind`);
  const { stopLimitPrice } = signal;
  if ((kind === 'stopLimit') !== (stopLimitPrice !== undefined)) {
    const expected =
      kind === 'stopLimit' ? 'the level of its limit' : 'nothing: only a stopLimit has it';
    refuse(`${what}.stopLimitPrice`, expected, stopLimitPrice);
  }
  const expiry = expiryOf(signal, what);
  if (kind === 'market' && expiry.tif !== undefined && expiry.tif !== 'gtc') {
    refuse(`${what}.tif`, 'nothing: a market order does not wait', expiry.tif);
  }
  return {
    type: 'open',
    side: oneOf(signal['side'], ['buy', 'sell'], `${what}.side`),
    kind,
    ...levelsOf(
      signal,
      ['price', 'stopLimitPrice', 'takeProfitDistance', 'dailyRangePoints'],
      what,
    ),
    ...expiry,
    stopDistance: wholePoints(signal['stopDistance'], `${what}.stopDistance`),
    ...wordsOf(signal, what),
  };
};

const wordsOf = (signal: Loose, what: string) => ({
  leg: legOf(signal, what),
  reason: reasonOf(signal, what),
});

const closeOf = (signal: Loose, what: string): CloseSignal => {
  const { percent } = signal;
  const isPart =
    Number.isSafeInteger(percent) && (percent as number) > 0 && (percent as number) < 100;
  if (percent !== undefined && !isPart)
    refuse(`${what}.percent`, 'a whole number, 1 to 99', percent);
  return {
    type: 'close',
    ...oneTicket(signal, what),
    ...(percent === undefined ? {} : { percent: percent as number }),
    ...wordsOf(signal, what),
  };
};
const closeByOf = (signal: Loose, what: string): CloseBySignal => ({
  type: 'closeBy',
  ticket: ticketOf(signal, 'ticket', what),
  byTicket: ticketOf(signal, 'byTicket', what),
  ...wordsOf(signal, what),
});
const cancelOf = (signal: Loose, what: string): CancelSignal => ({
  type: 'cancel',
  ...oneTicket(signal, what),
  ...wordsOf(signal, what),
});
const modifyOrderOf = (signal: Loose, what: string): ModifyOrderSignal => ({
  type: 'modifyOrder',
  ticket: ticketOf(signal, 'ticket', what),
  ...levelsOf(signal, ['price', 'stopLimitPrice', 'stopLoss'], what),
  ...targetOf(signal, what),
  ...expiryOf(signal, what),
  ...wordsOf(signal, what),
});
const modifyPositionOf = (signal: Loose, what: string): ModifyPositionSignal => ({
  type: 'modifyPosition',
  ...oneTicket(signal, what),
  ...levelsOf(signal, ['stopLoss'], what),
  ...targetOf(signal, what),
  ...wordsOf(signal, what),
});

const READERS = {
  open: openOf,
  close: closeOf,
  closeBy: closeByOf,
  cancel: cancelOf,
  modifyOrder: modifyOrderOf,
  modifyPosition: modifyPositionOf,
} as const satisfies { readonly [Type in Signal['type']]: (signal: Loose, what: string) => Signal };
const TYPES = Object.keys(READERS) as readonly Signal['type'][];

const signalOf = (value: unknown, what: string): Signal => {
  if (!isRecord(value)) return refuse(what, 'a signal', value);
  return READERS[oneOf(value['type'], TYPES, `${what}.type`)](value, what);
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
