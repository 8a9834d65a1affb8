import type { Tick } from '../../domain/market.ts';
import type { EpochMs, Minor } from '../../domain/units.ts';
import { epochMs } from '../../domain/units.ts';
import { RETCODE } from '../retcodes.ts';
import type { Broker } from '../terminal/ea/broker.ts';
import { type Desk, rateOf } from '../terminal/engine/desk.ts';
import type { EngineEnvironment } from '../terminal/engine/environment.ts';
import { nextServerMidnight } from '../terminal/engine/environment.ts';
import { applyQuote } from '../terminal/engine/fold.ts';
import type { OrderCheck } from '../terminal/engine/order-check.ts';
import { Pen } from '../terminal/engine/pen.ts';
import type {
  BrokerAccount,
  BrokerPosition,
  BrokerRecord,
  BrokerRequest,
  ClientReference,
  RequestBody,
} from '../terminal/engine/records.ts';
import { rollOver } from '../terminal/engine/rollover.ts';
import type { BrokerState } from '../terminal/engine/state.ts';
import { Valuation } from '../terminal/engine/valuation.ts';

/** Money as the terminal counted it last. */
export interface Reported {
  readonly equityMinor: Minor;
  readonly marginMinor: Minor;
  readonly at: EpochMs;
}

/**
 * A broker that is known from what somebody else's EA tells of it. It executes nothing: requests are
 * written down and wait until the bridge has sent them and read what became of them. Between two
 * readings its equity follows the quotes, and is never above what the terminal reported last while
 * that is fresh.
 */
export class Mirror implements Broker {
  readonly state: BrokerState;
  readonly #desk: Desk;
  readonly #valuation: Valuation;
  readonly #freshMs: number;
  readonly #pen: Pen;
  #reported: Reported | undefined;

  constructor(state: BrokerState, env: EngineEnvironment, freshMs: number) {
    this.state = state;
    this.#freshMs = freshMs;
    this.#pen = new Pen(state);
    this.#desk = { state, env, emit: (record) => this.#emit(record) };
    this.#valuation = new Valuation(this.#desk);
  }

  /** The account exists; its money comes with the first reading. */
  open(input: {
    readonly account: BrokerAccount;
    readonly seed: number;
    readonly at: EpochMs;
  }): void {
    const { account, seed, at } = input;
    const nextRolloverAt = nextServerMidnight(at, this.#desk.env.serverOffsetMs);
    this.#emit({ type: 'opened', account, seed, at, nextRolloverAt });
  }

  /** What a reading showed. */
  record(records: readonly BrokerRecord[]): void {
    for (const record of records) this.#emit(record);
  }
  report(reported: Reported): void {
    this.#reported = reported;
  }

  submit(id: string, reference: ClientReference, body: RequestBody): void {
    if (this.state.requests.has(id)) return;
    const at = this.state.now;
    const { intent, attempt } = reference;
    const request: BrokerRequest = { id, intent, attempt, receivedAt: at, dueAt: at, body };
    this.#emit({ type: 'request.received', request });
  }

  tick(tick: Tick): void {
    this.state.now = epochMs(Math.max(this.state.now, tick.at));
    this.state.position += 1;
    applyQuote(this.state, tick.symbol, { bid: tick.bid, ask: tick.ask, at: tick.at });
    this.#pen.quoted(tick.symbol);
    this.#valuation.onQuote(tick.symbol);
    if (this.equity() < this.state.worstMinor) this.state.worstMinor = this.equity();
  }

  /** Only nights happen by themselves: the configuration states what they cost. */
  nextDue(): EpochMs {
    return this.state.nextRolloverAt;
  }
  nextImminent(): EpochMs {
    return this.state.nextRolloverAt;
  }
  runDue(at: EpochMs): void {
    this.state.now = at;
    const { env } = this.#desk;
    const isValued = ({ symbol }: BrokerPosition): boolean =>
      env.instruments.has(symbol) && rateOf(this.#desk, symbol) !== undefined;
    while (this.state.nextRolloverAt <= at) rollOver(this.#desk, isValued);
  }
  moveTo(at: EpochMs): void {
    this.state.now = at;
  }

  /** The EA cannot be asked without being told to do it. */
  check(): OrderCheck {
    return { retcode: RETCODE.INVALID, marginMinor: this.margin() };
  }

  pending(): readonly BrokerRecord[] {
    return this.#pen.pending();
  }
  drain(): readonly BrokerRecord[] {
    return this.#pen.drain();
  }

  equity(): Minor {
    const computed = this.#valuation.equity();
    const reported = this.#reported;
    if (reported === undefined || this.state.now - reported.at > this.#freshMs) return computed;
    const isLower = computed < reported.equityMinor;
    return isLower ? computed : reported.equityMinor;
  }
  margin(): Minor {
    return this.#reported?.marginMinor ?? this.#valuation.margin();
  }

  #emit(record: BrokerRecord): void {
    this.#pen.write(record);
    this.#valuation.onRecord(record);
  }
}
