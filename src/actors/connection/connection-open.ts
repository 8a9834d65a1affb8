import { breakerMachine } from '../../machines/breaker.machine.ts';
import { linkMachine } from '../../machines/link.machine.ts';
import type { Gateway, openGateway } from '../../mt5/gateway.ts';
import type { DeskDeps } from '../desk.ts';
import { openChart } from '../drive-chart.ts';
import type { ActorContext } from '../kernel/types.ts';
import type { ConnectionMessage } from '../messages.ts';
import {
  type ConnectionOptions,
  type ConnectionState,
  type LinkNotice,
  NO_FREE_RUN,
} from './connection-state.ts';

/** Opens the port. Whatever comes in becomes a message of the actor, or a notice. */
export const listen = (
  deps: DeskDeps,
  options: ConnectionOptions,
  { self }: ActorContext<ConnectionMessage>,
): Promise<Gateway> => {
  const warn = (notice: Pick<LinkNotice, 'code' | 'detail'>): void =>
    options.onEvent({ ...notice, severity: 'warning' });
  return options.openGateway({
    host: options.host,
    port: options.port,
    clock: deps.wall,
    defer: options.defer,
    ...(options.curve === null || options.curve === undefined ? {} : { curve: options.curve }),
    onFrame: (identity, frame) => self.send({ type: 'frame.received', identity, frame }),
    onDisconnected: (identity) => self.send({ type: 'peer.disconnected', identity }),
    onMalformed: (identity, info) => {
      const { error, detail, count, total } = info;
      const told = `${identity}: ${error}, ${detail} (${count} new, ${total} in all)`;
      warn({ code: 'link.malformed', detail: told });
    },
    onUnknownKind: (identity, { kind, id = null, session = '', seq = 0 }) =>
      self.send({ type: 'kind.unknown', identity, kind, id, session, seq }),
    onSocketEvent: (event) => {
      if (event.type !== 'handshakeFailed') return;
      warn({ code: 'link.handshakeFailed', detail: event.detail });
    },
    onFault: (error) => warn({ code: 'link.fault', detail: String(error) }),
  });
};

/**
 * The lives of one connection share a port. One that was killed has closed nothing, so the next one
 * closes it first; otherwise the port would be in use until the desk's restart budget is burnt.
 */
export const oneAtATime = (open: typeof openGateway): typeof openGateway => {
  let last: Promise<Gateway> | undefined;
  return (options) => {
    const before = last;
    const next = (async () => {
      // What never opened needs no closing.
      const gateway = await before?.catch(() => undefined);
      await gateway?.close();
      return open(options);
    })();
    last = next;
    return next;
  };
};

/** A connection that nobody has spoken to yet. */
export const unborn = (gateway: Gateway, options: ConnectionOptions): ConnectionState => ({
  gateway,
  chart: openChart(linkMachine, { jitterSeed: options.jitterSeed, limits: options.limits }),
  breaker: openChart(breakerMachine, options.breaker),
  session: null,
  arriving: null,
  waiting: null,
  standbys: new Map(),
  refused: new Map(),
  instruments: new Map(),
  facts: [],
  settling: false,
  assembly: null,
  histories: new Map(),
  calendar: null,
  queries: new Map(),
  commands: new Set(),
  floors: null,
  heldInstant: null,
  heldAdvance: null,
  unwatchDesk: () => undefined,
  progress: { barsTotal: 0, ticksTotal: 0, atMs: 0, endMs: null, endSeq: null, ended: false },
  free: NO_FREE_RUN,
  venue: null,
  conditions: new Set(),
  heartbeat: null,
  health: null,
  mayOpen: false,
});
