import type { Fault } from '../../domain/faults.ts';
import { observeSeq } from '../../mt5/wire/session-seq.ts';
import { CircuitBreakerOpen, LinkDown } from '../errors.ts';
import type { ConnectionMessage, ExecutorMessage } from '../messages.ts';
import { breakerAdmits, commandFailed, watchCommand } from './connection-breaker.ts';
import { tellGap } from './connection-frames.ts';
import { sendBody } from './connection-link.ts';
import type { ConnectionState, ConnectionTurn } from './connection-state.ts';

type Send = Extract<ConnectionMessage, { type: 'command.send' }>;

/** Sends a command of the executor now, or says that it did not leave. What increases risk needs a
 * live session and the breaker's leave; the rest needs a session that is ours. */
export const sendCommand = (
  state: ConnectionState,
  message: Send,
  turn: ConnectionTurn,
): ConnectionState => {
  const { body, intentId, attempt, risk, trace } = message;
  const stuck = (fault: Fault, failed = false): ConnectionMessage => ({
    type: 'command.stuck',
    intentId,
    attempt,
    fault,
    failed,
  });
  const increases = risk === 'increasing';
  // The last gate before the wire.
  const stopped = increases && (turn.deps.brake.engaged() || !state.mayOpen);
  if (stopped || !state.chart.hasTag(increases ? 'mayTrade' : 'claimed')) {
    const detail = stopped ? 'the brake is on' : 'no session may take it';
    turn.context.self.send(stuck(new LinkDown({ detail })));
    return state;
  }
  const gate = increases ? breakerAdmits(state, turn) : { state, admitted: true };
  if (!gate.admitted) {
    const fault = new CircuitBreakerOpen({ state: String(state.breaker.value) });
    const detail = `${intentId} was not sent: ${fault.message}`;
    turn.options.onEvent({ code: 'breaker.refused', detail, severity: 'warning' });
    turn.context.self.send(stuck(fault));
    return gate.state;
  }
  const watched = watchCommand(gate.state, { intent: intentId, attempt }, turn);
  const traced = trace === undefined ? {} : { trace };
  const { state: next, sent } = sendBody(watched, body, turn, traced);
  turn.context.task(
    'send',
    () => sent,
    (result): ConnectionMessage =>
      result.ok && result.value === 'ok'
        ? { type: 'command.left' }
        : stuck(new LinkDown({ detail: 'the link took nothing' }), true),
  );
  return next;
};

/** The executor learns that nothing left; a failure of the link counts with the breaker. */
export const commandStuck = (
  state: ConnectionState,
  message: Extract<ConnectionMessage, { type: 'command.stuck' }>,
  turn: ConnectionTurn,
): ConnectionState => {
  const { intentId, attempt, failed, fault } = message;
  turn.context
    .ref<ExecutorMessage>(turn.deps.paths.executor)
    .send({ type: 'attempt.unsent', intentId, attempt, fault });
  return failed ? commandFailed(state, `${intentId}/${attempt}`, turn) : state;
};

/** A message whose kind we do not know has its place in the session all the same, and an answer. */
export const unknownKind = (
  state: ConnectionState,
  message: Extract<ConnectionMessage, { type: 'kind.unknown' }>,
  turn: ConnectionTurn,
): ConnectionState => {
  const { identity, kind, id, session: sessionId, seq } = message;
  const shown = kind.slice(0, 100);
  const detail = `${identity} said "${shown}", which this version does not know`;
  turn.options.onEvent({ code: 'link.unknownKind', detail, severity: 'warning' });
  const { session } = state;
  if (session === null || session.identity !== identity || session.id !== sessionId) return state;
  const { state: incoming, verdict } = observeSeq(session.incoming, { session: sessionId, seq });
  if (verdict.type === 'duplicate') return state;
  const observed = { ...state, session: { ...session, incoming } };
  const error = { kind: 'error', code: 'unknown_kind', detail: shown } as const;
  const answered = sendBody(observed, error, turn, id === null ? {} : { re: id }).state;
  return verdict.type === 'gap' ? tellGap(answered, verdict.missing, turn) : answered;
};
