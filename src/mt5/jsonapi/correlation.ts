import type { JsonApiReply } from './replies.ts';

/**
 * Which replies belong to which request, for a peer whose replies name none. After every request a
 * barrier is sent: a request for ticks of a symbol that cannot exist. The EA does one thing after
 * the other and echoes that symbol, so whatever it sends between two echoes belongs to the request
 * between them, be it nothing, one reply or two. An echo that is missing was dropped (its queue holds
 * five messages): then the replies before the next one cannot be told apart and prove nothing.
 *
 * The barrier asks for TICK, never for bars: for a symbol without bars the EA indexes its array
 * with -1 and is removed from its chart by MetaTrader.
 */
export const BARRIER_PREFIX = 'bulwark-barrier-';
export const CORRELATION_LIMITS = {
  /** Requests whose echo is still awaited; beyond it nothing new is sent. */
  outstanding: 16,
  /** Replies kept for one request. */
  replies: 64,
} as const;

export interface Correlation {
  /** Numbers of barriers whose echo has not come, in the order in which they were sent. */
  readonly outstanding: readonly number[];
  /** Replies since the last echo. */
  readonly gathered: readonly JsonApiReply[];
  /** Some of them may belong to a request that is not among the outstanding ones. */
  readonly tainted: boolean;
}
/** At the start, and after a connection was lost: what comes may answer what somebody else asked. */
export const NO_CORRELATION: Correlation = { outstanding: [], gathered: [], tainted: true };

/** What an echo settled: this request's own replies, or the knowledge that they cannot be told. */
export interface Settled {
  readonly barrier: number;
  /** Null: they cannot be told from others. The outcome stays unknown. */
  readonly replies: readonly JsonApiReply[] | null;
}

export const barrierSymbol = (barrier: number): string => `${BARRIER_PREFIX}${barrier}`;

export const expectEcho = (state: Correlation, barrier: number): Correlation => ({
  ...state,
  outstanding: [...state.outstanding, barrier],
});

/** One message of the data port. */
export const correlate = (
  state: Correlation,
  reply: JsonApiReply,
): { readonly state: Correlation; readonly settled: readonly Settled[] } => {
  const barrier = barrierOf(reply);
  if (barrier === undefined) return { state: gather(state, reply), settled: [] };
  const place = state.outstanding.indexOf(barrier);
  // An echo of an earlier connection or process: work of its own may stand among ours.
  if (place === -1) {
    const tainted = state.outstanding.length > 0 || state.tainted;
    return { state: { ...state, gathered: [], tainted }, settled: [] };
  }
  const isNext = place === 0 && !state.tainted;
  const passed = state.outstanding.slice(0, place + 1);
  const settled = passed.map(
    (number): Settled => ({
      barrier: number,
      replies: isNext ? state.gathered : null,
    }),
  );
  const outstanding = state.outstanding.slice(place + 1);
  return { state: { outstanding, gathered: [], tainted: false }, settled };
};

const barrierOf = (reply: JsonApiReply): number | undefined => {
  if (reply.type !== 'data' || !reply.symbol.startsWith(BARRIER_PREFIX)) return undefined;
  const digits = reply.symbol.slice(BARRIER_PREFIX.length);
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
};

const gather = (state: Correlation, reply: JsonApiReply): Correlation =>
  state.gathered.length >= CORRELATION_LIMITS.replies
    ? { ...state, tainted: true }
    : { ...state, gathered: [...state.gathered, reply] };
