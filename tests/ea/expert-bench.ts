import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { minor } from '../../src/domain/units.ts';
import { parseServerTz } from '../../src/mt5/venue-time.ts';
import type { CurveServerKeys } from '../../src/mt5/wire/curve.ts';
import type {
  EaFrame,
  EaMessageOf,
  Envelope,
  RuntimeBody,
  RuntimeMessageOf,
} from '../../src/mt5/wire/messages.ts';
import { account } from '../support/broker-bench.ts';
import { createInbox } from '../support/inbox.ts';
import { type TestGateway, testGateway } from '../support/link-ends.ts';
import { type Quote, scriptedMarket, ticksOf } from '../support/scripted-market.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { FakeTerminal, type FakeTerminalOptions } from './terminal/fake-terminal.ts';
import { compileProgram } from './toolchain.ts';

/** The compiled Expert Advisor in a fake terminal, and the runtime's side of its link by hand. */
const expert = fileURLToPath(new URL('../../mql5/Experts/Bulwark.mq5', import.meta.url));
export const compiledExpert = (): string => compileProgram(expert);

const zone = (() => {
  const parsed = parseServerTz('ny+7');
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.zone;
})();

/** A terminal with a market of its own, and an account of 100,000 dollars. */
export const terminalOf = (
  options: Partial<FakeTerminalOptions> & {
    readonly binary: string;
    readonly quotes?: readonly Quote[] | undefined;
  },
): FakeTerminal => {
  const { quotes, ...rest } = options;
  return new FakeTerminal({
    directory: temporaryDirectory(),
    market: scriptedMarket(ticksOf(quotes ?? CALM)),
    zone,
    account: { ...account, balanceMinor: minor(10_000_000n) },
    latencyMs: 0,
    seed: 1,
    ...rest,
  });
};

/** A quote each second for the first minute, then one a minute. */
export const CALM: readonly Quote[] = Array.from({ length: 120 }, (_, index) => [
  index < 60 ? 1_000 * (index + 1) : 60_000 * (index - 58),
  130_000 + (index % 7),
]);

/** Messages that a test may skip while it waits for another one. */
const SKIPPED_AT_MOST = 200;

export interface BenchOptions extends Partial<FakeTerminalOptions> {
  readonly quotes?: readonly Quote[];
  /** Of the runtime's end. */
  readonly curve?: CurveServerKeys;
}

export class ExpertBench {
  readonly terminal: FakeTerminal;
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

  private constructor(terminal: FakeTerminal, gateway: TestGateway) {
    this.terminal = terminal;
    this.gateway = gateway;
  }

  static async open(options: BenchOptions = {}): Promise<ExpertBench> {
    const holder: { bench?: ExpertBench } = {};
    const { quotes, curve, ...rest } = options;
    const gateway = await testGateway({
      onFrame: (identity, frame) => holder.bench?.receive(identity, frame),
      ...(curve === undefined ? {} : { curve }),
    });
    const terminal = terminalOf({
      binary: compiledExpert(),
      quotes,
      ...rest,
      inputs: {
        InpEndpoints: gateway.endpoint,
        InpInstance: 'ea-1',
        InpLogLevel: '3',
        ...rest.inputs,
      },
    });
    const bench = new ExpertBench(terminal, gateway);
    holder.bench = bench;
    onTestFinished(async () => {
      await terminal.close();
      expect(terminal.stderr).toBe('');
      expect(gateway.malformed.rest()).toEqual([]);
    });
    return bench;
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
      const seen = [...skipped.slice(-12), ...bad, ...this.terminal.printed.slice(-5)].join('\n');
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

  /** From the start of the EA to a granted claim. */
  async begin(): Promise<EaMessageOf<'hello'>> {
    expect(await this.terminal.start()).toBe(0);
    return this.control();
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
