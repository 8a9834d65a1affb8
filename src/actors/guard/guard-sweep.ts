import type { Position } from '../../domain/trading.ts';
import type { EpochMs, Minor } from '../../domain/units.ts';
import { minor } from '../../domain/units.ts';
import { exposureOf, openOutcome } from '../../risk/exposure.ts';
import { flatDeadline, isWeekend } from '../../risk/flat-deadline.ts';
import { shareOf } from '../../risk/floors.ts';
import { floorRooms } from '../../risk/headroom.ts';
import { nextGap } from '../../risk/slippage-classes.ts';
import { cancelOrder } from './guard-cancelling.ts';
import { closeForSafety } from './guard-safety.ts';
import { atRisk, calendarOf, isManaged, symbolRisks } from './guard-state.ts';
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
  const due = [
    { from: ledger.day.closesAt - SWEEP_LEAD_MS, until: ledger.day.closesAt },
    ...gapsAhead(work).map(({ from, closure }) => ({ from, until: closure.from })),
  ].flatMap(({ from, until }) => {
    const at = now < from ? from : now + SWEEP_AGAIN_MS;
    return at < until ? [at] : [];
  });
  if (due.length === 0) return;
  const delayMs = Math.min(...due) - now;
  work.context.after(delayMs, { type: 'sweep.due' }, { key: 'sweep' });
};

/** The next closure of every symbol that something is open or works in. */
const gapsAhead = (work: GuardWork) => {
  const now = work.context.now();
  const { positions, orders, instruments } = work.state;
  const { closuresOf, limits } = work.options;
  const symbols = new Set([...positions.values(), ...orders.values()].map(({ symbol }) => symbol));
  return [...symbols].flatMap((symbol) => {
    const instrument = instruments.get(symbol);
    if (instrument === undefined) return [];
    return nextGap(closuresOf(instrument, now), now, limits.flatLeadMs) ?? [];
  });
};

/** What is about to come, in words; undefined: a reset alone. */
const gapNear = (work: GuardWork): string | undefined => {
  const now = work.context.now();
  const near = gapsAhead(work).find(({ from }) => now >= from);
  if (near === undefined) return undefined;
  return isWeekend(near.closure) ? 'the weekend' : 'the market closes';
};

/**
 * Before a reset, a weekend or a break: cancels what may still fill, then closes what could lose most,
 * until what is left satisfies I2, and before a gap I1 with that gap in it. What is not ours to touch
 * counts, and is told when it is the reason.
 */
export const sweep = (work: GuardWork): void => {
  const gap = gapNear(work);
  const lacking = roomLacking(work, new Set(), gap !== undefined);
  if (lacking === undefined) {
    scheduleSweep(work);
    return;
  }
  const orders = [...work.state.orders.values()].filter((order) => isManaged(work.options, order));
  const what = gap === undefined ? 'reset' : 'gap';
  const reason = `before ${gap ?? 'the reset'}: ${lacking}`;
  for (const order of orders) cancelOrder(work, order, reason);
  const gone = new Set<string>(work.state.closing.keys());
  for (const order of orders) gone.add(order.ticket);
  for (const position of worstFirst(work)) {
    if (roomLacking(work, gone, gap !== undefined) === undefined) break;
    gone.add(position.ticket);
    const detail = `closing #${position.ticket}: ${lacking}`;
    if (what === 'gap') work.note('warning', 'gap.swept', detail);
    else work.note('warning', 'reset.swept', detail);
    closeForSafety(work, position, reason);
  }
  const still = roomLacking(work, gone, gap !== undefined);
  if (still !== undefined) {
    const detail = `${still}, and nothing of ours is left`;
    if (what === 'gap') work.note('error', 'gap.short', detail);
    else work.note('error', 'reset.short', detail);
  }
  scheduleSweep(work);
};

/** Why what is left could break a floor: the next day's after the reset, and with a gap ahead today's
 * too; undefined: it cannot. */
const roomLacking = (
  work: GuardWork,
  gone: ReadonlySet<string>,
  isGapNear: boolean,
): string | undefined => {
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
  for (const { name, now, moved } of floorRooms(ledger, account.balance, exposure)) {
    if (moved === 'unbounded') return `the ${name} floor follows profit that has no bound`;
    const room = moved !== null && (!isGapNear || moved < now) ? moved : now;
    if (moved === null && !isGapNear) continue;
    if (room < buffer) return `the ${name} floor would have ${room} minor units of room`;
  }
  return undefined;
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
  const { limits, closuresOf } = work.options;
  const calendar = calendarOf(work.state, work.options);
  const context = { closures: closuresOf(instrument, at), calendar };
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
