import { type BreakerEvent, breakerMachine } from '../../machines/breaker.machine.ts';
import { RETCODE } from '../../mt5/retcodes.ts';
import type { EaMessageOf } from '../../mt5/wire/messages.ts';
import { driveChart } from '../drive-chart.ts';
import type { ConnectionMessage, GuardMessage } from '../messages.ts';
import type { ConnectionState, ConnectionTurn } from './connection-state.ts';

/** One event for the breaker's chart, and what follows from it. */
export const moveBreaker = (
  state: ConnectionState,
  event: BreakerEvent,
  turn: ConnectionTurn,
): ConnectionState => {
  const actions: string[] = [];
  const breaker = driveChart({
    machine: breakerMachine,
    snapshot: state.breaker,
    event,
    context: turn.context,
    clock: turn.deps.wall,
    delayed: (delay): ConnectionMessage => ({ type: 'breaker.delayed', event: delay.event }),
    perform: (action) => actions.push(action),
  });
  const next = { ...state, breaker };
  for (const action of actions) announce(next, action, turn);
  return next;
};

const announce = (state: ConnectionState, action: string, turn: ConnectionTurn): void => {
  const { options, context, deps } = turn;
  const guard = context.ref<GuardMessage>(deps.paths.guard);
  const { openMs, trips, limits } = state.breaker.context;
  switch (action) {
    case 'announceOpen': {
      const pause = `nothing opens for ${openMs / 1000} s; closes still go out`;
      const detail = `requests fail on a live session (time ${trips}): ${pause}`;
      options.onEvent({ code: 'breaker.opened', detail, severity: 'error' });
      guard.send({ type: 'breaker.moved', open: true });
      return;
    }
    case 'announceProbing': {
      const detail = `${limits.probes} requests are let through to see how they fare`;
      options.onEvent({ code: 'breaker.probing', detail, severity: 'warning' });
      guard.send({ type: 'breaker.moved', open: false });
      return;
    }
    case 'announceClosed':
      options.onEvent({ code: 'breaker.closed', detail: 'requests fare well', severity: 'info' });
      guard.send({ type: 'breaker.moved', open: false });
      return;
  }
};

/** Outcomes that speak of the way to the broker's server, not of the request. */
const TROUBLE: ReadonlySet<number> = new Set([
  RETCODE.ERROR,
  RETCODE.TIMEOUT,
  RETCODE.CONNECTION,
  RETCODE.TOO_MANY_REQUESTS,
  RETCODE.LOCKED,
]);

const keyOf = ({ intent, attempt }: { readonly intent: string; readonly attempt: number }) =>
  `${intent}/${attempt}`;
const timerOf = (key: string): string => `command.${key}`;

/** May a command leave? Only what increases risk is ever held back. */
export const breakerAdmits = (
  state: ConnectionState,
  turn: ConnectionTurn,
): { readonly state: ConnectionState; readonly admitted: boolean } => {
  const { breaker } = state;
  if (breaker.hasTag('mayOpen')) return { state, admitted: true };
  const { admitted, limits } = breaker.context;
  if (!breaker.hasTag('probing') || admitted >= limits.probes) return { state, admitted: false };
  return { state: moveBreaker(state, { type: 'probe.admitted' }, turn), admitted: true };
};

/** A command has been given to the link: from here on it succeeds or fails. */
export const watchCommand = (
  state: ConnectionState,
  command: { readonly intent: string; readonly attempt: number },
  turn: ConnectionTurn,
): ConnectionState => {
  const key = keyOf(command);
  const options = { key: timerOf(key), clock: turn.deps.wall };
  turn.context.after(turn.options.breaker.replyMs, { type: 'command.overdue', key }, options);
  return { ...state, commands: new Set(state.commands).add(key) };
};

const settle = (
  state: ConnectionState,
  key: string,
  ok: boolean,
  turn: ConnectionTurn,
): ConnectionState => {
  if (!state.commands.has(key)) return state;
  turn.context.cancel(timerOf(key));
  const commands = new Set(state.commands);
  commands.delete(key);
  const event: BreakerEvent = { type: ok ? 'request.succeeded' : 'request.failed' };
  return moveBreaker({ ...state, commands }, event, turn);
};

/** Any answer proves that requests get through; an accepted one is judged by its result. */
export const commandAcked = (
  state: ConnectionState,
  ack: EaMessageOf<'ack'>,
  turn: ConnectionTurn,
): ConnectionState => {
  const key = keyOf(ack);
  if (ack.status !== 'accepted') return settle(state, key, true, turn);
  turn.context.cancel(timerOf(key));
  return state;
};
export const commandFinished = (
  state: ConnectionState,
  { result }: EaMessageOf<'result'>,
  turn: ConnectionTurn,
): ConnectionState => settle(state, keyOf(result), !TROUBLE.has(result.retcode), turn);

export const commandFailed = (
  state: ConnectionState,
  key: string,
  turn: ConnectionTurn,
): ConnectionState => settle(state, key, false, turn);

export const breakerSummary = ({ breaker }: ConnectionState) => {
  const { openMs, trips, outcomes } = breaker.context;
  const failures = outcomes.filter((ok) => !ok).length;
  return { state: String(breaker.value), openMs, trips, failures, requests: outcomes.length };
};
