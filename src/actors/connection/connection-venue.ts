import { TRADE_SWITCHES, type TradeSwitch } from '../../mt5/trade-switches.ts';
import { observeVenue, VENUE_CLOCK, venueNow, zoneErrorMs } from '../../mt5/venue-clock.ts';
import type { EaFrame, EaMessageOf, Envelope } from '../../mt5/wire/messages.ts';
import type { GuardMessage } from '../messages.ts';
import type { ConnectionState, ConnectionTurn } from './connection-state.ts';

/**
 * What the terminal says about itself that forbids new risk: switches, its own connection, a clock
 * that cannot be trusted, a feed that stands still. Each is a hold of the guard for as long as it
 * lasts, in words that tell a person what to do.
 */
const HOUR = 3_600_000;

/** Takes a frame's stamps into the measurement of the venue's clock; `hello` is the frame's own or
 * that of its session. */
export const observeStamps = (
  state: ConnectionState,
  { envelope }: EaFrame,
  hello: EaMessageOf<'hello'>,
  turn: ConnectionTurn,
): ConnectionState => {
  if (hello.clock !== null) return state;
  const { zone, stopwatch } = turn.options;
  const utcMs = utcOf(envelope.ts, hello.timeBase, zone.toUtc);
  const sample = { utcMs, monoMs: envelope.ts.mono, seenAtMs: stopwatch.elapsedMs() };
  const venue = observeVenue(state.venue, sample);
  return withConditions({ ...state, venue }, CLOCK, clockConditions(venue, envelope, turn), turn);
};

const utcOf = (
  ts: Envelope['ts'],
  timeBase: 'utc' | 'server',
  toUtc: (serverMs: number) => number,
): number => (timeBase === 'utc' ? ts.msc : toUtc(ts.server ?? ts.msc));

const clockConditions = (
  venue: NonNullable<ConnectionState['venue']>,
  { ts }: Envelope,
  { options }: ConnectionTurn,
): readonly string[] => {
  const found: string[] = [];
  if (venue.strays > 0) {
    const seconds = Math.round(venue.skewMs / 1000);
    found.push(`${CLOCK}the server's time jumped by ${seconds} s; waiting whether it stays`);
  }
  const { pump, stopwatch } = options;
  const aheadMs = pump.clock.now() - venueNow(venue, stopwatch.elapsedMs());
  if (aheadMs > VENUE_CLOCK.skewMs) {
    const seconds = Math.round(aheadMs / 1000);
    found.push(`${CLOCK}session time is ${seconds} s ahead of the server and stands still`);
  }
  const error = zoneErrorMs(ts, options.zone.toServer);
  if (error !== 0) {
    const hours = error / HOUR;
    found.push(
      `${CLOCK}the server is ${hours} h off market.serverTz "${options.zone.name}": ` +
        "correct it, or the terminal PC's clock",
    );
  }
  return found;
};

const CLOCK = 'clock: ';
const SWITCH = 'terminal: ';
const FEED = 'data: ';

const switchConditions = (
  said: Pick<EaMessageOf<'hello'>, 'switches' | 'connected'>,
): readonly string[] => {
  const off = (Object.keys(TRADE_SWITCHES) as TradeSwitch[]).filter((name) => !said.switches[name]);
  return [
    ...off.map((name) => `${SWITCH}${TRADE_SWITCHES[name]}`),
    ...(said.connected ? [] : [`${SWITCH}it has lost its trade server`]),
  ];
};

/** A new session: what it says of its switches. */
export const conditionsOfHello = (
  state: ConnectionState,
  hello: EaMessageOf<'hello'>,
  turn: ConnectionTurn,
): ConnectionState => withConditions(state, SWITCH, switchConditions(hello), turn);

export const conditionsOfHeartbeat = (
  state: ConnectionState,
  heartbeat: EaMessageOf<'ea.heartbeat'>,
  turn: ConnectionTurn,
): ConnectionState => {
  const switched = withConditions(
    { ...state, heartbeat },
    SWITCH,
    switchConditions(heartbeat),
    turn,
  );
  // A clock master's market stands still whenever we do: that says nothing about a feed.
  if (state.session?.hello.clock !== null) return switched;
  const stale = staleSymbols(switched, turn);
  const synchronised = heartbeat.synchronised ? [] : [`${FEED}symbols are not synchronised yet`];
  const stopped = stale.length > 0 ? [`${FEED}no fresh quotes of ${stale.join(', ')}`] : [];
  return withConditions(switched, FEED, [...synchronised, ...stopped], turn);
};

/** Subscribed symbols in their session whose last tick is too old; all of them, or none: a single
 * quiet symbol is refused by its own quote's age. */
export const staleSymbols = (state: ConnectionState, turn: ConnectionTurn): readonly string[] => {
  const { subscriptions, isOpen, health, pump } = turn.options;
  const ages = state.heartbeat?.lastTickAgeMs ?? {};
  const now = pump.clock.now();
  const open = subscriptions
    .map(({ symbol }) => symbol)
    .filter((symbol) => {
      const instrument = state.instruments.get(symbol);
      return instrument !== undefined && isOpen(instrument, now);
    });
  const stale = open.filter(
    (symbol) => (ages[symbol] ?? Number.POSITIVE_INFINITY) > health.staleMs,
  );
  return stale.length === open.length ? stale : [];
};

/** Replaces the conditions of one sort; the guard and the log are told of the difference. */
const withConditions = (
  state: ConnectionState,
  sort: string,
  found: readonly string[],
  turn: ConnectionTurn,
): ConnectionState => {
  const before = [...state.conditions].filter((condition) => condition.startsWith(sort));
  const raised = found.filter((condition) => !state.conditions.has(condition));
  const cleared = before.filter((condition) => !found.includes(condition));
  if (raised.length + cleared.length === 0) return state;
  const { context, deps, options } = turn;
  const guard = context.ref<GuardMessage>(deps.paths.guard);
  for (const condition of raised) {
    guard.send({ type: 'condition.raised', condition });
    options.onEvent({ code: 'link.held', detail: condition, severity: 'warning' });
  }
  for (const condition of cleared) {
    guard.send({ type: 'condition.cleared', condition });
    options.onEvent({ code: 'link.released', detail: condition, severity: 'info' });
  }
  const kept = [...state.conditions].filter((condition) => !cleared.includes(condition));
  return { ...state, conditions: new Set([...kept, ...raised]) };
};

/** A guard that was born since does not know of them. */
export const tellConditions = (state: ConnectionState, turn: ConnectionTurn): ConnectionState => {
  const guard = turn.context.ref<GuardMessage>(turn.deps.paths.guard);
  for (const condition of state.conditions) guard.send({ type: 'condition.raised', condition });
  return state;
};

export const venueSummary = ({ venue }: ConnectionState) =>
  venue === null
    ? null
    : { offsetMs: venue.offsetMs, skewMs: venue.skewMs, bound: VENUE_CLOCK.skewMs };
