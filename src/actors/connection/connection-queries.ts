import type { EaMessageOf, RuntimeBody } from '../../mt5/wire/messages.ts';
import type { ConnectionMessage, ExecutorMessage } from '../messages.ts';
import { probeAnswered } from './connection-health.ts';
import { moveLink, sendBody } from './connection-link.ts';
import { knowInstruments, specChanges } from './connection-snapshot.ts';
import type { ConnectionState, ConnectionTurn, PendingQuery } from './connection-state.ts';
import { evidenceFromWire, instrumentsFromWire, unitsOf } from './venue-frames.ts';

/** Questions to the terminal that may wait for their answer at once; the oldest is given up. */
const MOST_QUERIES = 256;
/** Specifications are read again once a day of session time: brokers change them mid-life. */
export const SYMBOLS_EVERY_MS = 86_400_000;

type QueryReply = EaMessageOf<'query.reply'>;

const pending = (
  state: ConnectionState,
  id: string,
  query: PendingQuery,
): ConnectionState['queries'] => {
  const queries = new Map(state.queries).set(id, query);
  for (const oldest of queries.keys()) {
    if (queries.size <= MOST_QUERIES) break;
    queries.delete(oldest);
  }
  return queries;
};

/** Snapshots, evidence and history: what others of the desk want to read. */
export const request = (
  state: ConnectionState,
  message: Extract<ConnectionMessage, { type: 'snapshot.take' | 'evidence.seek' | 'history.load' }>,
  turn: ConnectionTurn,
): ConnectionState => {
  if (!state.chart.hasTag('claimed')) return state;
  const id = turn.options.newId();
  const ask = (next: ConnectionState, body: RuntimeBody): ConnectionState =>
    sendBody(next, body, turn, { id }).state;
  switch (message.type) {
    case 'snapshot.take': {
      const historyFromMs = message.historyFrom;
      const body = { kind: 'snapshot.request', snapshotId: id, historyFromMs } as const;
      return ask({ ...state, assembly: null }, body);
    }
    case 'evidence.seek': {
      const { intentId, attempt, magic, from } = message;
      const queries = pending(state, id, { about: 'attempt', intentId, attempt, parts: [] });
      const what = { what: 'attempt', intent: intentId, attempt, magic, symbols: [] } as const;
      return ask({ ...state, queries }, { kind: 'query', ...what, fromMs: from });
    }
    case 'history.load': {
      const { replyTo, symbol, timeframe, count, to } = message;
      const histories = new Map(state.histories);
      histories.set(id, { replyTo, symbol, timeframe, bars: [] });
      // A free terminal is ahead of session time: the running bar is wanted as it is there now.
      const toMs = state.session?.hello.clock === null ? to + SYMBOLS_EVERY_MS : to;
      const newest = { symbol, timeframe, count, fromMs: null, toMs } as const;
      return ask({ ...state, histories }, { kind: 'history.request', ...newest });
    }
  }
};

/** Asks whether the broker has changed a specification. */
export const readSymbols = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  turn.context.after(SYMBOLS_EVERY_MS, { type: 'symbols.due' }, { key: 'symbols.due' });
  if (!state.chart.hasTag('mayTrade')) return state;
  const id = turn.options.newId();
  const queries = pending(state, id, { about: 'symbols', parts: [] });
  const nothing = { intent: null, attempt: null, magic: null, symbols: [], fromMs: 0 } as const;
  const body = { kind: 'query', what: 'symbols', ...nothing } as const;
  return sendBody({ ...state, queries }, body, turn, { id }).state;
};

/** One chunk of an answer; with the last, whoever asked is told. */
export const collectReply = (
  state: ConnectionState,
  id: string,
  reply: QueryReply,
  turn: ConnectionTurn,
): ConnectionState => {
  const query = state.queries.get(id);
  if (query === undefined) return state;
  const parts = [...query.parts, reply];
  const queries = new Map(state.queries);
  if (!reply.last) return { ...state, queries: queries.set(id, { ...query, parts }) };
  queries.delete(id);
  return answered({ ...state, queries }, query, joined(parts), turn);
};

const joined = (parts: readonly QueryReply[]): QueryReply => {
  const [first] = parts;
  if (first === undefined) throw new Error('an answer without a part');
  return {
    ...first,
    orders: parts.flatMap(({ orders }) => orders),
    deals: parts.flatMap(({ deals }) => deals),
    positions: parts.flatMap(({ positions }) => positions),
    symbols: parts.flatMap(({ symbols }) => symbols),
    sessions: parts.flatMap(({ sessions }) => sessions),
  };
};

const answered = (
  state: ConnectionState,
  query: PendingQuery,
  reply: QueryReply,
  turn: ConnectionTurn,
): ConnectionState => {
  const currencyDigits = state.session?.hello.account.currencyDigits ?? 2;
  switch (query.about) {
    case 'attempt': {
      const { intentId, attempt } = query;
      const units = unitsOf(state.instruments, currencyDigits);
      const evidence = evidenceFromWire(reply, units);
      const { context, deps } = turn;
      const found = { type: 'evidence.found', intentId, attempt, evidence } as const;
      context.ref<ExecutorMessage>(deps.paths.executor).send(found);
      return state;
    }
    case 'health':
      return probeAnswered(state, reply, query.sentAtMs, turn);
    case 'symbols': {
      const specs = instrumentsFromWire(reply.symbols, currencyDigits);
      const now = new Map(specs.map((spec) => [spec.symbol, spec]));
      const gone = [...state.instruments.keys()].some((symbol) => !now.has(symbol));
      if (!gone && specChanges(state.instruments, now).length === 0) return state;
      // Everybody gets the new figures the way they got the old ones: with a snapshot.
      const known = knowInstruments(state, specs, turn);
      return moveLink(known, { type: 'recovery.restarted' }, turn);
    }
  }
};
