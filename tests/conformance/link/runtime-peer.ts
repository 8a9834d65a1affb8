import { expect, onTestFinished } from 'vitest';
import { ambientClock, ambientDefer } from '../../../src/actors/kernel/ambient-clock.ts';
import type { Tick } from '../../../src/domain/market.ts';
import { epochMs } from '../../../src/domain/units.ts';
import { type Gateway, openGateway } from '../../../src/mt5/gateway.ts';
import { parseServerTz } from '../../../src/mt5/venue-time.ts';
import type {
  EaFrame,
  EaMessageOf,
  Envelope,
  RuntimeBody,
  RuntimeMessageOf,
} from '../../../src/mt5/wire/messages.ts';
import {
  type AssembledSnapshot,
  addPart,
  beginAssembly,
  endAssembly,
} from '../../../src/mt5/wire/snapshot-parts.ts';
import { decodeTicks } from '../../../src/mt5/wire/tick-batch.ts';
import type { EaUnderTest } from './world.ts';
import { SERVER_TZ } from './world.ts';

type Kind = EaFrame['body']['kind'];
type Claim = NonNullable<Envelope['claim']>;
const PATIENCE_MS = 10_000;
const LEASE_MS = 60_000;
/** Terminal time between two heartbeats of ours. */
const BEAT_MS = 20_000;

const zone = (() => {
  const parsed = parseServerTz(SERVER_TZ);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.zone;
})();

interface Waiter {
  readonly wanted: (frame: EaFrame) => boolean;
  readonly take: (frame: EaFrame) => void;
}

/** The suite's runtime: the real gateway and codec, and a hand that says what the test wants said. */
export class RuntimePeer {
  readonly gateway: Gateway;
  instance: string;
  readonly malformed: string[] = [];
  /** Every tick that the EA told, in UTC. */
  readonly ticks: Tick[] = [];
  identity = '';
  session = '';
  epoch = 0;
  /** Last monotonic clock of the EA that was seen. */
  mono = 0;
  timeBase: 'utc' | 'server' = 'utc';
  clockMaster = false;
  readonly sessions: string[] = [];
  #frames: EaFrame[] = [];
  #waiters: Waiter[] = [];
  #seq = 0;
  #ids = 0;
  #clock = { seq: 0, at: 0 };
  #ended = false;
  /** Sequence number of the EA's last message in this session. */
  #heard = 0;
  /** Messages that did not follow the one before them. */
  readonly gaps: string[] = [];

  private constructor(gateway: Gateway, instance: string) {
    this.gateway = gateway;
    this.instance = instance;
  }

  static async open(instance = 'runtime-1'): Promise<RuntimePeer> {
    const pending: { peer?: RuntimePeer } = {};
    const gateway = await openGateway({
      host: '127.0.0.1',
      port: 0,
      clock: ambientClock,
      defer: ambientDefer,
      onFault: (error) => {
        throw error;
      },
      onFrame: (identity, frame) => pending.peer?.take(identity, frame),
      onMalformed: (_, info) => pending.peer?.malformed.push(JSON.stringify(info)),
    });
    const peer = new RuntimePeer(gateway, instance);
    pending.peer = peer;
    onTestFinished(async () => {
      await gateway.close();
      expect(peer.gaps, 'every message follows the one before it').toEqual([]);
      expect(peer.malformed, 'every message can be read').toEqual([]);
    });
    return peer;
  }

  get claim(): Claim | null {
    return this.epoch === 0 ? null : { epoch: this.epoch, instance: this.instance };
  }

  take(identity: string, frame: EaFrame): void {
    const { envelope, body, attachment } = frame;
    this.identity = identity;
    this.mono = body.kind === 'hello' ? envelope.ts.mono : Math.max(envelope.ts.mono, this.mono);
    if (this.session !== '' && envelope.session === this.session) {
      this.#heard += 1;
      if (envelope.seq !== this.#heard)
        this.gaps.push(`${body.kind} ${envelope.seq} instead of ${this.#heard}`);
    }
    if (body.kind === 'clock.advance' || body.kind === 'ticks') {
      const decoded = decodeTicks(attachment ?? new Uint8Array());
      if (!decoded.ok) throw new Error(`ticks: ${decoded.reason}`);
      this.ticks.push(...decoded.ticks.map((tick) => ({ ...tick, at: this.utc(tick.at) })));
    }
    const waiter = this.#waiters.find(({ wanted }) => wanted(frame));
    if (waiter === undefined) {
      this.#frames.push(frame);
      return;
    }
    this.#waiters = this.#waiters.filter((it) => it !== waiter);
    waiter.take(frame);
  }

  /** An instant of the wire in UTC. */
  utc(wireMs: number) {
    return this.timeBase === 'server' ? zone.toUtc(wireMs) : epochMs(wireMs);
  }
  /** A UTC instant for the wire. */
  wire(utcMs: number): number {
    return this.timeBase === 'server' ? zone.toServer(utcMs) : utcMs;
  }

  /** So many messages leave and never arrive. */
  lose(messages: number): void {
    this.#seq += messages;
  }

  /** Says something; returns the message's id. */
  say(body: RuntimeBody, extra: Partial<Envelope> = {}): string {
    // A message with a number of its own is a repetition, and takes none.
    if (extra.seq === undefined) this.#seq += 1;
    this.#ids += 1;
    const id = `r${this.#ids}`;
    const ts = { msc: 0, server: null, gmt: null, mono: 0 };
    const { session, claim } = this;
    const seq = this.#seq;
    const envelope = {
      v: 1 as const,
      id,
      re: null,
      session,
      claim,
      seq,
      ts,
      trace: null,
      ...extra,
    };
    this.gateway.send(this.identity, { envelope, body }).catch(() => undefined);
    return envelope.id;
  }

  /** The next frame of a kind that nobody took, now or later. */
  async frame<K extends Kind>(
    kind: K,
    where: (body: EaMessageOf<K>, envelope: Envelope) => boolean = () => true,
  ): Promise<{
    readonly envelope: Envelope;
    readonly body: EaMessageOf<K>;
    attachment?: Uint8Array;
  }> {
    const wanted = ({ body, envelope }: EaFrame): boolean =>
      body.kind === kind && where(body as EaMessageOf<K>, envelope);
    const at = this.#frames.findIndex(wanted);
    if (at >= 0) return this.#frames.splice(at, 1)[0] as never;
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((it) => it !== waiter);
        const others = this.#frames.map(({ body }) => JSON.stringify(body)).slice(-12);
        reject(new Error(`no ${kind} within ${PATIENCE_MS} ms; there was\n${others.join('\n')}`));
      }, PATIENCE_MS);
      const waiter: Waiter = {
        wanted,
        take: (frame) => {
          clearTimeout(timer);
          resolve(frame as never);
        },
      };
      this.#waiters.push(waiter);
    });
  }
  async next<K extends Kind>(
    kind: K,
    where?: (body: EaMessageOf<K>, envelope: Envelope) => boolean,
  ): Promise<EaMessageOf<K>> {
    return (await this.frame(kind, where)).body;
  }
  /** What came and nobody took. */
  left<K extends Kind>(kind: K): readonly EaMessageOf<K>[] {
    return this.#frames.flatMap(({ body }) => (body.kind === kind ? [body as EaMessageOf<K>] : []));
  }
  /** From the next session on, another runtime speaks. */
  become(instance: string): void {
    this.instance = instance;
    this.epoch = 0;
  }
  forget(): void {
    this.#frames = [];
  }

  /** Waits for a hello and welcomes it. */
  async welcome(role: 'active' | 'standby' = 'active'): Promise<EaMessageOf<'hello'>> {
    const { body } = await this.frame('hello');
    this.timeBase = body.timeBase;
    this.clockMaster = body.clock !== null;
    this.#clock = { seq: body.clock?.doneSeq ?? 0, at: body.clock?.atMs ?? 0 };
    this.#ended = false;
    this.session = `s${this.sessions.length + 1}-${this.instance}`;
    this.sessions.push(this.session);
    this.#seq = 0;
    this.#heard = 0;
    this.say({
      kind: 'welcome',
      role,
      protocolVersion: 1,
      heartbeatMs: 1000,
      runtimeInstance: this.instance,
    });
    return body;
  }

  async claimLease(
    expected: number,
    options: { leaseMs?: number; takeoverToken?: string } = {},
  ): Promise<EaMessageOf<'claim.granted'> | EaMessageOf<'claim.refused'>> {
    const { leaseMs = LEASE_MS, takeoverToken = null } = options;
    const instanceId = this.instance;
    const id = this.say({ kind: 'claim', expected, instanceId, leaseMs, takeoverToken });
    const answered = (_: unknown, envelope: Envelope): boolean => envelope.re === id;
    const answer = await Promise.race([
      this.next('claim.granted', answered),
      this.next('claim.refused', answered),
    ]);
    if (answer.kind === 'claim.granted') this.epoch = answer.epoch;
    return answer;
  }

  /** Hello, welcome, claim, both symbols subscribed. */
  async begin(options: { leaseMs?: number } = {}): Promise<EaMessageOf<'hello'>> {
    const hello = await this.welcome();
    const answer = await this.claimLease(hello.highestEpoch, options);
    if (answer.kind !== 'claim.granted') throw new Error(`not granted: ${answer.reason}`);
    this.subscribe();
    return hello;
  }
  subscribe(): void {
    const wakes = { wakeOnBar: null, wakeOnTick: false };
    this.say({
      kind: 'subscribe',
      symbols: [
        { symbol: 'EURUSD', ...wakes },
        { symbol: 'GBPUSD', ...wakes },
      ],
    });
  }

  /** Lets terminal time pass, over the protocol where the terminal is clock master. */
  async elapse(ea: EaUnderTest, ms: number): Promise<void> {
    if (!this.clockMaster) {
      await this.#elapseFreely(ea, ms);
      return;
    }
    const target = this.#clock.at + ms;
    while (!this.#ended && this.#clock.at < target) {
      const clockSeq = this.#clock.seq;
      this.say({ kind: 'clock.done', clockSeq, wakeAtMs: target, equityAtOrBelow: null });
      const advance = await this.next('clock.advance');
      this.#clock = { seq: advance.clockSeq, at: advance.toMs };
      this.#ended = advance.why === 'end';
    }
  }

  /** A terminal that runs freely hears a heartbeat as often as its lease needs, and has handled
   * everything that came before when this is over. */
  async #elapseFreely(ea: EaUnderTest, ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= BEAT_MS) {
      await ea.elapse?.(Math.min(left, BEAT_MS));
      this.say({ kind: 'runtime.heartbeat', leaseMs: LEASE_MS });
      const none = { intent: null, attempt: null, magic: null, symbols: [], fromMs: 0 };
      const id = this.say({ kind: 'query', what: 'account', ...none });
      await this.next('query.reply', (_, envelope) => envelope.re === id);
    }
  }

  async ack(intent: string, attempt = 1): Promise<EaMessageOf<'ack'>> {
    return await this.next('ack', (ack) => ack.intent === intent && ack.attempt === attempt);
  }
  async result(intent: string, attempt = 1): Promise<EaMessageOf<'result'>['result']> {
    const { result } = await this.next(
      'result',
      ({ result: it }) => it.intent === intent && it.attempt === attempt,
    );
    return result;
  }

  async snapshot(historyFromMs = 0): Promise<Extract<AssembledSnapshot, { ok: true }>> {
    this.#ids += 1;
    const snapshotId = `snap-${this.#ids}`;
    this.say({ kind: 'snapshot.request', snapshotId, historyFromMs });
    const begin = await this.next('snapshot.begin', (it) => it.snapshotId === snapshotId);
    let assembly = beginAssembly(begin);
    for (let part = 0; part < begin.parts; part += 1)
      assembly = addPart(
        assembly,
        await this.next('snapshot.part', (it) => it.snapshotId === snapshotId),
      );
    const end = await this.next('snapshot.end', (it) => it.snapshotId === snapshotId);
    const whole = endAssembly(assembly, end);
    if (!whole.ok) throw new Error(`snapshot: ${whole.reason}: ${whole.detail}`);
    return whole;
  }

  /** An opening order at market with a stop, unless told otherwise. */
  order(extra: Partial<RuntimeMessageOf<'order.place'>> = {}): RuntimeMessageOf<'order.place'> {
    return {
      kind: 'order.place',
      intent: 'I1',
      attempt: 1,
      seenMono: this.mono,
      ttlMs: 60_000,
      symbol: 'EURUSD',
      side: 'buy',
      type: 'market',
      volume: '1',
      price: '1.30010',
      stopLimitPrice: null,
      stopLoss: '1.25000',
      takeProfit: null,
      deviationPoints: 50,
      magic: '281474976710657',
      filling: 'fok',
      tif: 'gtc',
      expiresAtMs: null,
      comment: 'conformance',
      ...extra,
    };
  }
  command(intent: string, attempt = 1) {
    return { intent, attempt, seenMono: this.mono, ttlMs: 60_000 };
  }

  /** Places an order, lets it execute, and gives its result. */
  async opened(ea: EaUnderTest, extra: Partial<RuntimeMessageOf<'order.place'>> = {}) {
    const order = this.order(extra);
    this.say(order);
    const ack = await this.ack(order.intent, order.attempt);
    if (ack.status !== 'accepted') throw new Error(`${order.intent}: ${JSON.stringify(ack)}`);
    await this.elapse(ea, 1_000);
    return await this.result(order.intent, order.attempt);
  }
  /** Sends any other command and gives its result. */
  async done(
    ea: EaUnderTest,
    body: RuntimeBody & { readonly intent: string; readonly attempt: number },
  ) {
    this.say(body);
    const ack = await this.ack(body.intent, body.attempt);
    if (ack.status !== 'accepted') throw new Error(`${body.intent}: ${JSON.stringify(ack)}`);
    await this.elapse(ea, 1_000);
    return await this.result(body.intent, body.attempt);
  }

  guard(extra: Partial<RuntimeMessageOf<'guard'>> = {}): void {
    this.say({
      kind: 'guard',
      dailyAmount: '5000.00',
      anchor: '100000.00',
      ratchet: 'none',
      totalFloor: '90000.00',
      buffer: '100.00',
      resetsMs: [],
      deadMan: { policy: 'none', afterMs: 60_000 },
      ...extra,
    });
  }
}
