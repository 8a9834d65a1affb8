import { formatLots, opposite } from '../../domain/instrument.ts';
import type { CloseIntent, OpenIntent } from '../../domain/intent.ts';
import { packMagic } from '../../domain/magic.ts';
import type { OpenSignal, Position, StrategyKey } from '../../domain/trading.ts';
import { type EpochMs, type LotsE8, ZERO_MINOR } from '../../domain/units.ts';
import type { EntryBody } from '../../journal/types.ts';
import type { MarketContext } from '../../risk/market-context.ts';
import { assess } from '../../risk/verdict.ts';
import type { AssessInput, NewOrder, TradingModeName, Verdict } from '../../risk/verdict-types.ts';
import { intentIdOf, intentKey } from '../../strategy/intent-key.ts';
import type { SignalRaised } from '../messages.ts';
import {
  atRisk,
  calendarOf,
  type GuardOptions,
  type GuardState,
  symbolRisks,
} from './guard-state.ts';

/** A signal's identity: the same decision always gets the same names. */
export interface SignalNames {
  readonly key: string;
  readonly intentId: string;
  readonly signalId: string;
}

export const namesOf = (accountId: string, raised: SignalRaised): SignalNames => {
  const { strategy, signal, barAt, at } = raised;
  const key = intentKey({
    accountId,
    strategyId: strategy.id,
    strategyHash: strategy.hash,
    symbol: strategy.symbol,
    barCloseAt: barAt,
    leg: signal.leg,
  });
  return { key, intentId: intentIdOf(key, at), signalId: intentIdOf(`signal:${key}`, at) };
};

/** One runtime guards one account, so nothing of ours is elsewhere. */
const NOWHERE_ELSE: MarketContext['elsewhere'] = { positions: [], allocated: ZERO_MINOR };

export const contextOf = (
  state: GuardState,
  options: GuardOptions,
  symbol: string,
  at: EpochMs,
): MarketContext => {
  const instrument = state.instruments.get(symbol);
  return {
    closures: instrument === undefined ? [] : options.closuresOf(instrument, at),
    calendar: calendarOf(state, options),
    groups: options.groups,
    elsewhere: NOWHERE_ELSE,
  };
};

/** The account as a verdict on this symbol sees it; undefined while it is not known. */
export const assessable = (
  state: GuardState,
  options: GuardOptions,
  at: EpochMs,
  symbol: string,
): Omit<AssessInput, 'order' | 'duplicate'> | undefined => {
  const { account, ledger } = state;
  if (account === null || ledger === null) return undefined;
  return {
    at,
    mode: state.mode.value as TradingModeName,
    gateOpen: state.gateOpen,
    account: { ...account, equity: state.equity ?? account.equity },
    ledger,
    limits: options.limits,
    ...atRisk(state),
    symbols: symbolRisks(state, options, at),
    context: contextOf(state, options, symbol, at),
  };
};

/** The verdict on one order, against everything that is or may become open; undefined while the
 * account is not known. Nothing but what is passed here can influence it. */
export const judgeOrder = (
  state: GuardState,
  options: GuardOptions,
  at: EpochMs,
  order: NewOrder,
): Verdict | undefined => {
  const input = assessable(state, options, at, order.symbol);
  if (input === undefined) return undefined;
  return assess({ ...input, duplicate: state.held.has(order.intentId), order });
};

/** The verdict on an opening signal. */
export const judge = (
  state: GuardState,
  options: GuardOptions,
  raised: SignalRaised & { readonly signal: OpenSignal },
  names: SignalNames,
): Verdict | undefined =>
  judgeOrder(state, options, raised.at, {
    intentId: names.intentId,
    strategyId: raised.strategy.id,
    symbol: raised.strategy.symbol,
    signal: raised.signal,
    sizing: options.sizingOf(raised.strategy.id),
  });

export const openIntent = (input: {
  readonly raised: SignalRaised & { readonly signal: OpenSignal };
  readonly names: SignalNames;
  readonly verdict: Extract<Verdict, { ok: true }>;
  readonly epoch: number;
  /** Counts opening intents of this account; with the epoch it makes the magic unique. */
  readonly sequence: number;
  readonly ttlMs: number;
}): OpenIntent => {
  const { raised, names, verdict, epoch, sequence, ttlMs } = input;
  const { levels, volumeE8 } = verdict;
  const { signal } = raised;
  return {
    type: 'open',
    intentId: names.intentId,
    key: names.key,
    strategyId: raised.strategy.id,
    symbol: raised.strategy.symbol,
    side: signal.side,
    kind: signal.kind,
    volumeE8,
    price: levels.trigger ?? levels.entry,
    ...(levels.trigger === undefined ? {} : { stopLimitPrice: levels.entry }),
    stopLoss: levels.stopLoss,
    ...(levels.takeProfit === undefined ? {} : { takeProfit: levels.takeProfit }),
    tif: signal.tif ?? 'gtc',
    ...(signal.expiresAt === undefined ? {} : { expiresAt: signal.expiresAt }),
    magic: packMagic({ strategy: raised.strategy.number, epoch, sequence }),
    at: raised.at,
    ttlMs,
    reason: signal.reason,
  };
};

/** A close of one position, whole or in part. `tries` distinguishes the repetitions of a close that the venue
 * did not carry out: each is an intent of its own, because each is a new decision. */
export const closeIntent = (input: {
  readonly position: Position;
  readonly strategyId: string;
  readonly key: string;
  readonly tries: number;
  readonly volumeE8: LotsE8;
  readonly price: CloseIntent['price'];
  readonly at: EpochMs;
  readonly reason: string;
}): CloseIntent => {
  const { position, at, reason } = input;
  const key = `${input.key}:close:${position.ticket}:${input.tries}`;
  return {
    type: 'close',
    intentId: intentIdOf(key, at),
    key,
    strategyId: input.strategyId,
    symbol: position.symbol,
    positionTicket: position.ticket,
    side: opposite(position.side),
    volumeE8: input.volumeE8,
    magic: position.magic,
    scope: input.volumeE8 < position.volumeE8 ? 'partial' : 'full',
    price: input.price,
    at,
    reason,
  };
};

/** The two entries of a refusal: what was wanted, and why not. */
export const denialEntries = (
  raised: SignalRaised & { readonly signal: OpenSignal },
  names: SignalNames,
  refusal: { readonly code: string; readonly detail: string; readonly largest: string },
): readonly EntryBody[] => {
  const { strategy, signal, barAt } = raised;
  const { intentId, signalId } = names;
  const common = { signalId, strategyId: strategy.id, symbol: strategy.symbol, signal };
  return [
    { kind: 'signal.raised', ...common, barAt },
    {
      kind: 'order.denied',
      ...common,
      intentId,
      code: refusal.code,
      detail: `${refusal.detail} Largest volume that would pass: ${refusal.largest} lots.`,
    },
  ];
};

/** What a refusing verdict says, or why there is none. */
export const refusalOf = (verdict: Extract<Verdict, { ok: false }> | undefined) =>
  verdict === undefined
    ? { code: 'GATE_CLOSED', detail: 'the account is not known yet.', largest: '0' }
    : {
        code: verdict.code,
        detail: verdict.detail,
        largest: formatLots(verdict.largestVolumeE8),
      };

/** The signal that stands behind a close of the guard's own making. */
export const safetySignal = (
  item: { readonly symbol: string },
  owner: StrategyKey | undefined,
  at: EpochMs,
  reason: string,
): SignalRaised => {
  const { symbol } = item;
  const external = { id: 'external', name: 'external', number: 0, hash: '' };
  return {
    type: 'signal.raised',
    strategy: { ...(owner ?? external), symbol },
    barAt: at,
    at,
    signal: { type: 'close', leg: 0, reason },
  };
};
