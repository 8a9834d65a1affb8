import type { Minor } from '../../domain/units.ts';
import { minor, ZERO_MINOR } from '../../domain/units.ts';
import type { AccountEvent } from '../../risk/account-walk-types.ts';
import { parseAmount, parseVolume } from './amounts.ts';
import type { Read } from './errors.ts';
import { refuse, shown } from './errors.ts';
import { parseInstant } from './instants.ts';

const TYPES = ['deal', 'equity', 'deposit', 'withdrawal', 'open', 'close'] as const;
type EventType = (typeof TYPES)[number];
const MONEY = ['profit', 'commission', 'swap', 'fee', 'amount', 'balance', 'equity'] as const;
type MoneyField = (typeof MONEY)[number];
const KNOWN = new Set<string>(['at', 'type', 'symbol', 'volume', ...MONEY]);

/** Strings first, so that digits inside of one are never taken for a number. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A JSON object whose numbers stay text: `JSON.parse` alone would round them to binary floats. */
const parseExactly = (line: string): Read<Readonly<Record<string, unknown>>> => {
  const remedy = 'Write one JSON object per line, e.g. {"at":"2024-01-08T10:00:00Z", …}';
  try {
    JSON.parse(line);
  } catch {
    return refuse(`${shown(line)} is not JSON`, remedy);
  }
  const quoted = line.replace(TOKENS, (token) => (token.startsWith('"') ? token : `"${token}"`));
  const value: unknown = JSON.parse(quoted);
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? { ok: true, value: value as Readonly<Record<string, unknown>> }
    : refuse(`expected an object, found ${shown(line)}`, remedy);
};

type Money = Readonly<Partial<Record<MoneyField, Minor>>>;

const readMoney = (entry: Readonly<Record<string, unknown>>): Read<Money> => {
  const money: Partial<Record<MoneyField, Minor>> = {};
  for (const field of MONEY) {
    const value = entry[field];
    if (value === undefined || value === null) continue;
    const amount = typeof value === 'string' ? parseAmount(value) : undefined;
    if (amount === undefined) {
      const reason = `"${field}" is no amount: ${shown(JSON.stringify(value))}`;
      return refuse(reason, 'Write a decimal such as 12.5 or "12.50", with a point');
    }
    money[field] = amount;
  }
  return { ok: true, value: money };
};

const typeOf = (value: unknown): Read<EventType> => {
  const found = TYPES.find((type) => type === value);
  if (found !== undefined) return { ok: true, value: found };
  const remedy = `Write one of ${TYPES.join(', ')}`;
  if (value === undefined) return refuse('"type" is missing', remedy);
  return refuse(
    `there is no event type ${shown(typeof value === 'string' ? value : JSON.stringify(value))}`,
    remedy,
  );
};

/** Deposits are given as positive amounts; a withdrawal may be written with or without its sign. */
const transferOf = (type: 'deposit' | 'withdrawal', money: Money): Read<Minor> => {
  const { amount } = money;
  const remedy = `Write e.g. {"at": …, "type": "${type}", "amount": "1000.00"}`;
  if (amount === undefined) return refuse(`a ${type} needs "amount"`, remedy);
  if (type === 'withdrawal') return { ok: true, value: amount > 0n ? minor(-amount) : amount };
  if (amount >= 0n) return { ok: true, value: amount };
  return refuse('a deposit cannot be negative', 'Write it as a withdrawal');
};

const amountOf = (type: EventType, money: Money): Read<Minor> => {
  if (type === 'deposit' || type === 'withdrawal') return transferOf(type, money);
  if (type === 'equity') {
    if (money.equity !== undefined) return { ok: true, value: ZERO_MINOR };
    const remedy = 'Write e.g. {"at": …, "type": "equity", "equity": "99500.00"}';
    return refuse('an equity event needs "equity"', remedy);
  }
  if (type === 'deal' && money.profit === undefined && money.balance === undefined) {
    const costs = money.commission ?? money.swap ?? money.fee;
    const remedy = 'Write what it booked: "profit", "commission", "swap", or the new "balance"';
    if (costs === undefined) return refuse('a deal without any money', remedy);
  }
  const { profit = 0n, commission = 0n, swap = 0n, fee = 0n } = money;
  return { ok: true, value: minor(profit + commission + swap + fee) };
};

const readSymbol = (value: unknown): Read<string | undefined> => {
  if (value === undefined || value === null) return { ok: true, value: undefined };
  if (typeof value === 'string' && value !== '') return { ok: true, value };
  return refuse('"symbol" is no text', 'Write e.g. "symbol": "EURUSD"');
};

const readVolume = (value: unknown): Read<bigint | undefined> => {
  if (value === undefined || value === null) return { ok: true, value: undefined };
  const volume = typeof value === 'string' ? parseVolume(value) : undefined;
  if (volume !== undefined && volume >= 0n) return { ok: true, value: volume };
  return refuse('"volume" is no number of lots', 'Write e.g. "volume": 0.10');
};

/**
 * One line of an events file as an entry of the account's history. `onUnknownField` is told every
 * field that the format does not have.
 */
export const parseEventLine = (
  line: string,
  onUnknownField: (name: string) => void,
): Read<AccountEvent> => {
  const parsed = parseExactly(line);
  if (!parsed.ok) return parsed;
  const entry = parsed.value;
  for (const name of Object.keys(entry)) if (!KNOWN.has(name)) onUnknownField(name);
  const type = typeOf(entry['type']);
  if (!type.ok) return type;
  const when = entry['at'];
  const at =
    typeof when === 'string'
      ? parseInstant(when)
      : refuse('"at" is missing', 'Write e.g. "at": "2024-01-08T10:00:00Z"');
  if (!at.ok) return at;
  const money = readMoney(entry);
  if (!money.ok) return money;
  const amount = amountOf(type.value, money.value);
  if (!amount.ok) return amount;
  const symbol = readSymbol(entry['symbol']);
  if (!symbol.ok) return symbol;
  const volume = readVolume(entry['volume']);
  if (!volume.ok) return volume;
  const { balance, equity } = money.value;
  const event: AccountEvent = {
    at: at.value,
    type: type.value,
    amount: amount.value,
    ...(balance === undefined ? {} : { balance }),
    ...(equity === undefined ? {} : { equity }),
    ...(symbol.value === undefined ? {} : { symbol: symbol.value }),
    ...(volume.value === undefined ? {} : { volumeE8: volume.value }),
  };
  return { ok: true, value: event };
};
