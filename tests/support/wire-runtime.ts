import type { EaFrame, EaMessageOf, Envelope, RuntimeBody } from '../../src/mt5/wire/messages.ts';
import { createInbox } from './inbox.ts';
import { type TestGateway, testGateway } from './link-ends.ts';

/**
 * A runtime as small as it can be: it welcomes, claims, confirms every advance, and hands each one
 * to a strategy that answers with messages. What a restarted terminal repeats, it repeats too.
 */
export interface WireRuntimeOptions {
  readonly strategy: (
    advance: EaMessageOf<'clock.advance'>,
    ea: Envelope,
  ) => readonly RuntimeBody[];
}

export class WireRuntime {
  readonly ended = createInbox<EaMessageOf<'clock.advance'>>('end of the data');
  readonly hellos = createInbox<EaMessageOf<'hello'>>('hello');
  readonly advances = createInbox<EaMessageOf<'clock.advance'>>('advance');
  readonly heartbeats = createInbox<EaMessageOf<'ea.heartbeat'>>('heartbeat');
  readonly goodbyes = createInbox<EaMessageOf<'goodbye'>>('goodbye');
  readonly gateway: TestGateway;
  readonly #options: WireRuntimeOptions;
  #session = 0;
  #seq = 0;
  #epoch = 0;
  /** False leaves every further advance unconfirmed. */
  confirming = true;

  private constructor(gateway: TestGateway, options: WireRuntimeOptions) {
    this.gateway = gateway;
    this.#options = options;
  }

  static async open(options: WireRuntimeOptions): Promise<WireRuntime> {
    const pending: { runtime?: WireRuntime } = {};
    const gateway = await testGateway({
      onFrame: (identity, frame) => pending.runtime?.receive(identity, frame),
    });
    pending.runtime = new WireRuntime(gateway, options);
    return pending.runtime;
  }

  receive(identity: string, { envelope, body }: EaFrame): void {
    const say = (message: RuntimeBody): void => {
      this.#seq += 1;
      const claim = this.#epoch === 0 ? null : { epoch: this.#epoch, instance: 'runtime-1' };
      const ts = { msc: 0, server: null, gmt: null, mono: 0 };
      const session = `s-${this.#session}`;
      const head = {
        v: 1 as const,
        id: `m${this.#seq}`,
        re: null,
        session,
        claim,
        seq: this.#seq,
        ts,
        trace: null,
      };
      this.gateway.send(identity, { envelope: head, body: message }).catch(() => undefined);
    };
    if (body.kind === 'hello') {
      this.#session += 1;
      this.#seq = 0;
      this.hellos.push(body);
      say({
        kind: 'welcome',
        role: 'active',
        protocolVersion: 1,
        heartbeatMs: 1000,
        runtimeInstance: 'runtime-1',
      });
      say({
        kind: 'claim',
        expected: body.highestEpoch,
        instanceId: 'runtime-1',
        leaseMs: 10_000,
        takeoverToken: null,
      });
      say({
        kind: 'subscribe',
        symbols: [{ symbol: 'EURUSD', wakeOnBar: 'M1', wakeOnTick: false }],
      });
      say({
        kind: 'clock.done',
        clockSeq: body.clock?.doneSeq ?? 0,
        wakeAtMs: null,
        equityAtOrBelow: null,
      });
    } else if (body.kind === 'claim.granted') {
      this.#epoch = body.epoch;
    } else if (body.kind === 'ea.heartbeat') {
      this.heartbeats.push(body);
      say({ kind: 'runtime.heartbeat', leaseMs: 10_000 });
    } else if (body.kind === 'goodbye') {
      this.goodbyes.push(body);
    } else if (body.kind === 'clock.advance') {
      this.advances.push(body);
      if (body.why === 'end') this.ended.push(body);
      if (!this.confirming) return;
      for (const message of this.#options.strategy(body, envelope)) say(message);
      say({ kind: 'clock.done', clockSeq: body.clockSeq, wakeAtMs: null, equityAtOrBelow: null });
    }
  }
}
