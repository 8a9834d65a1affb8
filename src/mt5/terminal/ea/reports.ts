import type { EpochMs } from '../../../domain/units.ts';
import { epochMs } from '../../../domain/units.ts';
import { barToWire } from '../../wire/domain-codec.ts';
import { symbolToWire } from '../../wire/instrument-codec.ts';
import type { EaMessageOf, RuntimeMessageOf, WireSymbol } from '../../wire/messages.ts';
import { positionsHash } from '../../wire/snapshot-hash.ts';
import { splitSnapshot } from '../../wire/snapshot-parts.ts';
import { TICK_LAYOUT } from '../../wire/tick-batch.ts';
import type { BrokerDeal, BrokerOrder } from '../engine/records.ts';
import type { EaContext } from './ea-context.ts';
import { attemptKey } from './ea-state.ts';

export const REPORT_LIMITS = { barsPerChunk: 4_096, barsPerRequest: 200_000 } as const;

/** The tail of a list in time order whose instants are at or after `from`. */
const since = <T>(list: readonly T[], from: number, at: (item: T) => number): readonly T[] => {
  let index = list.length;
  while (index > 0) {
    const item = list[index - 1];
    if (item === undefined || at(item) < from) break;
    index -= 1;
  }
  return list.slice(index);
};

const doneAt = (order: BrokerOrder): EpochMs => order.doneAt ?? order.placedAt;
const dealAt = (deal: BrokerDeal): EpochMs => deal.at;

const symbols = (ea: EaContext): readonly (typeof WireSymbol.Type)[] =>
  [...ea.env.instruments.values()]
    .filter(({ symbol }) => ea.env.conversions.has(symbol))
    .map((instrument) =>
      symbolToWire(instrument, {
        currencyDigits: ea.view.units.currencyDigits,
        quote: ea.engine.state.quotes.get(instrument.symbol),
      }),
    );

/** The whole truth of this instant, in messages of bounded size. */
export const snapshot = (
  ea: EaContext,
  request: RuntimeMessageOf<'snapshot.request'>,
): readonly (
  | EaMessageOf<'snapshot.begin'>
  | EaMessageOf<'snapshot.part'>
  | EaMessageOf<'snapshot.end'>
)[] => {
  const { snapshotId, historyFromMs } = request;
  const { state } = ea.engine;
  const attempts = [...ea.state.journal.values()];
  const { begin, parts, end } = splitSnapshot({
    snapshotId,
    historyFromMs,
    complete: true,
    atMs: ea.now(),
    account: ea.view.account(),
    positions: [...state.positions.values()].map((position) => ea.view.position(position)),
    orders: [...state.orders.values()].map((order) => ea.view.order(order)),
    historyOrders: since(state.historyOrders, historyFromMs, doneAt).map((order) =>
      ea.view.order(order),
    ),
    deals: since(state.deals, historyFromMs, dealAt).map((deal) => ea.view.deal(deal)),
    symbols: symbols(ea),
    results: attempts.flatMap(({ at, result }) =>
      result !== null && at >= historyFromMs ? [result] : [],
    ),
    unresolved: attempts.flatMap(({ intent, attempt, result }) =>
      result === null ? [{ intent, attempt }] : [],
    ),
  });
  return [begin, ...parts, end];
};

/** A simulated terminal has nobody who could switch trading off in its menus. */
const SWITCHES = { terminal: true, mql: true, account: true, expert: true } as const;

const EA_VERSION = '1.0.0';
const TERMINAL_BUILD = 5000;

/** Who this terminal is and what it remembers; the clock says where the session stands. */
export const hello = (
  ea: EaContext,
  who: { readonly instanceId: string; readonly startId: string; readonly token: string | null },
): EaMessageOf<'hello'> => {
  const { state, market } = ea;
  return {
    kind: 'hello',
    account: ea.view.account(),
    terminalBuild: TERMINAL_BUILD,
    eaVersion: EA_VERSION,
    protocolVersions: [1],
    tickLayout: TICK_LAYOUT,
    switches: SWITCHES,
    ...who,
    simulated: true,
    journalWatermark: String(state.executed),
    highestEpoch: state.highestEpoch,
    leaseHolder: state.lapsed ? null : state.holder,
    clock: { doneSeq: state.doneSeq, atMs: ea.now(), endMs: market.endsAt ?? null },
  };
};

export const heartbeat = (ea: EaContext): EaMessageOf<'ea.heartbeat'> => {
  const { balance, equity, margin } = ea.view.account();
  const positions = [...ea.engine.state.positions.values()];
  const ages: Record<string, number> = {};
  for (const [symbol, quote] of ea.engine.state.quotes) ages[symbol] = ea.now() - quote.at;
  return {
    kind: 'ea.heartbeat',
    switches: SWITCHES,
    connected: true,
    pingMs: 0,
    balance,
    equity,
    margin,
    positionsHash: positionsHash(positions.map((position) => ea.view.position(position))),
    queueDepth: ea.engine.state.requests.size,
    lastTickAgeMs: ages,
  };
};

/**
 * What became of an intent. Its own orders and deals are found by magic. While its request is on
 * its way nothing is decided, so the answer is not complete: absence would prove nothing.
 */
export const query = (
  ea: EaContext,
  request: RuntimeMessageOf<'query'>,
): EaMessageOf<'query.reply'> => {
  const { state } = ea.engine;
  const { magic, intent, attempt, fromMs } = request;
  const mine = (item: { readonly magic: string }): boolean =>
    magic !== null && item.magic === magic;
  const entry = ea.state.journal.get(attemptKey(intent, attempt));
  const orders = [
    ...[...state.orders.values()].filter(mine),
    ...since(state.historyOrders, fromMs, doneAt).filter(mine),
  ];
  const deals = since(state.deals, fromMs, dealAt).filter(mine);
  const positions = [...state.positions.values()].filter(mine);
  const result = entry?.result ?? null;
  const found = result !== null || orders.length + deals.length + positions.length > 0;
  return {
    kind: 'query.reply',
    found,
    complete: entry === undefined || result !== null,
    orders: orders.map((order) => ea.view.order(order)),
    deals: deals.map((deal) => ea.view.deal(deal)),
    positions: positions.map((position) => ea.view.position(position)),
    result,
  };
};

/** Bars in chunks, oldest first; one empty last chunk when there are none. Never of the future. */
export const history = (
  ea: EaContext,
  request: RuntimeMessageOf<'history.request'>,
): readonly EaMessageOf<'history'>[] => {
  const { symbol, timeframe } = request;
  const count = Math.min(Math.max(0, request.count), REPORT_LIMITS.barsPerRequest);
  const to = epochMs(Math.min(request.toMs, ea.now()));
  const known = ea.env.instruments.has(symbol) && count > 0;
  const bars = known ? ea.market.history({ symbol, timeframe, count, to }) : [];
  const size = REPORT_LIMITS.barsPerChunk;
  const chunks = Math.max(1, Math.ceil(bars.length / size));
  return Array.from({ length: chunks }, (_, chunk) => ({
    kind: 'history' as const,
    symbol,
    timeframe,
    chunk,
    last: chunk === chunks - 1,
    bars: bars.slice(chunk * size, (chunk + 1) * size).map(barToWire),
  }));
};
