import type { Instrument } from '../domain/instrument.ts';
import type { Bar, Timeframe } from '../domain/market.ts';
import type { StrategyKey } from '../domain/trading.ts';
import type { EpochMs } from '../domain/units.ts';
import type { DeskDeps } from './desk.ts';
import { StrategyBehind } from './errors.ts';
import type {
  EngineAnswer,
  EngineRequest,
  Holdings,
  StrategySource,
} from './isolation/engine-protocol.ts';
import type { StrategyFault } from './isolation/errors.ts';
import type { Isolation, StrategyEngine } from './isolation/isolation.ts';
import { ISOLATION_LIMITS } from './isolation/isolation-limits.ts';
import type { ActorContext, Behaviour } from './kernel/types.ts';
import type {
  ConnectionMessage,
  GuardMessage,
  RecoveryMessage,
  SignalRaised,
  StrategyMessage,
} from './messages.ts';

/**
 * One strategy on one symbol: the actor in front of its engine. It hands ticks to the engine, which
 * may live in another thread, and what the engine decides to the guard. Its requests are tasks, so
 * an instant of the session is not over before they are answered, and a strategy that does not
 * answer holds the market up to its deadline and no longer. After every start and every
 * reconciliation the engine is rebuilt from the terminal's history with its signals muted, so a
 * crash costs at most the signals of the instants until it is back.
 */
export interface StrategyOptions {
  readonly key: StrategyKey;
  readonly source: StrategySource;
  readonly timeframe: Timeframe;
  readonly params: object;
  /** Zone of the server, by which bars align. */
  readonly serverTz: string;
  /** The session stops at every tick of the symbol. */
  readonly wakeOnTick: boolean;
}
type Phase = 'opening' | 'waiting' | 'warming' | 'trading';

export interface StrategyState {
  readonly phase: Phase;
  /** The engine has been asked and has not answered: everything else waits in `queue`. */
  readonly busy: boolean;
  readonly queue: readonly Queued[];
  readonly warmupBars: number;
  readonly instrument: Instrument | null;
  readonly holdings: Holdings;
  /** The engine knows of them. */
  readonly holdingsTold: boolean;
  /** What the engine is deciding on; its signals are dropped when it comes too late for them. */
  readonly deciding: { readonly at: EpochMs; readonly muted: boolean } | null;
  /** Decided at this instant, and told to the guard when all strategies have decided. */
  readonly held: readonly SignalRaised[];
  readonly bars: number;
  readonly signals: number;
  readonly warmupMissing: number;
  /** Session time up to which history was asked for: later ticks are news. */
  readonly primedTo: EpochMs;
}
interface Queued {
  readonly message: StrategyMessage;
  /** It came while the strategy was not trading yet: its instant is over. */
  readonly muted: boolean;
}
/** History asked for beyond the warm-up, so that a gap in it does not leave the strategy cold. */
const HISTORY_MARGIN_BARS = 10;

export const strategyHost = (
  deps: DeskDeps,
  options: StrategyOptions,
  isolation: Isolation,
): Behaviour<StrategyMessage, StrategyState> => {
  // One engine per incarnation: it belongs to this actor's state and to nobody else.
  let engine: StrategyEngine | undefined;
  const hostOf = (context: ActorContext<StrategyMessage>, open: StrategyEngine): Host =>
    new Host(deps, options, context, open);
  return {
    init: (context) => {
      const { incarnation, self } = context;
      const { key, source, timeframe, params, serverTz } = options;
      const { id: strategyId, symbol } = key;
      const spec = { strategyId, source, symbol, timeframe, params, serverTz };
      const lost = (fault: StrategyFault): void =>
        self.send({ type: 'engine.lost', incarnation, fault });
      engine = isolation.engine(spec, lost);
      return hostOf(context, engine).begin();
    },
    receive: (state, message, context) => {
      if (engine === undefined) throw new Error('a strategy was told something before its birth');
      return hostOf(context, engine).receive(state, message);
    },
    terminate: async () => {
      await engine?.close();
    },
    summary: (state) => ({
      phase: state.phase,
      busy: state.busy,
      timeframe: options.timeframe,
      bars: state.bars,
      signals: state.signals,
      warmupMissing: state.warmupMissing,
      positions: state.holdings.positions.length,
      orders: state.holdings.orders.length,
    }),
  };
};

/** One message's work. */
class Host {
  readonly #deps: DeskDeps;
  readonly #options: StrategyOptions;
  readonly #context: ActorContext<StrategyMessage>;
  readonly #engine: StrategyEngine;

  constructor(
    deps: DeskDeps,
    options: StrategyOptions,
    context: ActorContext<StrategyMessage>,
    engine: StrategyEngine,
  ) {
    this.#deps = deps;
    this.#options = options;
    this.#context = context;
    this.#engine = engine;
  }

  begin(): StrategyState {
    const { path } = this.#context;
    this.#context
      .ref<GuardMessage>(this.#deps.paths.guard)
      .send({ type: 'positions.wanted', path });
    this.#await('open', this.#engine.open, (warmupBars) => ({ type: 'engine.opened', warmupBars }));
    return {
      phase: 'opening',
      busy: true,
      queue: [],
      warmupBars: 0,
      instrument: null,
      holdings: { positions: [], orders: [] },
      holdingsTold: false,
      deciding: null,
      held: [],
      bars: 0,
      signals: 0,
      warmupMissing: 0,
      primedTo: this.#context.now(),
    };
  }

  receive(state: StrategyState, message: StrategyMessage): StrategyState {
    switch (message.type) {
      case 'engine.opened':
        return this.#drain(this.#opened(state, message.warmupBars));
      case 'engine.answered':
        return this.#drain(this.#answered(state, message.answer));
      case 'engine.lost':
        if (message.incarnation === this.#context.incarnation) this.#crash(message.fault);
        return state;
      default:
        return this.#mustWait(state, message)
          ? this.#enqueue(state, message)
          : this.#handle(state, message, false);
    }
  }

  /** Nothing overtakes a request; and ticks wait for the history that they continue. */
  #mustWait(state: StrategyState, message: StrategyMessage): boolean {
    return state.busy || (state.phase === 'warming' && message.type === 'market.ticks');
  }

  #enqueue(state: StrategyState, message: StrategyMessage): StrategyState {
    if (state.queue.length >= ISOLATION_LIMITS.queuedMessages) {
      throw new StrategyBehind({ waiting: state.queue.length });
    }
    const queued = { message, muted: state.phase !== 'trading' };
    return { ...state, queue: [...state.queue, queued] };
  }

  #drain(state: StrategyState): StrategyState {
    let next = state;
    while (!next.busy) {
      const [first, ...queue] = next.queue;
      if (first === undefined || (next.phase === 'warming' && isTicks(first))) break;
      next = this.#handle({ ...next, queue }, first.message, first.muted);
    }
    return next;
  }

  #handle(state: StrategyState, message: StrategyMessage, muted: boolean): StrategyState {
    switch (message.type) {
      case 'market.ready':
        return this.#loadHistory({ ...state, instrument: message.instrument });
      case 'history.failed':
        // The link is gone; the next reconciliation says `market.ready` again.
        return { ...state, phase: 'waiting', queue: state.queue.filter((item) => !isTicks(item)) };
      case 'history.loaded':
        return this.#warmUp({ ...state, primedTo: message.upTo ?? state.primedTo }, message.bars);
      case 'holdings.changed': {
        const { positions, orders } = message;
        return { ...state, holdings: { positions, orders }, holdingsTold: false };
      }
      case 'market.ticks':
        return state.phase === 'trading' ? this.#feed(state, message, muted) : state;
      case 'decisions.due':
        return this.#release(state);
      case 'engine.opened':
      case 'engine.answered':
      case 'engine.lost':
        return this.receive(state, message);
    }
  }

  #opened(state: StrategyState, warmupBars: number): StrategyState {
    const { path } = this.#context;
    this.#context.ref<RecoveryMessage>(this.#deps.paths.recovery).send({
      type: 'strategy.attached',
      path,
      symbol: this.#options.key.symbol,
    });
    return { ...state, phase: 'waiting', busy: false, warmupBars };
  }

  #loadHistory(state: StrategyState): StrategyState {
    const { timeframe, key } = this.#options;
    const to = this.#context.now();
    this.#context.ref<ConnectionMessage>(this.#deps.paths.connection).send({
      type: 'history.load',
      replyTo: this.#context.path,
      symbol: key.symbol,
      timeframe,
      count: state.warmupBars + HISTORY_MARGIN_BARS,
      to,
    });
    // Ticks that came before are part of the history that was asked for.
    const queue = state.queue.filter((item) => !isTicks(item));
    return { ...state, phase: 'warming', primedTo: to, queue };
  }

  #warmUp(state: StrategyState, bars: readonly Bar[]): StrategyState {
    const { instrument, holdings, primedTo: includedUpTo } = state;
    if (instrument === null) return state;
    const now = this.#context.now();
    return this.#ask(
      { ...state, phase: 'warming', holdingsTold: true },
      { type: 'warm', instrument, holdings, now, bars, includedUpTo },
    );
  }

  #feed(
    state: StrategyState,
    message: Extract<StrategyMessage, { type: 'market.ticks' }>,
    muted: boolean,
  ): StrategyState {
    const { ticks, at } = message;
    const holdings = state.holdingsTold ? null : state.holdings;
    return this.#ask(
      { ...state, holdingsTold: true, deciding: { at, muted } },
      { type: 'feed', ticks, at, holdings },
    );
  }

  #answered(state: StrategyState, answer: EngineAnswer): StrategyState {
    const idle = { ...state, busy: false, deciding: null, warmupMissing: answer.warmupMissing };
    if (answer.type === 'warmed') return { ...idle, phase: 'trading' };
    const counted = { ...idle, bars: state.bars + answer.bars };
    const { deciding } = state;
    if (deciding === null || deciding.muted) return counted;
    const { key: strategy } = this.#options;
    const raised = answer.signals.map(
      ({ barAt, signal }): SignalRaised => ({
        type: 'signal.raised',
        strategy,
        barAt,
        at: deciding.at,
        signal,
      }),
    );
    const signals = state.signals + raised.length;
    return { ...counted, signals, held: [...state.held, ...raised] };
  }

  #release(state: StrategyState): StrategyState {
    if (state.held.length === 0) return state;
    const guard = this.#context.ref<GuardMessage>(this.#deps.paths.guard);
    for (const raised of state.held) guard.send(raised);
    return { ...state, held: [] };
  }

  #ask(state: StrategyState, request: EngineRequest): StrategyState {
    this.#await(
      request.type,
      () => this.#engine.ask(request),
      (answer) => ({ type: 'engine.answered', answer }),
    );
    return { ...state, busy: true };
  }

  /** A failed request is this actor's crash, and no message's fault. */
  #await<T>(name: string, run: () => Promise<T>, done: (value: T) => StrategyMessage): void {
    this.#context.task(name, run, (result) => {
      if (!result.ok) throw result.error;
      return done(result.value);
    });
  }

  #crash(fault: StrategyFault): void {
    this.#await(
      'lost',
      () => Promise.reject(fault),
      (never) => never,
    );
  }
}

const isTicks = ({ message }: Queued): boolean => message.type === 'market.ticks';
