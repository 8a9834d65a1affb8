import { minor } from '../../src/domain/units.ts';
import type { LogRecord } from '../../src/mt5/terminal/ea/ea-records.ts';
import { mustSync } from '../../src/mt5/terminal/ea/ea-records.ts';
import { EaModel } from '../../src/mt5/terminal/ea-model.ts';
import type { EaModelOptions } from '../../src/mt5/terminal/ea-options.ts';
import { environmentFor } from '../../src/mt5/terminal/environment-for.ts';
import type { Market } from '../../src/mt5/terminal/market/types.ts';
import type { TerminalState } from '../../src/mt5/terminal/terminal-state.ts';
import {
  applyTerminal,
  decodeJson,
  emptyTerminal,
  encodeJson,
} from '../../src/mt5/terminal/terminal-state.ts';
import type {
  EaFrame,
  EaMessageOf,
  RuntimeBody,
  RuntimeFrame,
  RuntimeMessageOf,
} from '../../src/mt5/wire/messages.ts';
import { decodeTicks } from '../../src/mt5/wire/tick-batch.ts';
import { account } from './broker-bench.ts';
import { newYork7 } from './new-york-7.ts';

export const SESSION = 's-1';
type Kind = EaFrame['body']['kind'];

export interface TerminalBenchOptions {
  readonly market: Market;
  readonly records?: readonly LogRecord[];
  readonly instance?: string;
  readonly balanceMinor?: bigint;
  readonly model?: Partial<EaModelOptions>;
}

/** One runtime and one terminal, talking without sockets; the log is kept, to restart from it. */
export class TerminalBench {
  readonly model: EaModel;
  /** Every record so far, as JSON would give it back. */
  readonly log: LogRecord[] = [];
  readonly syncs: boolean[] = [];
  readonly sent: EaFrame[] = [];
  readonly state: TerminalState;
  readonly instance: string;
  epoch = 0;
  #seq = 0;

  constructor(options: TerminalBenchOptions) {
    this.instance = options.instance ?? 'runtime-1';
    this.state = emptyTerminal();
    for (const record of options.records ?? []) {
      applyTerminal(this.state, record);
      this.log.push(record);
    }
    this.epoch = this.state.ea.highestEpoch;
    const env = environmentFor({
      market: options.market,
      zone: newYork7,
      accountCurrency: 'USD',
      latencyMs: 250,
      rejectRate: 0,
      requoteRate: 0,
    });
    this.model = new EaModel({
      state: this.state,
      env,
      market: options.market,
      store: {
        append: (records, durable) => {
          this.syncs.push(durable);
          if (durable !== mustSync(records)) throw new Error('durability does not match');
          this.log.push(...(decodeJson(encodeJson(records)) as LogRecord[]));
        },
      },
      account,
      balanceMinor: minor(options.balanceMinor ?? 10_000_000n),
      seed: 1,
      instanceId: 'ea-1',
      token: null,
      ...options.model,
    });
  }

  keep(frames: readonly EaFrame[]): readonly EaFrame[] {
    this.sent.push(...frames);
    return frames;
  }

  send(
    body: RuntimeBody,
    claim: { epoch: number; instance: string } | null = this.claim,
  ): readonly EaFrame[] {
    return this.keep(this.model.receive(this.frame(body, claim)));
  }

  /** The next message of the runtime's session. */
  frame(
    body: RuntimeBody,
    claim: { epoch: number; instance: string } | null = this.claim,
  ): RuntimeFrame {
    this.#seq += 1;
    const ts = { msc: 0, server: null, gmt: null, mono: 0 };
    const head = { v: 1, id: `r${this.#seq}`, re: null, session: SESSION } as const;
    return { envelope: { ...head, claim, seq: this.#seq, ts, trace: null }, body };
  }

  get claim() {
    return this.epoch === 0 ? null : { epoch: this.epoch, instance: this.instance };
  }

  hello(role: 'active' | 'standby' = 'active'): EaMessageOf<'hello'> {
    const hello = bodyOf(this.keep(this.model.connect()), 'hello');
    this.send({
      kind: 'welcome',
      role,
      protocolVersion: 1,
      heartbeatMs: 1000,
      runtimeInstance: this.instance,
    });
    return hello;
  }

  /** Hello, claim, subscription to M1 of EURUSD, and the clock started. */
  start(
    subscribe: RuntimeMessageOf<'subscribe'>['symbols'] = [
      { symbol: 'EURUSD', wakeOnBar: 'M1', wakeOnTick: false },
    ],
  ): this {
    const hello = this.hello();
    this.claimWith(hello.highestEpoch);
    this.send({ kind: 'subscribe', symbols: subscribe });
    this.done(hello.clock?.doneSeq ?? -1);
    return this;
  }

  claimWith(expected: number, takeoverToken: string | null = null) {
    const [answer] = this.send({
      kind: 'claim',
      expected,
      instanceId: this.instance,
      leaseMs: 10_000,
      takeoverToken,
    });
    const body = answer?.body;
    if (body?.kind === 'claim.granted') this.epoch = body.epoch;
    return body;
  }

  done(
    clockSeq: number,
    wakes: { wakeAtMs?: number; equityAtOrBelow?: string } = {},
  ): readonly EaFrame[] {
    return this.send({
      kind: 'clock.done',
      clockSeq,
      wakeAtMs: wakes.wakeAtMs ?? null,
      equityAtOrBelow: wakes.equityAtOrBelow ?? null,
    });
  }

  /** The next advance and what came before it; confirmed unless told otherwise. */
  advance(
    options: {
      confirm?: boolean;
      sliceToMs?: number;
      maxTicks?: number;
      wakeAtMs?: number;
      equityAtOrBelow?: string;
    } = {},
  ) {
    const frames = this.keep(
      this.model.advance({
        sliceToMs: options.sliceToMs ?? Number.POSITIVE_INFINITY,
        maxTicks: options.maxTicks ?? 4096,
      }),
    );
    if (frames.length === 0) return undefined;
    const clock = bodyOf(frames, 'clock.advance');
    const decoded = decodeTicks(frames.at(-1)?.attachment ?? new Uint8Array());
    if (!decoded.ok) throw new Error(decoded.reason);
    if (options.confirm !== false) this.done(clock.clockSeq, options);
    return { ...clock, ticks: decoded.ticks, frames };
  }

  place(extra: Partial<RuntimeMessageOf<'order.place'>> = {}): RuntimeMessageOf<'order.place'> {
    return {
      kind: 'order.place',
      intent: 'I1',
      attempt: 1,
      seenMono: 0,
      ttlMs: 1_000_000_000,
      symbol: 'EURUSD',
      side: 'buy',
      type: 'market',
      volume: '1',
      price: '1.30000',
      stopLimitPrice: null,
      stopLoss: '1.29000',
      takeProfit: null,
      deviationPoints: 20,
      magic: '281474976710657',
      filling: 'fok',
      tif: 'gtc',
      expiresAtMs: null,
      comment: 'test',
      ...extra,
    };
  }

  order(extra: Partial<RuntimeMessageOf<'order.place'>> = {}): EaMessageOf<'ack'> {
    return bodyOf(this.send(this.place(extra)), 'ack');
  }

  guard(extra: Partial<RuntimeMessageOf<'guard'>> = {}): readonly EaFrame[] {
    return this.send({
      kind: 'guard',
      dailyAmount: '5000.00',
      anchor: '100000.00',
      ratchet: 'none',
      totalFloor: '90000.00',
      buffer: '0.00',
      resetsMs: [],
      deadMan: { policy: 'none', afterMs: 60_000 },
      ...extra,
    });
  }
}

export const bodyOf = <K extends Kind>(frames: readonly EaFrame[], kind: K): EaMessageOf<K> => {
  for (const { body } of frames) if (body.kind === kind) return body as EaMessageOf<K>;
  throw new Error(`no ${kind} among ${frames.map(({ body }) => body.kind).join(', ')}`);
};

export const bodiesOf = <K extends Kind>(
  frames: readonly EaFrame[],
  kind: K,
): readonly EaMessageOf<K>[] =>
  frames.flatMap(({ body }) => (body.kind === kind ? [body as EaMessageOf<K>] : []));
