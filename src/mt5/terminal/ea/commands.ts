import type { Instrument } from '../../../domain/instrument.ts';
import { parseLots, parsePrice } from '../../../domain/instrument.ts';
import type { LotsE8, Points } from '../../../domain/units.ts';
import { absurd, epochMs, points } from '../../../domain/units.ts';
import { orderChangeRisk, positionChangeRisk } from '../../../risk/change-risk.ts';
import { RETCODE } from '../../retcodes.ts';
import type { EaMessageOf, Envelope, RuntimeMessageOf } from '../../wire/messages.ts';
import type { BrokerOrder, RequestBody } from '../engine/records.ts';
import type { EaContext, Outgoing } from './ea-context.ts';
import type { AttemptResult } from './ea-records.ts';
import { attemptKey } from './ea-state.ts';
import { sweepBodies } from './guard.ts';
import { isHolder, type Role } from './register.ts';

/** Everything that carries an intent and an attempt. */
export type Command =
  | RuntimeMessageOf<'order.place'>
  | RuntimeMessageOf<'order.modify'>
  | RuntimeMessageOf<'order.cancel'>
  | RuntimeMessageOf<'position.modify'>
  | RuntimeMessageOf<'position.close'>
  | RuntimeMessageOf<'position.closeBy'>
  | RuntimeMessageOf<'flatten'>;

type Ack = EaMessageOf<'ack'>;
type RefusalReason = NonNullable<Ack['reason']>;
type Bodies = readonly RequestBody[] | RefusalReason;

const ackFor = (
  command: Command,
  status: Ack['status'],
  reason: RefusalReason | null = null,
  result: AttemptResult | null = null,
): Ack => ({
  kind: 'ack',
  intent: command.intent,
  attempt: command.attempt,
  status,
  reason,
  result,
});

/** "0" and null mean no level; undefined means that the text is finer than the symbol. */
const level = (text: string | null, digits: number): Points | null | undefined => {
  if (text === null) return null;
  const value = parsePrice(text, digits);
  if (value === undefined || value < 0) return undefined;
  return value === 0 ? null : value;
};

const levels = (
  instrument: Instrument,
  message: { readonly stopLoss: string | null; readonly takeProfit: string | null },
): { readonly stopLoss: Points | null; readonly takeProfit: Points | null } | undefined => {
  const stopLoss = level(message.stopLoss, instrument.digits);
  const takeProfit = level(message.takeProfit, instrument.digits);
  return stopLoss === undefined || takeProfit === undefined ? undefined : { stopLoss, takeProfit };
};

const volume = (text: string): LotsE8 | undefined => {
  const value = parseLots(text);
  return value !== undefined && value > 0 && Number.isSafeInteger(value) ? value : undefined;
};

/** Why nothing may lose more than before just now, if so: the EA is the last guard. */
const openingBlock = (ea: EaContext): RefusalReason | undefined => {
  if (ea.state.trip !== null) return 'floor';
  return ea.state.lapsed ? 'halted' : undefined;
};
const stopOf = ({ stopLoss }: { readonly stopLoss: Points | null }) =>
  stopLoss === null ? {} : { stopLoss };

/** The order as the broker takes it, or why it cannot be one. */
export const placeBody = (
  ea: EaContext,
  message: RuntimeMessageOf<'order.place'> | RuntimeMessageOf<'order.check'>,
): Extract<RequestBody, { type: 'place' }> | RefusalReason => {
  const instrument = ea.env.instruments.get(message.symbol);
  if (instrument === undefined || !ea.env.conversions.has(message.symbol)) return 'unknown_symbol';
  const { digits } = instrument;
  const price = parsePrice(message.price, digits);
  const volumeE8 = volume(message.volume);
  const stops = levels(instrument, message);
  const stopLimitPrice = level(message.stopLimitPrice, digits);
  if (
    price === undefined ||
    price < 0 ||
    volumeE8 === undefined ||
    stops === undefined ||
    stopLimitPrice === undefined ||
    (message.type === 'stopLimit') !== (stopLimitPrice !== null) ||
    (message.tif === 'specified') !== (message.expiresAtMs !== null)
  )
    return 'malformed';
  if (stops.stopLoss === null) return 'no_stop';
  const { symbol, side, type: kind, magic, filling, tif, expiresAtMs, comment } = message;
  const expiresAt = expiresAtMs === null ? null : epochMs(expiresAtMs);
  const order = { symbol, side, kind, volumeE8, price, stopLimitPrice, ...stops };
  return { type: 'place', ...order, magic, filling, tif, expiresAt, comment: comment.slice(0, 31) };
};

const placeBodies = (ea: EaContext, message: RuntimeMessageOf<'order.place'>): Bodies => {
  const blocked = openingBlock(ea);
  if (blocked !== undefined) return blocked;
  const body = placeBody(ea, message);
  return typeof body === 'string' ? body : [body];
};

const missing = (ticket: string): RequestBody => ({
  type: 'modifyOrder',
  ticket,
  symbol: '',
  price: points(0),
  stopLimitPrice: null,
  stopLoss: null,
  takeProfit: null,
  tif: 'gtc',
  expiresAt: null,
});

/** Changing what is no longer there goes to the broker all the same: its answer says so. */
const modifyOrderBodies = (ea: EaContext, message: RuntimeMessageOf<'order.modify'>): Bodies => {
  const order = ea.engine.state.orders.get(message.ticket);
  if (order === undefined) return [missing(message.ticket)];
  const instrument = ea.env.instruments.get(order.symbol);
  if (instrument === undefined) return 'unknown_symbol';
  const { digits } = instrument;
  const price = parsePrice(message.price, digits);
  const stops = levels(instrument, message);
  const stopLimitPrice = level(message.stopLimitPrice, digits);
  const { tif, expiresAtMs } = message;
  if (
    price === undefined ||
    stops === undefined ||
    stopLimitPrice === undefined ||
    (order.kind === 'stopLimit') !== (stopLimitPrice !== null) ||
    (tif === 'specified') !== (expiresAtMs !== null)
  )
    return 'malformed';
  if (stops.stopLoss === null) return 'no_stop';
  const risk = orderChangeRisk(
    { side: order.side, entry: order.stopLimitPrice ?? order.price, ...stopOf(order) },
    { entry: stopLimitPrice ?? price, stopLoss: stops.stopLoss },
  );
  const blocked = risk === 'increasing' ? openingBlock(ea) : undefined;
  if (blocked !== undefined) return blocked;
  const { ticket, symbol } = order;
  const expiresAt = expiresAtMs === null ? null : epochMs(expiresAtMs);
  return [{ type: 'modifyOrder', ticket, symbol, price, stopLimitPrice, ...stops, tif, expiresAt }];
};

const modifyPositionBodies = (
  ea: EaContext,
  message: RuntimeMessageOf<'position.modify'>,
): Bodies => {
  const { ticket } = message;
  const position = ea.engine.state.positions.get(ticket);
  const symbol = position?.symbol ?? '';
  const instrument = ea.env.instruments.get(symbol);
  if (instrument === undefined)
    return [{ type: 'modifyPosition', ticket, symbol, stopLoss: null, takeProfit: null }];
  const stops = levels(instrument, message);
  if (stops === undefined) return 'malformed';
  const before =
    position === undefined
      ? { side: 'buy' as const }
      : { side: position.side, ...stopOf(position) };
  const risk = positionChangeRisk(before, stops.stopLoss ?? undefined);
  const blocked = risk === 'increasing' ? openingBlock(ea) : undefined;
  return blocked ?? [{ type: 'modifyPosition', ticket, symbol, ...stops }];
};

const bodiesOf = (ea: EaContext, command: Command): Bodies => {
  switch (command.kind) {
    case 'order.place':
      return placeBodies(ea, command);
    case 'order.modify':
      return modifyOrderBodies(ea, command);
    case 'order.cancel':
      return [{ type: 'cancel', ticket: command.ticket }];
    case 'position.modify':
      return modifyPositionBodies(ea, command);
    case 'position.close': {
      const volumeE8 = volume(command.volume);
      if (volumeE8 === undefined) return 'malformed';
      return [{ type: 'close', ticket: command.ticket, volumeE8, filling: command.filling }];
    }
    case 'position.closeBy':
      return [{ type: 'closeBy', ticket: command.ticket, byTicket: command.byTicket }];
    case 'flatten': {
      const bodies = sweepBodies(ea, false);
      return bodies.length > 0 ? bodies : [{ type: 'nothing' }];
    }
    default:
      return absurd(command);
  }
};

/** `fixed` magics carry no sequence; several orders share one, so it proves nothing. */
const SEQUENCE_MASK = 0xffff_ffffn;

/** An order that the broker already holds or held under this magic, unless it was rejected. */
const knownByMagic = (ea: EaContext, magic: string): BrokerOrder | undefined => {
  if ((BigInt(magic) & SEQUENCE_MASK) === 0n) return undefined;
  for (const order of ea.engine.state.orders.values()) if (order.magic === magic) return order;
  const history = ea.engine.state.historyOrders;
  for (let index = history.length - 1; index >= 0; index -= 1) {
    const order = history[index];
    if (order?.magic === magic && order.state !== 'rejected') return order;
  }
  return undefined;
};

/** The result that a lost journal would have held, rebuilt from the broker's order and deals. */
const rebuiltResult = (ea: EaContext, command: Command, order: BrokerOrder): AttemptResult => {
  const deal = ea.engine.state.deals.find(({ orderTicket }) => orderTicket === order.ticket);
  return ea.view.result(command.intent, command.attempt, {
    retcode: RETCODE.DONE,
    symbol: order.symbol,
    order: order.ticket,
    deal: deal?.ticket ?? null,
    price: deal?.price ?? order.price,
    volumeE8: order.volumeE8,
    comment: 'found by magic',
  });
};

/** Another attempt of the same intent is with the broker and may still execute: until it has ended
 * nobody knows whether there is anything left to do. */
const isUnderWay = (ea: EaContext, { intent }: Command): boolean => {
  for (const request of ea.engine.state.requests.values()) {
    if (request.intent === intent) return true;
  }
  return false;
};

/** What is known of this attempt already: it must never be executed twice. */
const earlier = (ea: EaContext, command: Command): Ack | undefined => {
  const entry = ea.state.journal.get(attemptKey(command.intent, command.attempt));
  if (entry !== undefined) {
    if (entry.result !== null) return ackFor(command, 'duplicate', null, entry.result);
    const underway = entry.open.every((id) => ea.engine.state.requests.has(id));
    return ackFor(command, underway ? 'duplicate' : 'unknown');
  }
  if (isUnderWay(ea, command)) return ackFor(command, 'unknown');
  if (command.kind !== 'order.place') return undefined;
  const order = knownByMagic(ea, command.magic);
  if (order === undefined) return undefined;
  return ackFor(command, 'duplicate', null, rebuiltResult(ea, command, order));
};

/** Fence and deadline, in this order: who speaks, may it speak, is it still in time. */
const refusalOf = (
  ea: EaContext,
  command: Command,
  envelope: Envelope,
  role: Role,
): RefusalReason | undefined => {
  if (role === 'standby') return 'standby';
  if (!isHolder(ea, envelope)) return 'stale_epoch';
  return ea.mono() > command.seenMono + command.ttlMs ? 'expired' : undefined;
};

const start = (ea: EaContext, command: Command, bodies: readonly RequestBody[]): void => {
  const { intent, attempt, kind } = command;
  const key = attemptKey(intent, attempt);
  const ids = bodies.map((_, index) => (kind === 'flatten' ? `${key}#${index}` : key));
  const entry = { intent, attempt, kind, at: ea.now(), open: ids, outcome: null, result: null };
  ea.emit({ type: 'ea.sent', entry });
  for (const [index, body] of bodies.entries()) {
    const id = ids[index];
    if (id !== undefined) ea.engine.submit(id, { intent, attempt }, body);
  }
};

/** Takes a command: refused, known already, or journalled and on its way to the broker. */
export const takeCommand = (
  ea: EaContext,
  command: Command,
  envelope: Envelope,
  role: Role,
): readonly Outgoing[] => {
  const answer = (body: Ack): Outgoing => ({ body, re: envelope });
  const fenced = refusalOf(ea, command, envelope, role);
  if (fenced === 'standby' || fenced === 'stale_epoch')
    return [answer(ackFor(command, 'refused', fenced))];
  const known = earlier(ea, command);
  if (known !== undefined) return [answer(known)];
  if (fenced !== undefined) return [answer(ackFor(command, 'refused', fenced))];
  const bodies = bodiesOf(ea, command);
  if (typeof bodies === 'string') return [answer(ackFor(command, 'refused', bodies))];
  start(ea, command, bodies);
  return [answer(ackFor(command, 'accepted'))];
};
