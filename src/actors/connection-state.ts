import type { Instrument } from '../domain/instrument.ts';
import type { Bar, Timeframe } from '../domain/market.ts';
import type { LinkLimits, linkMachine } from '../machines/link.machine.ts';
import type { Gateway, GatewayOptions } from '../mt5/gateway.ts';
import type { EaFrame, RuntimeMessageOf } from '../mt5/wire/messages.ts';
import type { SnapshotAssembly } from '../mt5/wire/snapshot-parts.ts';
import type { ClockPump } from './clock-pump.ts';
import type { Session } from './connection-session.ts';
import type { DeskDeps } from './desk.ts';
import type { openChart } from './drive-chart.ts';
import type { ActorContext } from './kernel/types.ts';
import type { ConnectionMessage } from './messages.ts';

/** What a connection is told at its birth. */
export interface ConnectionOptions {
  readonly login: string;
  readonly server: string;
  readonly token: string | null;
  readonly instanceId: string;
  readonly host: string;
  readonly port: number;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly limits: LinkLimits;
  readonly jitterSeed: number;
  readonly subscriptions: RuntimeMessageOf<'subscribe'>['symbols'];
  readonly pump: ClockPump;
  readonly defer: GatewayOptions['defer'];
  /** New ids of sessions and messages; they never reach a journalled decision. */
  readonly newId: () => string;
  /** The port is open: this is where a terminal dials. */
  readonly onListening: (endpoint: string) => void;
  readonly onEvent: (event: LinkNotice) => void;
}
export interface LinkNotice {
  readonly code: string;
  readonly detail: string;
  readonly severity: 'info' | 'warning' | 'error';
}

export interface MarketProgress {
  readonly barsTotal: number;
  readonly ticksTotal: number;
  readonly atMs: number;
  readonly endMs: number | null;
  /** The advance that brought the end of the data, and whether all of it is done. */
  readonly endSeq: number | null;
  readonly ended: boolean;
}
export interface ConnectionState {
  readonly gateway: Gateway;
  readonly chart: ReturnType<typeof openChart<typeof linkMachine>>;
  readonly session: Session | null;
  /** The session that a hello opened and the chart has not taken over yet. */
  readonly arriving: Session | null;
  /** A hello that came while the chart was backing off; answered when it listens again. */
  readonly waiting: { readonly identity: string; readonly frame: EaFrame } | null;
  readonly instruments: ReadonlyMap<string, Instrument>;
  /** Results and trades of an instant whose `clock.advance` has not come yet. */
  readonly facts: readonly EaFrame[];
  /** An instant is being worked through: what the terminal shows is ahead of what everybody knows. */
  readonly settling: boolean;
  readonly assembly: SnapshotAssembly | null;
  /** Requests under way, by message id. Bounded by the strategies and the orders in doubt. */
  readonly histories: ReadonlyMap<string, HistoryRequest>;
  readonly queries: ReadonlyMap<string, { readonly intentId: string; readonly attempt: number }>;
  readonly floors: Extract<ConnectionMessage, { type: 'floors.moved' }> | null;
  /** An advance that was on its way when the market had to stand still: done when it moves again. */
  readonly heldAdvance: EaFrame | null;
  /** Ends the watch over those whose death makes the market stand still. */
  readonly unwatchDesk: () => void;
  /** An instant that was settled while the link was not live: confirmed when it is again. */
  readonly heldInstant: number | null;
  readonly progress: MarketProgress;
}
export interface HistoryRequest {
  readonly replyTo: string;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly bars: readonly Bar[];
}

/** What every part of the connection works with in one turn. */
export interface ConnectionTurn {
  readonly deps: DeskDeps;
  readonly options: ConnectionOptions;
  readonly context: ActorContext<ConnectionMessage>;
}
