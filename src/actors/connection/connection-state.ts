import type { Instrument } from '../../domain/instrument.ts';
import type { Bar, Timeframe } from '../../domain/market.ts';
import type { Stopwatch } from '../../domain/ports.ts';
import type { EpochMs } from '../../domain/units.ts';
import type { BreakerLimits, breakerMachine } from '../../machines/breaker.machine.ts';
import type { LinkLimits, linkMachine } from '../../machines/link.machine.ts';
import type { Gateway, GatewayOptions, openGateway } from '../../mt5/gateway.ts';
import type { VenueClock } from '../../mt5/venue-clock.ts';
import type { ServerZone } from '../../mt5/venue-time.ts';
import type { EaFrame, EaMessageOf, RuntimeMessageOf } from '../../mt5/wire/messages.ts';
import type { SnapshotAssembly } from '../../mt5/wire/snapshot-parts.ts';
import type { ClockPump } from '../clock-pump.ts';
import type { DeskDeps } from '../desk.ts';
import type { openChart } from '../drive-chart.ts';
import type { ActorContext } from '../kernel/types.ts';
import type { ConnectionMessage } from '../messages.ts';
import type { CalendarRead } from './connection-calendar.ts';
import type { HealthReport } from './connection-health.ts';
import type { Session } from './connection-session.ts';

/** What a connection is told at its birth. */
export interface ConnectionOptions {
  readonly login: string;
  readonly server: string;
  /** Tokens of which a hello must present one; none: a hello needs no token. */
  readonly tokens: readonly string[];
  readonly instanceId: string;
  /** It looks on and changes nothing: it never asks for the account, and only questions leave. */
  readonly looksOnly?: boolean;
  readonly host: string;
  readonly port: number;
  /** Keys of the link, null on a loopback address without them. */
  readonly curve: GatewayOptions['curve'] | null;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly limits: LinkLimits;
  /** Pause before a peer that was refused is heard again; doubles with every refusal. */
  readonly authBackoff: { readonly initialMs: number; readonly maxMs: number };
  readonly breaker: BreakerLimits & {
    /** Wall time in which a command must be acknowledged. */
    readonly replyMs: number;
  };
  readonly health: HealthOptions;
  /** The trade server's zone, for terminals that say its time. */
  readonly zone: ServerZone;
  readonly isOpen: (instrument: Instrument, at: EpochMs) => boolean;
  readonly takeover: Takeover;
  readonly jitterSeed: number;
  /** The guard goes by the terminal's economic calendar. */
  readonly readsCalendar: boolean;
  readonly subscriptions: RuntimeMessageOf<'subscribe'>['symbols'];
  readonly pump: ClockPump;
  readonly openGateway: typeof openGateway;
  readonly stopwatch: Stopwatch;
  readonly defer: GatewayOptions['defer'];
  /** New ids of sessions and messages; they never reach a journalled decision. */
  readonly newId: () => string;
  /** The port is open: this is where a terminal dials. */
  readonly onListening: (endpoint: string) => void;
  readonly onEvent: (event: LinkNotice) => void;
}
/** Wall milliseconds. */
export interface HealthOptions {
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** A symbol whose last tick is older than this, in its session, has no data feed. */
  readonly staleMs: number;
}
/** The operator's token, shown with every claim until one is granted, and never again in this run:
 * a controller that is overtaken later must not take the account back by itself. */
export interface Takeover {
  readonly token: () => string | null;
  readonly spent: () => void;
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
  readonly breaker: ReturnType<typeof openChart<typeof breakerMachine>>;
  readonly session: Session | null;
  /** The session that a hello opened and the chart has not taken over yet. */
  readonly arriving: Session | null;
  /** A hello that came while the chart was backing off; answered when it listens again. */
  readonly waiting: { readonly identity: string; readonly frame: EaFrame } | null;
  /** Other instances of the account, welcomed to wait, by identity. */
  readonly standbys: ReadonlyMap<string, Session>;
  /** Peers whose hello was refused, oldest first: how often, and until when they are not heard. */
  readonly refused: ReadonlyMap<string, { readonly count: number; readonly untilMs: number }>;
  readonly instruments: ReadonlyMap<string, Instrument>;
  /** Results and trades of an instant whose `clock.advance` has not come yet. */
  readonly facts: readonly EaFrame[];
  /** An instant is being worked through: what the terminal shows is ahead of what everybody knows. */
  readonly settling: boolean;
  readonly assembly: SnapshotAssembly | null;
  /** Requests under way, by message id. Bounded by the strategies and the orders in doubt. */
  readonly histories: ReadonlyMap<string, HistoryRequest>;
  readonly queries: ReadonlyMap<string, PendingQuery>;
  /** The calendar that is being read. */
  readonly calendar: CalendarRead | null;
  /** Commands that are not over, as intent/attempt. */
  readonly commands: ReadonlySet<string>;
  readonly floors: Extract<ConnectionMessage, { type: 'floors.moved' }> | null;
  /** An advance that was on its way when the market had to stand still: done when it moves again. */
  readonly heldAdvance: EaFrame | null;
  /** Ends the watch over those whose death makes the market stand still. */
  readonly unwatchDesk: () => void;
  /** An instant that was settled while the link was not live: confirmed when it is again. */
  readonly heldInstant: number | null;
  readonly progress: MarketProgress;
  readonly free: FreeRun;
  readonly venue: VenueClock | null;
  /** What keeps the account from trading by the terminal's own words; the guard knows of each. */
  readonly conditions: ReadonlySet<string>;
  readonly heartbeat: EaMessageOf<'ea.heartbeat'> | null;
  readonly health: HealthReport | null;
  /** The guard's last word on opening risk. */
  readonly mayOpen: boolean;
}
/** The session of a terminal that runs freely: what it sent and nobody has worked through yet. */
export interface FreeRun {
  readonly running: boolean;
  /** Ticks, results and trades in the order of their arrival. */
  readonly queue: readonly EaFrame[];
  /** The latest tick of each symbol that has arrived. */
  readonly lastTickAt: ReadonlyMap<string, EpochMs>;
}
export const NO_FREE_RUN: FreeRun = { running: false, queue: [], lastTickAt: new Map() };

export interface HistoryRequest {
  readonly replyTo: string;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly bars: readonly Bar[];
}
export type PendingQuery = { readonly parts: readonly EaMessageOf<'query.reply'>[] } & (
  | { readonly about: 'attempt'; readonly intentId: string; readonly attempt: number }
  /** `sentAtMs` on the stopwatch. */
  | { readonly about: 'health'; readonly sentAtMs: number }
  | { readonly about: 'symbols' }
);

/** What every part of the connection works with in one turn. */
export interface ConnectionTurn {
  readonly deps: DeskDeps;
  readonly options: ConnectionOptions;
  readonly context: ActorContext<ConnectionMessage>;
}
