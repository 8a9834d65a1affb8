import type {
  EaFrame,
  EaMessageOf,
  Envelope,
  RuntimeBody,
  RuntimeMessageOf,
} from '../../src/mt5/wire/messages.ts';
import { createInbox } from '../support/inbox.ts';
import type { TestGateway } from '../support/link-ends.ts';

/** Messages that a test may skip while it waits for another one. */
const SKIPPED_AT_MOST = 200;

/** The runtime's side of a link by hand: whatever stands at the other end. */
export class RuntimeEnd {
  readonly gateway: TestGateway;
  readonly frames = createInbox<EaFrame>('message of the EA');
  readonly all: EaFrame[] = [];
  identity = '';
  session = '';
  seq = 0;
  epoch = 0;
  mono = 0;
  /** As which controller this side speaks. */
  instance = 'runtime-1';
  #sessions = 0;
  /** What the other end wrote for people: the end of an error's text. */
  readonly #printed: () => readonly string[];

  constructor(gateway: TestGateway, printed: () => readonly string[]) {
    this.gateway = gateway;
    this.#printed = printed;
  }

  receive(identity: string, frame: EaFrame): void {
    this.identity = identity;
    this.mono = Math.max(this.mono, frame.envelope.ts.mono);
    this.all.push(frame);
    this.frames.push(frame);
  }

  envelope(): Envelope {
    this.seq += 1;
    return {
      v: 1,
      id: `m${this.#sessions}.${this.seq}`,
      re: null,
      session: this.session,
      claim: this.epoch === 0 ? null : { epoch: this.epoch, instance: this.instance },
      seq: this.seq,
      ts: { msc: 0, server: null, gmt: null, mono: 0 },
      trace: null,
    };
  }

  /** Sends a body, and tells the id under which its answer comes. */
  say(body: RuntimeBody, envelope: Envelope = this.envelope()): string {
    this.gateway.send(this.identity, { envelope, body }).catch(() => undefined);
    return envelope.id;
  }

  /** The next message of this kind; others before it are skipped. */
  async next<Kind extends EaFrame['body']['kind']>(
    kind: Kind,
    where: (body: EaMessageOf<Kind>, envelope: Envelope) => boolean = () => true,
  ): Promise<{ readonly body: EaMessageOf<Kind>; readonly frame: EaFrame }> {
    const skipped: string[] = [];
    const found = await this.frames.until(({ body, envelope }) => {
      if (body.kind === kind && where(body as EaMessageOf<Kind>, envelope)) return true;
      skipped.push(JSON.stringify(body).slice(0, 200));
      if (skipped.length < SKIPPED_AT_MOST) return false;
      const bad = this.gateway.malformed.rest().map((info) => JSON.stringify(info));
      const seen = [...skipped.slice(-12), ...bad, ...this.#printed().slice(-5)].join('\n');
      throw new Error(`no ${kind} among\n${seen}`);
    }, 10_000);
    return { body: found.body as EaMessageOf<Kind>, frame: found };
  }

  /** The answer to what `say` returned the id of. */
  answer<Kind extends EaFrame['body']['kind']>(kind: Kind, id: string) {
    return this.next(kind, (_, envelope) => envelope.re === id);
  }

  async welcome(role: 'active' | 'standby' = 'active'): Promise<EaMessageOf<'hello'>> {
    const { body: hello } = await this.next('hello');
    this.#sessions += 1;
    this.session = `s-${this.#sessions}`;
    this.seq = 0;
    const runtimeInstance = this.instance;
    this.say({ kind: 'welcome', role, protocolVersion: 1, heartbeatMs: 1_000, runtimeInstance });
    return hello;
  }

  async claim(
    options: Partial<RuntimeMessageOf<'claim'>> = {},
  ): Promise<EaMessageOf<'claim.granted'>> {
    const id = this.say({
      kind: 'claim',
      expected: this.epoch,
      instanceId: this.instance,
      leaseMs: 10_000,
      takeoverToken: null,
      ...options,
    });
    const { body } = await this.answer('claim.granted', id);
    this.epoch = body.epoch;
    return body;
  }

  /** From a hello to a granted claim. */
  async control(): Promise<EaMessageOf<'hello'>> {
    const hello = await this.welcome();
    this.epoch = hello.highestEpoch;
    await this.claim();
    return hello;
  }

  order(intent: string, more: Partial<RuntimeMessageOf<'order.place'>> = {}): RuntimeBody {
    return {
      kind: 'order.place',
      intent,
      attempt: 1,
      seenMono: this.mono,
      ttlMs: 60_000,
      symbol: 'EURUSD',
      side: 'buy',
      type: 'market',
      volume: '0.5',
      price: '1.30010',
      stopLimitPrice: null,
      stopLoss: '1.29000',
      takeProfit: null,
      deviationPoints: 20,
      magic: '4611686018427387905',
      filling: 'fok',
      tif: 'gtc',
      expiresAtMs: null,
      comment: intent,
      ...more,
    };
  }
}
