import { floorToStep } from '../../domain/instrument.ts';
import type {
  ChangeRisk,
  Intent,
  ModifyOrderIntent,
  ModifyPositionIntent,
} from '../../domain/intent.ts';
import { increasesRisk } from '../../domain/intent.ts';
import type {
  ChangeSignal,
  CloseSignal,
  ModifyOrderSignal,
  ModifyPositionSignal,
  Position,
  VenueOrder,
} from '../../domain/trading.ts';
import type { EpochMs, LotsE8, Minor } from '../../domain/units.ts';
import { lotsE8 } from '../../domain/units.ts';
import type { EntryBody } from '../../journal/types.ts';
import { orderChangeRisk, positionChangeRisk, targetChangeRisk } from '../../risk/change-risk.ts';
import type { RefusalCode } from '../../risk/codes.ts';
import { REFUSALS } from '../../risk/codes.ts';
import { intentIdOf } from '../../strategy/intent-key.ts';
import type { SignalRaised } from '../messages.ts';
import { beginClose } from './guard-closing.ts';
import type { SignalNames } from './guard-intents.ts';
import { type GuardOptions, type GuardState, ordersOf, positionsOf } from './guard-state.ts';
import { judgeChange, type LevelIntent, reserveChange, targetsCount } from './guard-widening.ts';

/**
 * What a strategy's signal to close, cancel or modify comes to: intents on what it really holds, or
 * refusals. A change that could lose more than before is a new request, and judged as one.
 */
export type ChangeRaised = SignalRaised & { readonly signal: ChangeSignal };
export interface Changes {
  readonly state: GuardState;
  readonly intents: readonly Intent[];
  readonly entries: readonly EntryBody[];
  /** What each intent that may lose more adds to the worst case, minor units, by its id. */
  readonly reserved?: ReadonlyMap<string, Minor>;
  readonly refusal?: { readonly code: RefusalCode; readonly detail: string };
}
interface Request {
  readonly raised: ChangeRaised;
  readonly names: SignalNames;
  readonly at: EpochMs;
  /** True for the key of an intent that was planned before: deciding it again is nothing new. */
  readonly isKnown: (key: string) => boolean;
}
interface Work extends Request {
  readonly state: GuardState;
  readonly options: GuardOptions;
}

export const changesWanted = (
  state: GuardState,
  options: GuardOptions,
  request: Request,
): Changes => {
  const changes = changesOf({ ...request, state, options });
  return { ...changes, intents: changes.intents.filter(({ key }) => !request.isKnown(key)) };
};

const changesOf = (work: Work): Changes => {
  const { state, options, raised } = work;
  const { signal, strategy } = raised;
  const positions = positionsOf(state, options, strategy.id);
  const orders = ordersOf(state, options, strategy.id);
  const only = <T extends { readonly ticket: string }>(items: readonly T[], ticket?: string) =>
    ticket === undefined ? items : items.filter((item) => item.ticket === ticket);
  switch (signal.type) {
    case 'close': {
      const wanted = only(positions, signal.ticket);
      return wanted.length === 0 ? nothing(work, signal.ticket) : closes(work, signal, wanted);
    }
    case 'closeBy': {
      const [first] = only(positions, signal.ticket);
      const [second] = only(positions, signal.byTicket);
      if (first === undefined || second === undefined || first.side === second.side) {
        return refusal(work, 'UNKNOWN_TICKET');
      }
      return closeBy(work, first, second);
    }
    case 'cancel': {
      const wanted = only(orders, signal.ticket);
      return wanted.length === 0 ? nothing(work, signal.ticket) : cancels(work, wanted);
    }
    case 'modifyOrder': {
      const [order] = only(orders, signal.ticket);
      if (order === undefined) return refusal(work, 'UNKNOWN_TICKET');
      const intent = modifiedOrder(work, signal, order);
      return intent === undefined ? refusal(work, 'NO_STOP') : granted(work, [intent]);
    }
    case 'modifyPosition': {
      const wanted = only(positions, signal.ticket);
      if (wanted.length === 0) return nothing(work, signal.ticket);
      return granted(
        work,
        wanted.map((position) => modifiedPosition(work, signal, position)),
      );
    }
  }
};

/** A ticket that is named must exist; "all of them" of nothing is no mistake. */
const nothing = (work: Work, ticket: string | undefined): Changes =>
  ticket === undefined
    ? { state: work.state, intents: [], entries: [] }
    : refusal(work, 'UNKNOWN_TICKET');

const refusal = (
  { state, raised, names }: Work,
  code: RefusalCode,
  detail: string = REFUSALS[code],
): Changes => {
  const { strategy, signal, barAt } = raised;
  const { intentId, signalId } = names;
  const common = { signalId, strategyId: strategy.id, symbol: strategy.symbol, signal };
  return {
    state,
    intents: [],
    entries: [
      { kind: 'signal.raised', ...common, barAt },
      { kind: 'order.denied', ...common, intentId, code, detail },
    ],
    refusal: { code, detail },
  };
};

/** All of them, or none: each is judged with those before it reserved. */
const granted = (work: Work, intents: readonly LevelIntent[]): Changes => {
  const reserved = new Map<string, Minor>();
  let { state } = work;
  for (const intent of intents) {
    if (!increasesRisk(intent) || work.isKnown(intent.key)) continue;
    const verdict = judgeChange(state, work.options, work.at, intent);
    if (!verdict.ok) return refusal(work, verdict.code, verdict.detail);
    reserved.set(intent.intentId, verdict.reserved);
    state = reserveChange(state, intent);
  }
  return { state, intents, entries: [], reserved };
};

/** The fields that every intent on one ticket shares; the same decision gets the same names. */
const baseOf = ({ raised, names, at }: Work, what: string, ticket: string) => {
  const key = `${names.key}:${what}:${ticket}`;
  const { id: strategyId, symbol } = raised.strategy;
  const { reason } = raised.signal;
  return { intentId: intentIdOf(key, at), key, strategyId, symbol, at, reason };
};

/** Part of a position on the lot step, rounded up: less risk is the safer side. A rest that the
 * venue could not hold is closed as well. */
const volumeOf = (
  state: GuardState,
  { symbol, volumeE8 }: Position,
  percent: number | undefined,
): LotsE8 => {
  const instrument = state.instruments.get(symbol);
  if (percent === undefined || instrument === undefined) return volumeE8;
  const rest = floorToStep(instrument, (volumeE8 * (100 - percent)) / 100);
  return lotsE8(volumeE8 - rest);
};

const closes = (work: Work, signal: CloseSignal, positions: readonly Position[]): Changes => {
  const { raised, names, at } = work;
  const intents: Intent[] = [];
  let { state } = work;
  for (const position of positions) {
    const volumeE8 = volumeOf(state, position, signal.percent);
    const { reason } = signal;
    const begun = beginClose(state, { position, raised, key: names.key, reason, at, volumeE8 });
    if (begun === undefined || work.isKnown(begun.intent.key)) continue;
    state = begun.state;
    intents.push(begun.intent);
  }
  return { state, intents, entries: [] };
};

const closeBy = (work: Work, position: Position, by: Position): Changes => ({
  state: work.state,
  entries: [],
  intents: [
    {
      type: 'closeBy',
      ...baseOf(work, 'closeBy', position.ticket),
      positionTicket: position.ticket,
      byTicket: by.ticket,
      magic: position.magic,
      side: by.side,
      volumeE8: lotsE8(Math.min(position.volumeE8, by.volumeE8)),
      price: by.open,
    },
  ],
});

const cancels = (work: Work, orders: readonly VenueOrder[]): Changes => ({
  state: work.state,
  entries: [],
  intents: orders.map(({ ticket }) => ({
    type: 'cancel',
    ...baseOf(work, 'cancel', ticket),
    orderTicket: ticket,
  })),
});

const withTarget = (
  { state }: Work,
  risk: ChangeRisk,
  { side, takeProfit: before }: Pick<Position, 'side' | 'takeProfit'>,
  after: Position['takeProfit'] | null,
): ChangeRisk =>
  risk === 'reducing' && targetsCount(state)
    ? targetChangeRisk(side, before, after ?? undefined)
    : risk;

const modifiedOrder = (
  work: Work,
  signal: ModifyOrderSignal,
  order: VenueOrder,
): ModifyOrderIntent | undefined => {
  const { price = order.price, stopLimitPrice = order.stopLimitPrice } = signal;
  const { stopLoss = order.stopLoss, takeProfit = order.takeProfit, tif = order.tif } = signal;
  const expiresAt = tif === 'specified' ? (signal.expiresAt ?? order.expiresAt) : undefined;
  if (stopLoss === undefined) return undefined;
  const before = { side: order.side, entry: order.stopLimitPrice ?? order.price };
  const levels = orderChangeRisk(
    { ...before, stopLoss: order.stopLoss },
    { entry: stopLimitPrice ?? price, stopLoss },
  );
  const risk = withTarget(work, levels, order, takeProfit);
  return {
    type: 'modifyOrder',
    ...baseOf(work, 'modifyOrder', order.ticket),
    orderTicket: order.ticket,
    price,
    ...(stopLimitPrice === undefined ? {} : { stopLimitPrice }),
    stopLoss,
    ...(takeProfit === null || takeProfit === undefined ? {} : { takeProfit }),
    tif,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    risk,
    ttlMs: work.options.intentTtlMs,
  };
};

const modifiedPosition = (
  work: Work,
  signal: ModifyPositionSignal,
  position: Position,
): ModifyPositionIntent => {
  const { stopLoss = position.stopLoss, takeProfit = position.takeProfit } = signal;
  return {
    type: 'modifyPosition',
    ...baseOf(work, 'modifyPosition', position.ticket),
    positionTicket: position.ticket,
    ...(stopLoss === undefined ? {} : { stopLoss }),
    ...(takeProfit === null || takeProfit === undefined ? {} : { takeProfit }),
    risk: withTarget(work, positionChangeRisk(position, stopLoss), position, takeProfit),
    ttlMs: work.options.intentTtlMs,
  };
};
