import type { EpochMs } from '../../../domain/units.ts';
import { symbolToWire } from '../../wire/instrument-codec.ts';
import type { EaMessageOf, RuntimeMessageOf } from '../../wire/messages.ts';
import type { WireSymbol } from '../../wire/records.ts';
import { positionsHash } from '../../wire/snapshot-hash.ts';
import { splitSnapshot } from '../../wire/snapshot-parts.ts';
import { TICK_LAYOUT } from '../../wire/tick-batch.ts';
import { PROTOCOL_VERSIONS } from '../../wire/versions.ts';
import type { BrokerDeal, BrokerOrder } from '../engine/records.ts';
import type { EaContext, TerminalFacts } from './ea-context.ts';

/** The tail of a list in time order whose instants are at or after `from`. */
export const since = <T>(
  list: readonly T[],
  from: number,
  at: (item: T) => number,
): readonly T[] => {
  let index = list.length;
  while (index > 0) {
    const item = list[index - 1];
    if (item === undefined || at(item) < from) break;
    index -= 1;
  }
  return list.slice(index);
};

export const doneAt = (order: BrokerOrder): EpochMs => order.doneAt ?? order.placedAt;
export const dealAt = (deal: BrokerDeal): EpochMs => deal.at;

export const symbols = (ea: EaContext): readonly (typeof WireSymbol.Type)[] =>
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
    complete: ea.facts.isWhole(),
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

export const SIMULATED: TerminalFacts = {
  eaVersion: '1.0.0',
  terminalBuild: 5000,
  accountKind: 'demo',
  simulated: true,
  switches: () => SWITCHES,
  connected: () => true,
  isWhole: () => true,
};

/** Who this terminal is and what it remembers; the clock says where the session stands. */
export const hello = (
  ea: EaContext,
  who: { readonly instanceId: string; readonly startId: string; readonly token: string | null },
  clock: 'master' | 'free',
): EaMessageOf<'hello'> => {
  const { state, market, facts } = ea;
  return {
    kind: 'hello',
    account: ea.view.account(),
    accountKind: facts.accountKind,
    terminalBuild: facts.terminalBuild,
    eaVersion: facts.eaVersion,
    protocolVersions: PROTOCOL_VERSIONS,
    tickLayout: TICK_LAYOUT,
    timeBase: 'utc',
    switches: facts.switches(),
    connected: facts.connected(),
    ...who,
    simulated: facts.simulated,
    journalWatermark: String(state.executed),
    highestEpoch: state.highestEpoch,
    leaseHolder: state.lapsed ? null : state.holder,
    clock:
      clock === 'free'
        ? null
        : { doneSeq: state.doneSeq, atMs: ea.now(), endMs: market.endsAt ?? null },
  };
};

export const heartbeat = (ea: EaContext): EaMessageOf<'ea.heartbeat'> => {
  const { facts } = ea;
  const { balance, equity, margin } = ea.view.account();
  const positions = [...ea.engine.state.positions.values()];
  const ages: Record<string, number> = {};
  for (const [symbol, quote] of ea.engine.state.quotes) ages[symbol] = ea.now() - quote.at;
  return {
    kind: 'ea.heartbeat',
    switches: facts.switches(),
    connected: facts.connected(),
    synchronised: true,
    pingMs: 0,
    build: facts.terminalBuild,
    balance,
    equity,
    margin,
    positionsHash: positionsHash(positions.map((position) => ea.view.position(position))),
    queueDepth: ea.engine.state.requests.size,
    lastTickAgeMs: ages,
  };
};
