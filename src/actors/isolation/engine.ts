import type { Instrument } from '../../domain/instrument.ts';
import type { Bar, Tick } from '../../domain/market.ts';
import type { EpochMs } from '../../domain/units.ts';
import { alignIn } from '../../mt5/bar-align.ts';
import { parseServerTz } from '../../mt5/venue-time.ts';
import type { StrategyContext } from '../../strategy/api.ts';
import { type BarBuilder, createBarBuilder } from '../../strategy/bar-builder.ts';
import type { AnyStrategy } from '../../strategy/registry.ts';
import { decodeRequest } from './engine-codec.ts';
import type {
  EncodedRequest,
  EngineAnswer,
  EngineRequest,
  EngineSpec,
  Holdings,
  RaisedSignal,
} from './engine-protocol.ts';
import { ISOLATION_LIMITS } from './isolation-limits.ts';
import { type CheckedDecision, checkDecision } from './signal-shape.ts';

/**
 * A strategy with its memory and its bars: ticks in, signals out, and nothing else. It is the only
 * place where a user's code is called, and it is the same inline and in a worker. A throw leaves it
 * unusable; whoever holds it starts a new one.
 */
export interface Engine {
  /** Complete bars that the strategy wants before its first signal. */
  readonly warmupBars: number;
  readonly answer: (encoded: EncodedRequest) => EngineAnswer;
}

type Warm = Extract<EngineRequest, { type: 'warm' }>;
type Feed = Extract<EngineRequest, { type: 'feed' }>;

/** Throws what the user's code throws, and TypeError for an answer that is none. */
export const createEngine = (definition: AnyStrategy, spec: EngineSpec): Engine => {
  const zone = parseServerTz(spec.serverTz);
  if (!zone.ok) throw new Error(`${spec.serverTz}: ${zone.reason}`);
  const { symbol, timeframe } = spec;
  const builder = createBarBuilder({ symbol, timeframe, align: alignIn(zone.zone) });
  const run = new EngineRun(definition, spec, builder);
  return {
    warmupBars: warmupBarsOf(definition, spec),
    answer: (encoded) => {
      const request = decodeRequest(encoded, spec);
      return request.type === 'warm' ? run.warm(request) : run.feed(request);
    },
  };
};

/** Also asked here and not only when the file is loaded: parameters may change the answer. */
const warmupBarsOf = (definition: AnyStrategy, spec: EngineSpec): number => {
  const bars: unknown = definition.warmupBars(spec.params);
  const most = ISOLATION_LIMITS.warmupBars;
  if (typeof bars === 'number' && Number.isInteger(bars) && bars >= 0 && bars <= most) return bars;
  throw new TypeError(`warmupBars answered ${String(bars)}; expected a whole number up to ${most}`);
};

/** Says which call on what broke, and keeps the stack, which points into the user's code. */
const blaming = <T>(call: string, at: EpochMs, run: () => T): T => {
  try {
    return run();
  } catch (thrown) {
    const reason = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    const error = new Error(`${call} at ${new Date(at).toISOString()} threw ${reason}`);
    if (thrown instanceof Error && thrown.stack !== undefined) error.stack = thrown.stack;
    throw error;
  }
};

class EngineRun {
  readonly #definition: AnyStrategy;
  readonly #spec: EngineSpec;
  readonly #builder: BarBuilder;
  #instrument: Instrument | undefined;
  #holdings: Holdings = { positions: [], orders: [] };
  #memory: unknown;
  #warmupMissing = 0;
  #includedUpTo = Number.NEGATIVE_INFINITY;

  constructor(definition: AnyStrategy, spec: EngineSpec, builder: BarBuilder) {
    this.#definition = definition;
    this.#spec = spec;
    this.#builder = builder;
  }

  /** Replays history with the signals muted; what was decided then was decided then. */
  warm(request: Warm): EngineAnswer {
    const { bars, includedUpTo, now } = request;
    this.#instrument = request.instrument;
    this.#holdings = request.holdings;
    this.#includedUpTo = includedUpTo;
    const complete = this.#builder.prime(bars, includedUpTo);
    const context = this.#context(now);
    this.#memory = blaming('init', now, () => this.#definition.init(context));
    for (const bar of complete) this.#memory = this.#onBar(bar, bar.at).state;
    const wanted = this.#definition.warmupBars(this.#spec.params);
    this.#warmupMissing = Math.max(0, wanted - complete.length);
    return { type: 'warmed', warmupMissing: this.#warmupMissing };
  }

  feed({ ticks, at, holdings }: Feed): EngineAnswer {
    if (holdings !== null) this.#holdings = holdings;
    const signals: RaisedSignal[] = [];
    let bars = 0;
    for (const tick of ticks) {
      if (tick.at <= this.#includedUpTo) continue;
      const bar = this.#builder.push(tick);
      if (bar !== undefined) {
        bars += 1;
        signals.push(...this.#decideOnBar(bar, at));
      }
      if (this.#warmupMissing === 0) signals.push(...this.#decideOnTick(tick));
    }
    return { type: 'decided', bars, warmupMissing: this.#warmupMissing, signals };
  }

  #decideOnBar(bar: Bar, at: EpochMs): readonly RaisedSignal[] {
    const decision = this.#onBar(bar, at);
    if (this.#warmupMissing > 0) {
      this.#memory = decision.state;
      this.#warmupMissing -= 1;
      return [];
    }
    return this.#take(decision, bar.at);
  }

  #decideOnTick(tick: Tick): readonly RaisedSignal[] {
    const { onTick } = this.#definition;
    if (onTick === undefined) return [];
    const context = this.#context(tick.at);
    const decision = blaming('onTick', tick.at, () =>
      checkDecision('onTick', onTick(this.#memory, tick, context)),
    );
    return this.#take(decision, tick.at);
  }

  #onBar(bar: Bar, now: EpochMs): CheckedDecision {
    const context = this.#context(now);
    return blaming('onBar', bar.at, () =>
      checkDecision('onBar', this.#definition.onBar(this.#memory, bar, context)),
    );
  }

  /** A change with nothing to change says nothing. */
  #take(decision: CheckedDecision, barAt: EpochMs): readonly RaisedSignal[] {
    this.#memory = decision.state;
    const { positions, orders } = this.#holdings;
    return decision.signals
      .filter(({ type }) => {
        if (type === 'open') return true;
        const changed = type === 'cancel' || type === 'modifyOrder' ? orders : positions;
        return changed.length > 0;
      })
      .map((signal) => ({ barAt, signal }));
  }

  #context(now: EpochMs): StrategyContext<object> {
    if (this.#instrument === undefined) throw new Error('asked before its market was known');
    return {
      instrument: this.#instrument,
      params: this.#spec.params,
      now,
      ...this.#holdings,
    };
  }
}
