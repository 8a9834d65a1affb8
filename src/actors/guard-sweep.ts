import type { Position } from '../domain/trading.ts';
import type { EpochMs, Minor } from '../domain/units.ts';
import { minor } from '../domain/units.ts';
import { exposureOf, openOutcome } from '../risk/exposure.ts';
import { flatDeadline } from '../risk/flat-deadline.ts';
import { shareOf } from '../risk/floors.ts';
import { floorRooms } from '../risk/headroom.ts';
import { cancelOrder } from './guard-cancelling.ts';
import { closeForSafety } from './guard-safety.ts';
import { atRisk, isManaged, symbolRisks } from './guard-state.ts';
import type { GuardWork } from './guard-work.ts';

/**
 * What has to be gone before a certain instant: what could cost more after the reset than the next
 * day allows (I2), and what the rules do not let live through a weekend, a long break or a release.
 */

/** Session time before a reset at which I2 is looked at, and again until the reset. */
const SWEEP_LEAD_MS = 300_000;
const SWEEP_AGAIN_MS = 30_000;

export const scheduleSweep = (work: GuardWork): void => {
  const { ledger, positions, orders } = work.state;
  if (ledger === null || positions.size + orders.size === 0) {
    work.context.cancel('sweep');
    return;
  }
  const now = work.context.now();
  const first = ledger.day.closesAt - SWEEP_LEAD_MS;
  const delayMs = now < first ? first - now : SWEEP_AGAIN_MS;
  if (now + delayMs >= ledger.day.closesAt) return;
  work.context.after(delayMs, { type: 'sweep.due' }, { key: 'sweep' });
};

/**
 * Before the reset: cancels what may still fill, then closes what could lose most, until what is
 * left satisfies I2. What is not ours to touch counts, and is told when it is the reason.
 */
export const sweep = (work: GuardWork): void => {
  const lacking = roomLacking(work, new Set());
  if (lacking === undefined) {
    scheduleSweep(work);
    return;
  }
  const orders = [...work.state.orders.values()].filter((order) => isManaged(work.options, order));
  const reason = `before the reset: ${lacking}`;
  for (const order of orders) cancelOrder(work, order, reason);
  const gone = new Set<string>(work.state.closing.keys());
  for (const order of orders) gone.add(order.ticket);
  for (const position of worstFirst(work)) {
    if (roomLacking(work, gone) === undefined) break;
    gone.add(position.ticket);
    work.note('warning', 'reset.swept', `closing #${position.ticket}: ${lacking}`);
    closeForSafety(work, position, reason);
  }
  const still = roomLacking(work, gone);
  if (still !== undefined)
    work.note('error', 'reset.short', `${still}, and nothing of ours is left`);
  scheduleSweep(work);
};

/** Why what may live through the reset could break the next day's floor; undefined: it cannot. */
const roomLacking = (work: GuardWork, gone: ReadonlySet<string>): string | undefined => {
  const { ledger, account } = work.state;
  if (ledger === null || account === null) return undefined;
  const { options } = work;
  const symbols = symbolRisks(work.state, options, work.context.now());
  const { positions, orders } = atRisk(work.state);
  const exposure = exposureOf({
    positions: positions.filter(({ ticket }) => !gone.has(ticket)),
    orders: orders.filter(({ id }) => !gone.has(id)),
    symbolOf: (symbol) => symbols.get(symbol),
    accountDigits: options.currencyDigits,
  });
  const buffer = shareOf(ledger.initial, options.limits.floorBufferPpm);
  const bad = floorRooms(ledger, account.balance, exposure).find(
    ({ moved }) => moved !== null && (moved === 'unbounded' || moved < buffer),
  );
  if (bad === undefined) return undefined;
  return bad.moved === 'unbounded'
    ? `the ${bad.name} floor follows profit that has no bound`
    : `the ${bad.name} floor would have ${bad.moved} minor units of room`;
};

const worstFirst = (work: GuardWork): readonly Position[] => {
  const { options, state } = work;
  const symbols = symbolRisks(state, options, work.context.now());
  const worstOf = (position: Position): Minor => {
    const symbol = symbols.get(position.symbol);
    if (symbol === undefined) return minor(0n);
    const outcome = openOutcome(position, symbol, options.currencyDigits);
    return typeof outcome === 'string' ? minor(-(10n ** 18n)) : outcome.worst;
  };
  return [...state.positions.values()]
    .filter((position) => isManaged(options, position) && !state.closing.has(position.ticket))
    .sort((a, b) => (worstOf(a) < worstOf(b) ? -1 : 1));
};

/** Instant from which the symbol must be on its way to flat; undefined: it may be held. */
const flatFrom = (work: GuardWork, symbol: string, at: EpochMs) => {
  const { ledger, instruments } = work.state;
  const instrument = instruments.get(symbol);
  if (ledger === null || instrument === undefined) return undefined;
  const { limits, closuresOf, calendar } = work.options;
  const context = { closures: closuresOf(instrument, at), calendar: calendar() };
  const { phase } = ledger.rules;
  const deadline = flatDeadline({ phase, limits, context, instrument, at });
  return deadline === undefined
    ? undefined
    : { ...deadline, from: deadline.at - limits.flatLeadMs };
};

const mine = (work: GuardWork) =>
  [...work.state.positions.values(), ...work.state.orders.values()].filter((item) =>
    isManaged(work.options, item),
  );

/** Wakes the guard when the first symbol of ours has to become flat. */
export const scheduleFlat = (work: GuardWork): void => {
  const now = work.context.now();
  const symbols = new Set(mine(work).map(({ symbol }) => symbol));
  const due = [...symbols].flatMap((symbol) => flatFrom(work, symbol, now)?.from ?? []);
  if (due.length === 0) {
    work.context.cancel('flat');
    return;
  }
  // What is due already is being closed; what was refused is looked at again.
  const delayMs = Math.min(...due) - now;
  const key = { key: 'flat' };
  work.context.after(delayMs > 0 ? delayMs : SWEEP_AGAIN_MS, { type: 'flat.due' }, key);
};

/** Before a weekend, a long break or a release: nothing of ours stays in the symbol. */
export const closeBeforeDeadline = (work: GuardWork): void => {
  const now = work.context.now();
  for (const symbol of new Set(mine(work).map((item) => item.symbol))) {
    const deadline = flatFrom(work, symbol, now);
    if (deadline === undefined || deadline.from > now) continue;
    const reason = `${symbol} must be flat before the ${deadline.reason}`;
    for (const order of work.state.orders.values()) {
      if (order.symbol === symbol && isManaged(work.options, order)) {
        cancelOrder(work, order, reason);
      }
    }
    for (const position of work.state.positions.values()) {
      if (position.symbol !== symbol || !isManaged(work.options, position)) continue;
      if (!work.state.closing.has(position.ticket)) closeForSafety(work, position, reason);
    }
  }
  scheduleFlat(work);
};
