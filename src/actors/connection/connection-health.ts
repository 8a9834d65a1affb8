import type { EpochMs } from '../../domain/units.ts';
import type { EaMessageOf } from '../../mt5/wire/messages.ts';
import { moveBreaker } from './connection-breaker.ts';
import { sendBody } from './connection-link.ts';
import type { ConnectionState, ConnectionTurn, PendingQuery } from './connection-state.ts';
import { staleSymbols } from './connection-venue.ts';

/** What the last health probe found. Latency is the round trip of a query, wall milliseconds. */
export interface HealthReport {
  readonly at: EpochMs;
  readonly connectionOk: boolean;
  readonly authOk: boolean;
  readonly dataFeedOk: boolean;
  readonly latencyMs: number | null;
}

const isWell = ({ connectionOk, authOk, dataFeedOk }: HealthReport): boolean =>
  connectionOk && authOk && dataFeedOk;

/** Asks for the account, which goes the way that every request goes. Off while the breaker is open:
 * the pause is there to leave the other side alone. */
export const probeHealth = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const { options, context, deps } = turn;
  const { everyMs, timeoutMs } = options.health;
  context.after(everyMs, { type: 'health.due' }, { key: 'health.due', clock: deps.wall });
  if (state.breaker.matches('open')) return state;
  if (!state.chart.hasTag('mayTrade')) return concluded(state, null, null, turn);
  const id = options.newId();
  // An answer takes the question off the list, and its timer then finds nothing to do.
  const overdue = { key: `health.${id}`, clock: deps.wall };
  context.after(timeoutMs, { type: 'health.overdue', id }, overdue);
  const sentAtMs = options.stopwatch.elapsedMs();
  const pending: PendingQuery = { about: 'health', sentAtMs, parts: [] };
  const queries = new Map(state.queries).set(id, pending);
  const nothing = { intent: null, attempt: null, magic: null, symbols: [], fromMs: 0 } as const;
  return sendBody({ ...state, queries }, { kind: 'query', what: 'account', ...nothing }, turn, {
    id,
  }).state;
};

export const probeAnswered = (
  state: ConnectionState,
  { account }: Pick<EaMessageOf<'query.reply'>, 'account'>,
  sentAtMs: number,
  turn: ConnectionTurn,
): ConnectionState => {
  const latencyMs = turn.options.stopwatch.elapsedMs() - sentAtMs;
  const counted = moveBreaker(state, { type: 'request.succeeded' }, turn);
  return concluded(counted, account, latencyMs, turn);
};

/** Nobody answered the probe; an answer that came in time has taken it off the list. */
export const probeOverdue = (
  state: ConnectionState,
  id: string,
  turn: ConnectionTurn,
): ConnectionState => {
  if (!state.queries.has(id)) return state;
  const queries = new Map(state.queries);
  queries.delete(id);
  const counted = moveBreaker({ ...state, queries }, { type: 'request.failed' }, turn);
  return concluded(counted, null, null, turn);
};

const concluded = (
  state: ConnectionState,
  account: EaMessageOf<'query.reply'>['account'],
  latencyMs: number | null,
  turn: ConnectionTurn,
): ConnectionState => {
  const { login, server } = turn.options;
  const { heartbeat, session } = state;
  // Before the first heartbeat, the hello counts.
  const { connected, synchronised } = heartbeat ?? {
    connected: session?.hello.connected === true,
    synchronised: true,
  };
  const health: HealthReport = {
    at: turn.deps.wall.now(),
    connectionOk: latencyMs !== null,
    authOk:
      account !== null &&
      account.login === login &&
      account.server === server &&
      heartbeat?.switches.account !== false,
    dataFeedOk:
      connected &&
      synchronised &&
      (session?.hello.clock !== null || staleSymbols(state, turn).length === 0),
    latencyMs: latencyMs === null ? null : Math.round(latencyMs * 10) / 10,
  };
  report(state.health, health, turn);
  return { ...state, health };
};

/** Only a change is news: the rest is there to be asked for. */
const report = (
  before: HealthReport | null,
  now: HealthReport,
  { options }: ConnectionTurn,
): void => {
  const well = isWell(now);
  if (before === null ? well : isWell(before) === well) return;
  const { connectionOk, authOk, dataFeedOk } = now;
  const detail = `connection ${word(connectionOk)}, login ${word(authOk)}, data ${word(dataFeedOk)}`;
  if (well) options.onEvent({ code: 'health.restored', detail, severity: 'info' });
  else options.onEvent({ code: 'health.failed', detail, severity: 'warning' });
};
const word = (ok: boolean): string => (ok ? 'ok' : 'not ok');
