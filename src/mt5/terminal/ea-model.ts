import type { EpochMs } from '../../domain/units.ts';
import { epochMs } from '../../domain/units.ts';
import type {
  EaBody,
  EaFrame,
  Envelope,
  RuntimeFrame,
  RuntimeMessageOf,
} from '../wire/messages.ts';
import { encodeTicks } from '../wire/tick-batch.ts';
import { advanceMessage, replayedTicks } from './ea/advance-messages.ts';
import { calendar, history, orderChecked, query, tickHistory } from './ea/answers.ts';
import type { Broker } from './ea/broker.ts';
import { type Command, takeCommand } from './ea/commands.ts';
import type { EaContext, Outgoing } from './ea/ea-context.ts';
import type { AdvanceRecord, EaRecord, LogRecord } from './ea/ea-records.ts';
import { mustSync } from './ea/ea-records.ts';
import { applyEa, attemptKey, EA_LIMITS } from './ea/ea-state.ts';
import { enveloped } from './ea/enveloped.ts';
import { onContact, onSilence, takeGuard, trippedMessage } from './ea/guard.ts';
import { HeardSeq } from './ea/heard-seq.ts';
import { answerClaim, answerHeartbeat, type Role } from './ea/register.ts';
import { heartbeat, hello, SIMULATED, snapshot } from './ea/reports.ts';
import type { AdvanceLimits, Wakes } from './ea/session-clock.ts';
import { NO_WAKES, runAdvance, subscribedWakes, wishedWakes } from './ea/session-clock.ts';
import { WireView } from './ea/wire-view.ts';
import type { EaModelOptions } from './ea-options.ts';
import { Engine } from './engine/engine.ts';

/**
 * `idle`: no session. `awaitingStart`: welcomed, the clock waits for `clock.done{doneSeq}`.
 * `standing`: an advance is out and not confirmed. `running`: the next advance may be made.
 */
export type EaPhase = 'idle' | 'awaitingStart' | 'standing' | 'running';

/**
 * The EA's side of BWP/1 over the simulated broker, without sockets, clocks or timers: frames in,
 * frames out. Every call ends its turn by appending what it recorded and only then returns frames,
 * so nothing is ever said that is not safe. A host calls `advance` while `phase` is `running`.
 */
export class EaModel {
  readonly #options: EaModelOptions;
  readonly #context: EaContext;
  readonly #eaRecords: EaRecord[] = [];
  #phase: EaPhase = 'idle';
  #session = '';
  #seq = 0;
  #nextId = 0;
  readonly #heard = new HeardSeq();
  #runtimeInstance: string | undefined;
  #role: Role = 'standby';
  #wakes: Wakes = NO_WAKES;
  #subscribed: ReadonlySet<string> = new Set();
  #batches = 0;
  #marketOver = false;
  /** Traces of commands whose result is still owed. Lost in a restart: they only explain. */
  readonly #traces = new Map<string, string>();

  constructor(options: EaModelOptions) {
    this.#options = options;
    const { state, env, market } = options;
    const engine = options.broker ?? new Engine(state.broker, env);
    // One millisecond before the first tick, so that it lies in the first advance's (from, to].
    const opensAt = epochMs(market.startsAt - 1);
    if (state.broker.account === undefined) engine.open({ ...options, at: opensAt });
    market.seek(state.broker.position);
    this.#context = {
      engine,
      env,
      market,
      state: state.ea,
      view: new WireView(engine, (symbol) => env.instruments.get(symbol)?.digits),
      calendar: options.calendar ?? null,
      facts: options.facts ?? SIMULATED,
      emit: (record) => {
        applyEa(state.ea, record);
        this.#eaRecords.push(record);
      },
      now: () => state.broker.now,
      mono: () => state.broker.now - opensAt,
    };
    this.#context.emit({ type: 'ea.started', start: state.ea.starts + 1 });
    this.#commit();
  }

  /** True while a session that nobody steps has market left and a controller was ever there: then
   * the host calls `runFree` as time passes, with a link or without. */
  get freeRuns(): boolean {
    const { clock } = this.#options;
    return clock === 'free' && !this.#marketOver && this.#context.state.highestEpoch > 0;
  }
  get phase(): EaPhase {
    return this.#phase;
  }
  /** Session time. */
  get now(): EpochMs {
    return this.#context.now();
  }
  get ended(): boolean {
    return this.#context.state.ended;
  }
  /** The broker behind the EA: for hosts that look, never for hosts that change. */
  get engine(): Broker {
    return this.#context.engine;
  }

  /** A new connection: forgets the session and says hello. */
  connect(): readonly EaFrame[] {
    this.disconnect();
    const { instanceId, token, clock = 'master' } = this.#options;
    const body = hello(this.#context, { instanceId, token, startId: this.#startId() }, clock);
    return this.#send([{ body }]);
  }

  /** The link is gone; the clock stands still until a runtime starts it again. */
  disconnect(): void {
    this.#phase = 'idle';
    this.#session = '';
    this.#seq = 0;
    this.#role = 'standby';
    this.#runtimeInstance = undefined;
    this.#wakes = NO_WAKES;
    this.#subscribed = new Set();
  }

  /** One message of the runtime. */
  receive(frame: RuntimeFrame): readonly EaFrame[] {
    const { envelope, body } = frame;
    if (body.kind === 'welcome') return this.#welcome(envelope, body);
    if (body.kind === 'error')
      return body.code === 'unknown_session' && this.#session !== '' ? this.connect() : [];
    if (this.#session === '' || envelope.session !== this.#session) {
      if (body.kind === 'goodbye') return [];
      const detail = `session ${envelope.session} is not open here`;
      const error = { kind: 'error', code: 'unknown_session', detail } as const;
      return this.#send([{ body: error, re: envelope }]);
    }
    const lost = this.#heard.judge(envelope);
    if (lost === 'duplicate') return this.#told(this.#heard.refused('it was said before'));
    // What was lost may have been a command or the word to go on: a new session tells it all again.
    if (lost > 0) return this.connect();
    return this.#send([...this.#contact(frame), ...this.#dispatch(frame)]);
  }

  /** A message whose kind the codec does not know is answered, and changes nothing. */
  unknownKind(kind: string, id: string | undefined): readonly EaFrame[] {
    this.#heard.unreadable();
    const body: EaBody = { kind: 'error', code: 'unknown_kind', detail: kind.slice(0, 100) };
    return this.#frames([{ body }], id ?? null);
  }

  /** A message that cannot be read had its number in the session, and changes nothing. */
  unreadable(why: string): readonly EaFrame[] {
    this.#heard.unreadable();
    return this.#session === '' ? [] : this.#told(this.#heard.refused(why));
  }

  heartbeat(): readonly EaFrame[] {
    return this.#session === '' ? [] : this.#send([{ body: heartbeat(this.#context) }]);
  }

  /** Only the holder's own silence lets its lease lapse: whoever knocks meanwhile does not count. */
  isFromHolder({ envelope, body }: RuntimeFrame): boolean {
    const { holder } = this.#context.state;
    const welcomer = body.kind === 'welcome' ? body.runtimeInstance : this.#runtimeInstance;
    return holder === null || (envelope.claim?.instance ?? welcomer) === holder;
  }

  /** The holder of the lease has not been heard for this long (wall milliseconds). */
  silence(silentMs: number): void {
    onSilence(this.#context, silentMs);
    this.#commit();
  }

  /** Runs the session to its next wake. Empty unless `running`, and after the end of the data. */
  advance(limits: AdvanceLimits): readonly EaFrame[] {
    if (this.#phase !== 'running') return [];
    const { engine, market, state } = this.#context;
    const fromPosition = market.position();
    const advanced = runAdvance(this.#context, this.#wakes, limits);
    if (advanced === undefined) {
      this.#commit();
      return [];
    }
    const advance: AdvanceRecord = {
      clockSeq: state.doneSeq + 1,
      fromPosition,
      toPosition: market.position(),
      toMs: engine.state.now,
      why: advanced.why,
      barsTotal: market.barsTotal(),
    };
    const outgoing = this.#outcomes();
    if (advanced.tripped && state.trip !== null)
      outgoing.push({ body: trippedMessage(this.#context, state.trip) });
    this.#context.emit({ type: 'ea.advance', advance });
    this.#phase = 'standing';
    outgoing.push(advanceMessage(advance, advanced.ticks));
    return this.#send(outgoing);
  }

  /** Runs a free session up to an instant, or to the next change of the account before it. Ticks of
   * the way come first: what they caused is told after them, as a real terminal does it. */
  runFree(limits: AdvanceLimits): readonly EaFrame[] {
    const advanced = runAdvance(this.#context, NO_WAKES, limits);
    const { state, market } = this.#context;
    const outgoing: Outgoing[] = [];
    const wanted = advanced?.ticks.filter(({ symbol }) => this.#subscribed.has(symbol)) ?? [];
    if (wanted.length > 0 && this.#role === 'active') {
      this.#batches += 1;
      const head = { kind: 'ticks', batch: this.#batches, complete: true } as const;
      const body = { ...head, ticksTotal: market.position() };
      outgoing.push({ body, attachment: encodeTicks(wanted) });
    }
    if (advanced?.why === 'end') this.#marketOver = true;
    outgoing.push(...this.#outcomes());
    if (advanced?.tripped === true && state.trip !== null)
      outgoing.push({ body: trippedMessage(this.#context, state.trip) });
    if (this.#session !== '') return this.#send(outgoing);
    this.#commit();
    return [];
  }

  goodbye(reason: string): readonly EaFrame[] {
    return this.#session === '' ? [] : this.#send([{ body: { kind: 'goodbye', reason } }]);
  }

  #told(notice: EaBody | undefined): readonly EaFrame[] {
    return notice === undefined ? [] : this.#send([{ body: notice }]);
  }

  #startId(): string {
    return `${this.#options.instanceId}.${this.#context.state.starts}`;
  }

  /** Results of what executed since the last commit, then the transaction itself. */
  #outcomes(): Outgoing[] {
    const { engine, state, view, emit } = this.#context;
    const outgoing: Outgoing[] = [];
    const records = [...engine.pending()];
    for (const record of records) {
      if (record.type !== 'request.done' || record.intent === '') continue;
      const { intent, attempt } = record;
      const key = attemptKey(intent, attempt);
      const outcome = view.result(intent, attempt, record.outcome);
      emit({ type: 'ea.executed', key, request: record.id, outcome });
      const result = state.journal.get(key)?.result;
      if (!result) continue;
      const trace = this.#traces.get(key);
      this.#traces.delete(key);
      outgoing.push({
        body: { kind: 'result', result },
        ...(trace === undefined ? {} : { trace }),
      });
    }
    const trade = view.trade(records);
    if (trade !== undefined) outgoing.push({ body: trade });
    return outgoing;
  }

  #welcome(envelope: Envelope, body: RuntimeMessageOf<'welcome'>): readonly EaFrame[] {
    // The same welcome twice would begin our numbers again, and nobody would listen any more.
    if (envelope.session === this.#session) return [];
    this.#session = envelope.session;
    this.#seq = 0;
    this.#role = body.role;
    this.#runtimeInstance = body.runtimeInstance;
    this.#wakes = NO_WAKES;
    this.#phase = 'awaitingStart';
    return this.#told(this.#heard.begin(envelope));
  }

  /** Whatever the holder says proves that it lives; a heartbeat also sets the lease. */
  #contact(frame: RuntimeFrame): readonly Outgoing[] {
    const { state } = this.#context;
    if (state.holder === null || !this.isFromHolder(frame)) return [];
    const { body } = frame;
    const leaseMs = body.kind === 'runtime.heartbeat' ? body.leaseMs : state.leaseMs;
    return onContact(this.#context, leaseMs);
  }

  #dispatch(frame: RuntimeFrame): readonly Outgoing[] {
    const { envelope, body } = frame;
    const ea = this.#context;
    const { takeoverToken } = this.#options;
    const reply = (answer: EaBody): Outgoing => ({ body: answer, re: envelope });
    switch (body.kind) {
      case 'claim':
        return [reply(answerClaim(ea, body, { role: this.#role, takeoverToken }))];
      case 'snapshot.request':
        return snapshot(ea, body).map(reply);
      case 'history.request':
        return history(ea, body).map(reply);
      case 'ticks.request':
        return tickHistory(ea, body).map((outgoing) => ({ ...outgoing, re: envelope }));
      case 'query':
        return query(ea, body).map(reply);
      case 'order.check':
        return [reply(orderChecked(ea, body))];
      case 'calendar.request':
        return calendar(ea, body).map(reply);
      case 'subscribe':
        this.#subscribe(body);
        return [];
      case 'clock.done':
        return this.#clockDone(body);
      case 'guard':
        return takeGuard(ea, body, envelope, this.#role).map(reply);
      case 'goodbye':
        this.disconnect();
        return [];
      case 'runtime.heartbeat':
        return answerHeartbeat(ea, envelope).map(reply);
      case 'welcome':
      case 'error':
        return [];
      default:
        return this.#command(body, envelope);
    }
  }

  #command(command: Command, envelope: Envelope): readonly Outgoing[] {
    const answers = takeCommand(this.#context, command, envelope, this.#role);
    const { trace } = envelope;
    const accepted = answers.some(({ body }) => body.kind === 'ack' && body.status === 'accepted');
    if (trace !== null && accepted && this.#traces.size < EA_LIMITS.traces)
      this.#traces.set(attemptKey(command.intent, command.attempt), trace);
    return answers;
  }

  #subscribe(body: RuntimeMessageOf<'subscribe'>): void {
    this.#subscribed = new Set(body.symbols.map(({ symbol }) => symbol));
    this.#wakes = { ...this.#wakes, ...subscribedWakes(body.symbols) };
  }

  #clockDone(body: RuntimeMessageOf<'clock.done'>): readonly Outgoing[] {
    const { state, emit, view, market } = this.#context;
    const { outstanding } = state;
    const confirms = outstanding !== null && body.clockSeq === outstanding.clockSeq;
    const waits = this.#phase === 'awaitingStart' || this.#phase === 'standing';
    // Said at the start of a session, and again when the advance that is out was lost on its way.
    if (!waits || !(confirms || body.clockSeq === state.doneSeq)) return [];
    this.#wakes = { ...this.#wakes, ...wishedWakes(body, view.units.currencyDigits) };
    if (!confirms && outstanding !== null) {
      this.#phase = 'standing';
      return [advanceMessage(outstanding, replayedTicks(market, outstanding))];
    }
    if (confirms) emit({ type: 'ea.done', clockSeq: body.clockSeq });
    this.#phase = 'running';
    return [];
  }

  /** Makes the turn's records safe; the broker's cursor closes each transaction. */
  #commit(): void {
    const { engine } = this.#context;
    if (engine.pending().length === 0 && this.#eaRecords.length === 0) return;
    const records: LogRecord[] = [...engine.drain(), ...this.#eaRecords.splice(0)];
    this.#options.store.append(records, mustSync(records));
  }

  #send(outgoing: readonly Outgoing[]): readonly EaFrame[] {
    this.#commit();
    return this.#frames(outgoing, null);
  }

  #frames(outgoing: readonly Outgoing[], re: string | null): readonly EaFrame[] {
    return outgoing.map((message) => {
      this.#seq += 1;
      this.#nextId += 1;
      const id = `${this.#startId()}.${this.#nextId}`;
      return enveloped(this.#context, message, { id, re, session: this.#session, seq: this.#seq });
    });
  }
}
