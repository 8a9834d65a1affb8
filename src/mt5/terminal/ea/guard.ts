import type { Minor } from '../../../domain/units.ts';
import { minor, parseDecimal, points } from '../../../domain/units.ts';
import { formatMoney } from '../../wire/conversion.ts';
import type { EaBody, EaMessageOf, Envelope, RuntimeMessageOf } from '../../wire/messages.ts';
import type { BrokerPosition, RequestBody } from '../engine/records.ts';
import type { EaContext, Outgoing } from './ea-context.ts';
import type { GuardFloors, GuardTrip } from './ea-records.ts';
import { isHolder, type Role } from './register.ts';

/**
 * The EA's own guard: floors that hold without a link. It is checked on every tick; at or below
 * floor + buffer it cancels and closes everything and blocks openings until the runtime sends
 * floors that the account is clear of.
 */
const max = (a: bigint, b: bigint): Minor => minor(a > b ? a : b);

/** The equity floor now: the higher of the daily and the total one. */
export const floorOf = (floors: GuardFloors): Minor =>
  max(floors.anchorMinor - floors.dailyMinor, floors.totalFloorMinor);

const money = (ea: EaContext, text: string): Minor | undefined => {
  const value = parseDecimal(text, ea.view.units.currencyDigits);
  return value === undefined ? undefined : minor(value);
};

/**
 * Takes new floors. When one of their resets has passed already the anchor is stale, and the higher
 * of it and the balance is taken. A trip is cleared only by floors that equity is above. Returns
 * false when an amount is finer than the currency.
 */
const setGuard = (ea: EaContext, message: RuntimeMessageOf<'guard'>): boolean => {
  const dailyMinor = money(ea, message.dailyAmount);
  const anchorMinor = money(ea, message.anchor);
  const totalFloorMinor = money(ea, message.totalFloor);
  const bufferMinor = money(ea, message.buffer);
  if (
    dailyMinor === undefined ||
    anchorMinor === undefined ||
    totalFloorMinor === undefined ||
    bufferMinor === undefined
  )
    return false;
  const { balanceMinor } = ea.engine.state;
  const resetsMs = [...message.resetsMs].sort((a, b) => a - b);
  const stale = resetsMs.some((at) => at <= ea.now());
  const floors: GuardFloors = {
    dailyMinor,
    anchorMinor: stale ? max(anchorMinor, balanceMinor) : anchorMinor,
    ratchet: message.ratchet,
    totalFloorMinor,
    bufferMinor,
    highMinor: max(anchorMinor, balanceMinor),
    resetsMs: resetsMs.filter((at) => at > ea.now()),
    deadMan: message.deadMan,
  };
  const clear = ea.engine.equity() > floorOf(floors) + bufferMinor;
  ea.emit({ type: 'ea.guard', floors, rearmed: clear });
  return true;
};

/** Floors come from the holder of the lease alone. */
export const takeGuard = (
  ea: EaContext,
  message: RuntimeMessageOf<'guard'>,
  envelope: Envelope,
  role: Role,
): readonly EaBody[] => {
  if (role === 'standby' || !isHolder(ea, envelope))
    return [{ kind: 'error', code: 'stale_epoch', detail: 'guard' }];
  if (setGuard(ea, message)) return [];
  return [{ kind: 'error', code: 'malformed', detail: 'guard: amount too fine' }];
};

/** Next reset of the day, or undefined. */
export const nextReset = (ea: EaContext): number | undefined => ea.state.guard?.resetsMs[0];

const followed = (floors: GuardFloors, balanceMinor: Minor): GuardFloors => {
  if (balanceMinor <= floors.highMinor) return floors;
  const totalFloorMinor = minor(floors.totalFloorMinor + balanceMinor - floors.highMinor);
  return { ...floors, totalFloorMinor, highMinor: balanceMinor };
};

/** At a reset the day's anchor becomes the balance of that instant, observed. */
export const passResets = (ea: EaContext): void => {
  let floors = ea.state.guard;
  const now = ea.now();
  if (floors === null || (floors.resetsMs[0] ?? Number.POSITIVE_INFINITY) > now) return;
  const { balanceMinor } = ea.engine.state;
  if (floors.ratchet === 'atReset') floors = followed(floors, balanceMinor);
  const resetsMs = floors.resetsMs.filter((at) => at > now);
  const next = { ...floors, anchorMinor: balanceMinor, resetsMs };
  ea.emit({ type: 'ea.guard', floors: next, rearmed: false });
};

/** Checks equity; true when this check tripped. */
export const checkGuard = (ea: EaContext): boolean => {
  const floors = ea.state.guard;
  if (floors === null || ea.state.trip !== null) return false;
  const { balanceMinor } = ea.engine.state;
  if (floors.ratchet === 'realtime' && balanceMinor > floors.highMinor)
    ea.emit({ type: 'ea.guard', floors: followed(floors, balanceMinor), rearmed: false });
  const current = ea.state.guard ?? floors;
  const floorMinor = floorOf(current);
  const equityMinor = ea.engine.equity();
  if (equityMinor > floorMinor + current.bufferMinor) return false;
  ea.emit({ type: 'ea.tripped', trip: { equityMinor, floorMinor, at: ea.now() } });
  return true;
};

export const trippedMessage = (ea: EaContext, trip: GuardTrip): EaMessageOf<'guard.tripped'> => {
  const money = (value: Minor): string => formatMoney(value, ea.view.units.currencyDigits);
  const { equityMinor, floorMinor, at } = trip;
  return { kind: 'guard.tripped', equity: money(equityMinor), floor: money(floorMinor), atMs: at };
};

const NOBODY = { intent: '', attempt: 0 } as const;

/** Filling that a market request of this symbol must use: fok where allowed, else ioc. */
export const fillingFor = (ea: EaContext, symbol: string): 'fok' | 'ioc' =>
  ea.env.instruments.get(symbol)?.fillingModes.includes('fok') === true ? 'fok' : 'ioc';

const targetsOnTheirWay = (ea: EaContext): ReadonlySet<string> => {
  const targets = new Set<string>();
  for (const { body } of ea.engine.state.requests.values())
    if (body.type === 'close' || body.type === 'cancel') targets.add(body.ticket);
  return targets;
};

/** Requests that leave nothing behind: cancels first, then closes, each at most once at a time. */
export const sweepBodies = (ea: EaContext, onlyOpen: boolean): readonly RequestBody[] => {
  const underway = targetsOnTheirWay(ea);
  const now = ea.now();
  const wanted = (item: { readonly ticket: string; readonly symbol: string }): boolean =>
    !underway.has(item.ticket) && (!onlyOpen || ea.env.isOpen(item.symbol, now));
  const bodies: RequestBody[] = [];
  for (const order of ea.engine.state.orders.values())
    if (wanted(order)) bodies.push({ type: 'cancel', ticket: order.ticket });
  for (const position of ea.engine.state.positions.values())
    if (wanted(position)) bodies.push(closeBody(ea, position));
  return bodies;
};

export const closeBody = (ea: EaContext, position: BrokerPosition): RequestBody => ({
  type: 'close',
  ticket: position.ticket,
  volumeE8: position.volumeE8,
  filling: fillingFor(ea, position.symbol),
});

/** Whatever is still there and can be traded now is closed. */
const sweep = (ea: EaContext, who: 'guard' | 'deadMan'): void => {
  const { orders, positions } = ea.engine.state;
  if (orders.size === 0 && positions.size === 0) return;
  for (const body of sweepBodies(ea, true)) {
    const ticket = 'ticket' in body ? body.ticket : '';
    ea.engine.submit(`${who}/${ticket}@${ea.now()}`, NOBODY, body);
  }
};

/** After a trip, and while a dead man's flatten is due: again and again, until the account is flat. */
export const keepClosing = (ea: EaContext): void => {
  const { trip, deadManActed, guard } = ea.state;
  if (trip !== null) sweep(ea, 'guard');
  else if (deadManActed && guard?.deadMan.policy === 'flatten') sweep(ea, 'deadMan');
};

/** Moves every stop half-way to the market, never away from it. */
const tighten = (ea: EaContext): void => {
  for (const position of ea.engine.state.positions.values()) {
    const quote = ea.engine.state.quotes.get(position.symbol);
    if (quote === undefined || position.stopLoss === null) continue;
    const market = position.side === 'buy' ? quote.bid : quote.ask;
    const tick = ea.env.instruments.get(position.symbol)?.tickSizePoints ?? 1;
    const half = Math.trunc((market - position.stopLoss) / 2 / tick) * tick;
    const stopLoss = points(position.stopLoss + half);
    const { ticket, symbol, takeProfit } = position;
    const body: RequestBody = { type: 'modifyPosition', ticket, symbol, stopLoss, takeProfit };
    ea.engine.submit(`deadMan/${ticket}@${ea.now()}`, NOBODY, body);
  }
};

/**
 * The runtime has been silent for `silentMs` of wall time. The lease lapses (nothing opens), and
 * after the guard's own bound the dead-man policy acts, once per silence.
 */
export const onSilence = (ea: EaContext, silentMs: number): void => {
  const { state } = ea;
  if (state.holder !== null && !state.lapsed && silentMs >= state.leaseMs)
    ea.emit({ type: 'ea.lease', leaseMs: state.leaseMs, lapsed: true });
  const deadMan = state.guard?.deadMan;
  if (deadMan === undefined || deadMan.policy === 'none' || state.deadManActed) return;
  if (silentMs < deadMan.afterMs) return;
  ea.emit({ type: 'ea.deadMan', acted: true });
  if (deadMan.policy === 'tighten') tighten(ea);
  else sweep(ea, 'deadMan');
};

/** The holder was heard again. It is told only now what was done meanwhile: nobody listened when it
 * was. */
export const onContact = (ea: EaContext, leaseMs: number): readonly Outgoing[] => {
  const { state } = ea;
  if (state.lapsed || state.leaseMs !== leaseMs)
    ea.emit({ type: 'ea.lease', leaseMs, lapsed: false });
  if (!state.deadManActed) return [];
  ea.emit({ type: 'ea.deadMan', acted: false });
  const detail = `the runtime was silent: ${state.guard?.deadMan.policy ?? 'none'}`;
  return [{ body: { kind: 'notice', code: 'deadMan.acted', severity: 'error', detail } }];
};
