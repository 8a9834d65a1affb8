import { direction, formatPrice } from '../domain/instrument.ts';
import type { Minor, Points } from '../domain/units.ts';
import { formatDecimal, minor, points, ZERO_MINOR } from '../domain/units.ts';
import { asHeld } from './account-mode-checks.ts';
import type { Exposure, SymbolRisk } from './exposure.ts';
import { exposureOf, openOutcome, orderOutcome, worstCaseEquity } from './exposure.ts';
import { capsOf, checkCaps } from './exposure-caps.ts';
import { minMinor, shareOf } from './floors.ts';
import { checkFunds } from './funds-checks.ts';
import { floorRooms } from './headroom.ts';
import { type LevelChange, orderWith, positionWith, withChanges } from './level-changes.ts';
import { checkExposure, checkMode, checkQuote, checkRequests } from './order-checks.ts';
import { refuse } from './refuse.ts';
import { marginOfOrders } from './verdict.ts';
import type { AssessInput, Refusal } from './verdict-types.ts';

/**
 * The verdict on a change that could lose more than before: a wider stop, a stop taken away, a target
 * further off where a floor follows equity. It is a new request for the difference, held to what an
 * opening order is held to: the mode, a fresh quote, the caps and I1 to I3, with the worse of the old
 * and the new levels until one of them is known to hold. No stop at all is never granted (I4).
 */
export interface ChangeInput extends Omit<AssessInput, 'order' | 'duplicate'> {
  readonly change: LevelChange;
}

export type ChangeVerdict =
  | {
      readonly ok: true;
      /** What it adds to the worst case, at least 0: held until the change is known to have ended. */
      readonly reserved: Minor;
    }
  | ({
      readonly ok: false;
      /** The stop furthest away that would have been granted now; null when none would. */
      readonly widestStop: Points | null;
    } & Refusal);

/** What the change is about: one position, or one working order. */
interface Target {
  readonly symbol: SymbolRisk;
  readonly side: 'buy' | 'sell';
  /** The stop that loses what it could lose before, and the level that distances are told from. */
  readonly stopLoss: Points | undefined;
  readonly from: Points;
}

const targetOf = ({ change, positions, orders, symbols }: ChangeInput): Target | undefined => {
  const position = positions.find(({ ticket }) => ticket === change.ticket);
  const order = orders.find(({ id }) => id === change.ticket);
  const found = change.what === 'position' ? position : order;
  const symbol = found === undefined ? undefined : symbols.get(found.symbol);
  if (found === undefined || symbol === undefined) return undefined;
  const { side, stopLoss } = found;
  if ('open' in found) return { symbol, side, stopLoss, from: found.open };
  const from = change.entry ?? found.entry;
  // With its entry moved, the stop that loses as much as before.
  const alike = stopLoss === undefined ? undefined : points(from - (found.entry - stopLoss));
  return { symbol, side, stopLoss: alike, from };
};

const exposureIn = (input: Omit<ChangeInput, 'change'>): Exposure =>
  exposureOf({
    ...asHeld(input),
    symbolOf: (name) => input.symbols.get(name),
    accountDigits: input.account.currencyDigits,
  });

/** w of what is changed, with its new levels. */
const worstOf = ({ change, positions, orders, account }: ChangeInput, target: Target) => {
  const { currencyDigits } = account;
  const position = positions.find(({ ticket }) => ticket === change.ticket);
  const order = orders.find(({ id }) => id === change.ticket);
  if (change.what === 'position' && position !== undefined) {
    return openOutcome(positionWith(position, change), target.symbol, currencyDigits);
  }
  if (order === undefined) return 'unpriced';
  return orderOutcome(orderWith(order, change), target.symbol, currencyDigits);
};

const checkTradeRisk = (input: ChangeInput, target: Target): Refusal | undefined => {
  const { account, ledger, limits } = input;
  const outcome = worstOf(input, target);
  if (typeof outcome === 'string') return refuse('NO_STOP', '');
  const most = shareOf(ledger.initial, limits.maxTradeRiskPpm);
  if (-outcome.worst <= most) return undefined;
  const money = (value: bigint): string => formatDecimal(value, account.currencyDigits);
  const detail = `With this stop it could lose ${money(-outcome.worst)}; a single trade may lose ${money(most)}.`;
  return refuse('TRADE_RISK', detail);
};

/** The first reason against these very levels, or undefined. */
const checkLevels = (input: ChangeInput, target: Target): Refusal | undefined => {
  const { account, ledger, change } = input;
  const trade = checkTradeRisk(input, target);
  if (trade !== undefined) return trade;
  const after = { ...input, ...withChanges(input, [change]) };
  const order = { symbol: target.symbol.instrument.symbol } as AssessInput['order'];
  const caps = checkCaps(capsOf({ ...after, order }), ZERO_MINOR, account.currencyDigits);
  if (caps !== undefined) return caps;
  const exposure = exposureIn(after);
  return checkFunds(
    { ...input, pendingMargin: marginOfOrders(input) },
    {
      worstEquity: minMinor(worstCaseEquity(account.balance, exposure), account.equity),
      rooms: floorRooms(ledger, account.balance, exposure),
      margin: ZERO_MINOR,
    },
  );
};

/** May anything be asked for at all now, whatever the levels? */
const checkMoment = (input: ChangeInput, target: Target): Refusal | undefined =>
  checkMode(input) ??
  checkQuote(input, target.symbol) ??
  checkExposure({ exposure: exposureIn(input) }) ??
  checkRequests(input, input.positions.length + input.orders.length);

/** The stop between the one that is there and the one that was asked for, on the symbol's ticks, that
 * is furthest away and passes. A wider stop never loses less, so halving finds it. */
const widestStop = (input: ChangeInput, target: Target): Points | null => {
  const { stopLoss: now, side, from } = target;
  if (now === undefined) return null;
  const d = direction(side);
  const tick = Math.max(1, target.symbol.instrument.tickSizePoints);
  // Without a stop every level is nearer; no price is below one point, nor is any loss that large.
  const asked = input.change.stopLoss ?? points(side === 'buy' ? 1 : from * 2);
  const stopAt = (ticks: number): Points => points(now - d * ticks * tick);
  const passes = (ticks: number): boolean =>
    checkLevels({ ...input, change: { ...input.change, stopLoss: stopAt(ticks) } }, target) ===
    undefined;
  let low = 0;
  let high = Math.max(0, Math.floor((d * (now - asked)) / tick));
  if (!passes(low)) return null;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (passes(middle)) low = middle;
    else high = middle - 1;
  }
  return stopAt(low);
};

const withWidest = (refusal: Refusal, target: Target, stop: Points | null): ChangeVerdict => {
  const { digits } = target.symbol.instrument;
  if (stop === null) return { ok: false, ...refusal, widestStop: null };
  const distance = direction(target.side) * (target.from - stop);
  const price = formatPrice(stop, digits);
  return {
    ok: false,
    ...refusal,
    detail: `${refusal.detail} Widest stop that would pass: ${price}, ${distance} points from the entry.`,
    numbers: { ...refusal.numbers, widestStop: price, widestStopPoints: String(distance) },
    widestStop: stop,
  };
};

/** Grants or refuses one change of levels. Never throws on any market or account state. */
export const assessChange = (input: ChangeInput): ChangeVerdict => {
  const target = targetOf(input);
  if (target === undefined) return { ok: false, ...refuse('UNKNOWN_TICKET', ''), widestStop: null };
  const moment = checkMoment(input, target);
  if (moment !== undefined) return { ok: false, ...moment, widestStop: null };
  const refusal = checkLevels(input, target);
  if (refusal !== undefined) return withWidest(refusal, target, widestStop(input, target));
  const before = exposureIn(input);
  const after = exposureIn({ ...input, ...withChanges(input, [input.change]) });
  return { ok: true, reserved: minor(before.worst - after.worst) };
};
