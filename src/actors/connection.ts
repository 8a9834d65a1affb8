import type { LinkEvent } from '../machines/link.machine.ts';
import { linkMachine } from '../machines/link.machine.ts';
import { openGateway } from '../mt5/gateway.ts';
import { acceptHello, receiveFrame, releaseAdvance } from './connection-frames.ts';
import { moveLink, sendBody } from './connection-link.ts';
import type { ConnectionOptions, ConnectionState, ConnectionTurn } from './connection-state.ts';
import type { DeskDeps } from './desk.ts';
import { openChart } from './drive-chart.ts';
import { statesOf } from './kernel/chart-states.ts';
import type { Behaviour } from './kernel/types.ts';
import type { ConnectionMessage, ExecutorMessage } from './messages.ts';

/**
 * The link to one account's terminal. It speaks BWP/1, decides with the link chart how far the
 * session can be believed, turns frames into facts for its siblings, and moves the session clock.
 * It decides about no order.
 */
export const connection = (
  deps: DeskDeps,
  options: ConnectionOptions,
): Behaviour<ConnectionMessage, ConnectionState> => ({
  init: async (context) => {
    const gateway = await openGateway({
      host: options.host,
      port: options.port,
      clock: deps.wall,
      defer: options.defer,
      onFrame: (identity, frame) => context.self.send({ type: 'frame.received', identity, frame }),
      onDisconnected: (identity) => context.self.send({ type: 'peer.disconnected', identity }),
      onMalformed: (identity, info) =>
        options.onEvent({
          code: 'link.malformed',
          detail: `${identity}: ${JSON.stringify(info)}`,
          severity: 'warning',
        }),
      onFault: (error) =>
        options.onEvent({ code: 'link.fault', detail: String(error), severity: 'warning' }),
    });
    options.onListening(gateway.endpoint);
    context.after(options.heartbeatMs, { type: 'heartbeat.due' }, { clock: deps.wall });
    return {
      gateway,
      chart: openChart(linkMachine, { jitterSeed: options.jitterSeed, limits: options.limits }),
      session: null,
      arriving: null,
      waiting: null,
      instruments: new Map(),
      facts: [],
      settling: false,
      assembly: null,
      histories: new Map(),
      queries: new Map(),
      floors: null,
      heldInstant: null,
      heldAdvance: null,
      unwatchDesk: () => undefined,
      progress: { barsTotal: 0, ticksTotal: 0, atMs: 0, endMs: null, endSeq: null, ended: false },
    };
  },
  receive: (state, message, context) =>
    admitWaiting(receive(state, message, { deps, options, context }), { deps, options, context }),
  terminate: async (state, reason) => {
    if (state.session !== null) {
      const turn = { deps, options };
      const detail = reason.type === 'crash' ? 'restart' : 'shutdown';
      sendBody(state, { kind: 'goodbye', reason: detail }, turn);
    }
    await state.gateway.close();
  },
  summary: (state) => ({
    state: linkState(state),
    charts: { link: statesOf(state.chart) },
    identity: state.session?.identity ?? null,
    epoch: state.session?.epoch ?? 0,
    endpoint: state.gateway.endpoint,
    progress: state.progress,
  }),
});

/** The chart's value as a path: `live.beating`. */
const linkState = (state: ConnectionState): string => {
  const { value } = state.chart;
  return typeof value === 'string' ? value : Object.entries(value).flat().join('.');
};

const receive = (
  state: ConnectionState,
  message: ConnectionMessage,
  turn: ConnectionTurn,
): ConnectionState => {
  const { deps, context } = turn;
  switch (message.type) {
    case 'frame.received':
      return receiveFrame(state, message.identity, message.frame, turn);
    case 'peer.disconnected':
      return message.identity === state.session?.identity
        ? moveLink(state, { type: 'peer.disconnected' }, turn)
        : state;
    case 'command.send':
      return sendCommand(state, message, turn);
    case 'command.stuck':
      context.ref<ExecutorMessage>(deps.paths.executor).send({
        type: 'attempt.unsent',
        intentId: message.intentId,
        attempt: message.attempt,
      });
      return state;
    case 'recovery.completed':
      return moveLink(state, { type: 'recovery.completed' }, turn);
    case 'recovery.attached':
      return reconcileAgain(watchDesk(state, turn), turn);
    case 'reconciliation.wanted':
      return reconcileAgain(state, turn);
    case 'instant.settled':
      return confirmInstant(state, message, turn);
    case 'advance.released':
      return releaseAdvance(state, turn);
    case 'pump.failed':
      throw new Error(message.reason);
    case 'epoch.notDurable':
      throw new Error(`the claimed epoch could not be recorded: ${message.reason}`);
    case 'floors.moved':
      return { ...armed(state, message, turn), floors: message };
    case 'heartbeat.due':
      return beat(state, turn);
    case 'chart.delayed':
      return moveLink(state, message.event as LinkEvent, turn);
    case 'snapshot.take':
    case 'evidence.seek':
    case 'history.load':
      return request(state, message, turn);
    case 'command.left':
    case 'epoch.durable':
      return state;
  }
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

/** A terminal that knocked during the back-off is heard as soon as the chart listens again. */
const admitWaiting = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  if (state.waiting === null || state.chart.value !== 'listening') return state;
  const { identity, frame } = state.waiting;
  return acceptHello({ ...state, waiting: null }, identity, frame, turn);
};

const sendCommand = (
  state: ConnectionState,
  message: Extract<ConnectionMessage, { type: 'command.send' }>,
  turn: ConnectionTurn,
): ConnectionState => {
  const { body, intentId, attempt, risk } = message;
  const stuck: ConnectionMessage = { type: 'command.stuck', intentId, attempt };
  const increases = risk === 'increasing';
  // The last gate before the wire.
  const stopped = increases && turn.deps.brake.engaged();
  if (stopped || !state.chart.hasTag(increases ? 'mayTrade' : 'claimed')) {
    turn.context.self.send(stuck);
    return state;
  }
  const { state: next, sent } = sendBody(state, body, turn);
  turn.context.task(
    'send',
    () => sent,
    (result): ConnectionMessage =>
      result.ok && result.value === 'ok' ? { type: 'command.left' } : stuck,
  );
  return next;
};

const request = (
  state: ConnectionState,
  message: Extract<ConnectionMessage, { type: 'snapshot.take' | 'evidence.seek' | 'history.load' }>,
  turn: ConnectionTurn,
): ConnectionState => {
  if (!state.chart.hasTag('claimed')) return state;
  const id = turn.options.newId();
  switch (message.type) {
    case 'snapshot.take': {
      const historyFromMs = message.historyFrom;
      const body = { kind: 'snapshot.request', snapshotId: id, historyFromMs } as const;
      return sendBody({ ...state, assembly: null }, body, turn, { id }).state;
    }
    case 'evidence.seek': {
      const { intentId, attempt, magic, from } = message;
      const queries = new Map(state.queries).set(id, { intentId, attempt });
      const what = { what: 'attempt', intent: intentId, attempt, magic, symbols: [] } as const;
      const body = { kind: 'query', ...what, fromMs: from } as const;
      return sendBody({ ...state, queries }, body, turn, { id }).state;
    }
    case 'history.load': {
      const { replyTo, symbol, timeframe, count, to } = message;
      const histories = new Map(state.histories);
      histories.set(id, { replyTo, symbol, timeframe, bars: [] });
      const newest = { symbol, timeframe, count, fromMs: null, toMs: to } as const;
      const body = { kind: 'history.request', ...newest } as const;
      return sendBody({ ...state, histories }, body, turn, { id }).state;
    }
  }
};

const confirmInstant = (
  state: ConnectionState,
  message: Extract<ConnectionMessage, { type: 'instant.settled' }>,
  turn: ConnectionTurn,
): ConnectionState => {
  if (message.session !== state.session?.id) return state;
  // A strategy that was restarted gets its history before the market moves on.
  if (!state.chart.hasTag('mayTrade') || state.histories.size > 0) {
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
  const next = { ...state, heldInstant: null, settling: false, progress: { ...progress, ended } };
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
  if (!state.chart.hasTag('claimed')) return state;
  return sendBody(state, { kind: 'runtime.heartbeat', leaseMs: options.leaseMs }, turn).state;
};
