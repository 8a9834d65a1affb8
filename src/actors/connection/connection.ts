import type { BreakerEvent } from '../../machines/breaker.machine.ts';
import type { LinkEvent } from '../../machines/link.machine.ts';
import type { DeskDeps } from '../desk.ts';
import { statesOf } from '../kernel/chart-states.ts';
import type { Behaviour } from '../kernel/types.ts';
import type { ConnectionMessage, GuardMessage } from '../messages.ts';
import { breakerSummary, commandFailed, moveBreaker } from './connection-breaker.ts';
import { readCalendar } from './connection-calendar.ts';
import { commandStuck, sendCommand, unknownKind } from './connection-commands.ts';
import { receiveFrame } from './connection-frames.ts';
import { catchUp, instantOver, isFree, runNext } from './connection-free.ts';
import { probeHealth, probeOverdue } from './connection-health.ts';
import { releaseAdvance } from './connection-instant.ts';
import {
  claimLease,
  followEpoch,
  moveLink,
  nothingIsAwaited,
  sendBody,
  sendIn,
} from './connection-link.ts';
import { listen, unborn } from './connection-open.ts';
import { admitWaiting } from './connection-peers.ts';
import { readSymbols, request, SYMBOLS_EVERY_MS } from './connection-queries.ts';
import type { ConnectionOptions, ConnectionState, ConnectionTurn } from './connection-state.ts';
import { venueSummary } from './connection-venue.ts';
import { throttled } from './link-notices.ts';

/**
 * The link to one account's terminal. It speaks BWP/1, decides with the link chart how far the
 * session can be believed, turns frames into facts for its siblings, and moves the session clock.
 * It decides about no order; its circuit breaker only holds back what would open risk.
 */
export const connection = (
  deps: DeskDeps,
  given: ConnectionOptions,
): Behaviour<ConnectionMessage, ConnectionState> => {
  const options = { ...given, onEvent: throttled(given.onEvent, deps.wall) };
  return {
    init: async (context) => {
      const gateway = await listen(deps, options, context);
      options.onListening(gateway.endpoint);
      const wall = { clock: deps.wall };
      context.after(options.heartbeatMs, { type: 'heartbeat.due' }, wall);
      context.after(options.health.everyMs, { type: 'health.due' }, { ...wall, key: 'health.due' });
      context.after(SYMBOLS_EVERY_MS, { type: 'symbols.due' }, { key: 'symbols.due' });
      return unborn(gateway, options);
    },
    receive: (state, message, context) => {
      const turn = { deps, options, context };
      return admitWaiting(receive(state, message, turn), turn);
    },
    terminate: async (state, reason) => {
      const detail = reason.type === 'crash' ? 'restart' : 'shutdown';
      const goodbye = { kind: 'goodbye', reason: detail } as const;
      const through = { deps, options, gateway: state.gateway };
      for (const session of state.standbys.values()) sendIn(session, goodbye, through);
      if (state.session !== null) sendBody(state, goodbye, { deps, options });
      await state.gateway.close();
    },
    summary: (state) => ({
      state: linkState(state),
      charts: { link: statesOf(state.chart), breaker: statesOf(state.breaker) },
      identity: state.session?.identity ?? null,
      epoch: state.session?.epoch ?? 0,
      endpoint: state.gateway.endpoint,
      standbys: [...state.standbys.keys()],
      breaker: breakerSummary(state),
      health: state.health,
      conditions: [...state.conditions],
      venue: venueSummary(state),
      malformed: state.gateway.malformedCount(),
      progress: state.progress,
    }),
  };
};

/** The chart's value as a path: `live.beating`. */
const linkState = (state: ConnectionState): string => statesOf(state.chart).at(-1) ?? '';

const receive = (
  state: ConnectionState,
  message: ConnectionMessage,
  turn: ConnectionTurn,
): ConnectionState => {
  switch (message.type) {
    case 'frame.received':
      return receiveFrame(state, message.identity, message.frame, turn);
    case 'kind.unknown':
      return unknownKind(state, message, turn);
    case 'peer.disconnected':
      return peerGone(state, message.identity, turn);
    case 'session.opened':
      return opened(state, message.session, turn);
    case 'command.send':
      return sendCommand(state, message, turn);
    case 'mode.changed':
      return { ...state, mayOpen: message.mayOpen };
    case 'command.stuck':
      return commandStuck(state, message, turn);
    case 'command.overdue':
      return commandFailed(state, message.key, turn);
    case 'recovery.completed':
      // Who only looks never goes live: the market would move on.
      return turn.options.looksOnly === true
        ? state
        : moveLink(state, { type: 'recovery.completed' }, turn);
    case 'recovery.attached':
      return reconcileAgain(watchDesk(state, turn), turn);
    case 'reconciliation.wanted':
      return reconcileAgain(state, turn);
    case 'instant.settled':
      return confirmInstant(state, message, turn);
    case 'clock.due':
      return runNext(state, turn);
    case 'advance.released':
      return releaseAdvance(state, turn);
    case 'pump.failed':
      throw new Error(message.reason);
    case 'epoch.durable':
    case 'epoch.notDurable':
      return followEpoch(state, message, turn);
    case 'floors.moved':
      return { ...armed(state, message, turn), floors: message };
    case 'chart.delayed':
      return moveLink(state, message.event as LinkEvent, turn);
    case 'snapshot.take':
    case 'evidence.seek':
    case 'history.load':
      return request(state, message, turn);
    default:
      return tend(state, message, turn);
  }
};

/** Timers and orders that have nothing to do with a frame. */
const tend = (
  state: ConnectionState,
  message: Extract<
    ConnectionMessage,
    {
      type:
        | 'heartbeat.due'
        | 'breaker.delayed'
        | 'operator.resetBreaker'
        | 'health.due'
        | 'health.overdue'
        | 'symbols.due'
        | 'calendar.due'
        | 'command.left';
    }
  >,
  turn: ConnectionTurn,
): ConnectionState => {
  switch (message.type) {
    case 'heartbeat.due':
      return beat(state, turn);
    case 'breaker.delayed':
      return moveBreaker(state, message.event as BreakerEvent, turn);
    case 'operator.resetBreaker':
      return moveBreaker(state, { type: 'operator.reset' }, turn);
    case 'health.due':
      return probeHealth(state, turn);
    case 'health.overdue':
      return probeOverdue(state, message.id, turn);
    case 'symbols.due':
      return readSymbols(state, turn);
    case 'calendar.due':
      return readCalendar(state, turn);
    case 'command.left':
      turn.context.ref<GuardMessage>(turn.deps.paths.guard).send({ type: 'request.left' });
      return state;
  }
};

const peerGone = (
  state: ConnectionState,
  identity: string,
  turn: ConnectionTurn,
): ConnectionState => {
  if (identity === state.session?.identity) {
    return moveLink(state, { type: 'peer.disconnected' }, turn);
  }
  if (!state.standbys.has(identity)) return state;
  const standbys = new Map(state.standbys);
  standbys.delete(identity);
  return { ...state, standbys };
};

/** A clock master's session is claimed at once; a free one when its time has been caught up with. */
const opened = (state: ConnectionState, session: string, turn: ConnectionTurn): ConnectionState => {
  if (state.session?.id !== session || state.chart.value !== 'claiming') return state;
  return isFree(state) ? catchUp(state, turn) : claimLease(state, turn);
};

/** The market stands still until recovery has run. */
const reconcileAgain = (state: ConnectionState, turn: ConnectionTurn): ConnectionState =>
  state.chart.hasTag('claimed') ? moveLink(state, { type: 'recovery.restarted' }, turn) : state;

/** Recovery comes up last: whoever of the desk dies from now on takes it down too, and while they
 * wait for their restart, no instant may end unseen. */
const watchDesk = (state: ConnectionState, { context, deps }: ConnectionTurn): ConnectionState => {
  state.unwatchDesk();
  const { guard, executor, recovery } = deps.paths;
  const watches = [guard, executor, recovery].map((path) =>
    context.monitor(context.ref(path), () => ({ type: 'reconciliation.wanted' })),
  );
  return {
    ...state,
    unwatchDesk: () => {
      for (const unwatch of watches) unwatch();
    },
  };
};

const confirmInstant = (
  state: ConnectionState,
  message: Extract<ConnectionMessage, { type: 'instant.settled' }>,
  turn: ConnectionTurn,
): ConnectionState => {
  if (message.session !== state.session?.id) return state;
  if (isFree(state)) return instantOver(state, turn);
  // A strategy that was restarted gets its history before the market moves on.
  if (!state.chart.hasTag('mayTrade') || !nothingIsAwaited(state)) {
    return { ...state, heldInstant: message.clockSeq };
  }
  const body = {
    kind: 'clock.done',
    clockSeq: message.clockSeq,
    wakeAtMs: turn.options.pump.clock.nextDueAt() ?? null,
    equityAtOrBelow: state.floors?.equityAtOrBelow ?? null,
  } as const;
  const { progress } = state;
  const ended = progress.endSeq !== null && progress.endSeq <= message.clockSeq;
  const session = { ...state.session, doneSeq: message.clockSeq };
  const next = {
    ...state,
    session,
    heldInstant: null,
    settling: false,
    progress: { ...progress, ended },
  };
  return sendBody(next, body, turn).state;
};

const armed = (
  state: ConnectionState,
  message: Extract<ConnectionMessage, { type: 'floors.moved' }>,
  turn: ConnectionTurn,
): ConnectionState =>
  state.chart.hasTag('claimed') ? sendBody(state, message.guard, turn).state : state;

const beat = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const { deps, options, context } = turn;
  context.after(options.heartbeatMs, { type: 'heartbeat.due' }, { clock: deps.wall });
  const heartbeat = { kind: 'runtime.heartbeat', leaseMs: options.leaseMs } as const;
  const standbys = new Map(state.standbys);
  for (const [identity, session] of standbys) {
    standbys.set(identity, sendIn(session, heartbeat, { ...turn, gateway: state.gateway }).session);
  }
  if (!state.chart.hasTag('claimed')) return { ...state, standbys };
  return sendBody({ ...state, standbys }, heartbeat, turn).state;
};
