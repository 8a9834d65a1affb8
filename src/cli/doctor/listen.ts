import { frameFor, openSession, type Session } from '../../actors/connection/connection-session.ts';
import { ambientClock, ambientDefer } from '../../actors/kernel/ambient-clock.ts';
import { epochMs } from '../../domain/units.ts';
import { type Gateway, openGateway } from '../../mt5/gateway.ts';
import type { CurveServerKeys } from '../../mt5/wire/curve.ts';
import type { EaFrame, EaMessageOf, Envelope, RuntimeBody } from '../../mt5/wire/messages.ts';
import { negotiateVersion } from '../../mt5/wire/versions.ts';

/** What came to the port while the doctor listened there. */
export interface Heard {
  /** The greeting of the account's own terminal, else of the first that came. */
  readonly greeting: {
    readonly hello: EaMessageOf<'hello'>;
    readonly envelope: Envelope;
  } | null;
  /** Its answers; null: it was not asked, or gave none in time. */
  readonly reply: Pick<EaMessageOf<'query.reply'>, 'account' | 'symbols'> | null;
  /** Somebody connected, whatever came of it. */
  readonly hasAccepted: boolean;
  /** Why a handshake failed, null where none did. */
  readonly handshakeFailed: string | null;
  /** What could not be read, null where everything could. */
  readonly malformed: string | null;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly curve?: CurveServerKeys;
  readonly waitMs: number;
  readonly isWelcome: (hello: EaMessageOf<'hello'>) => boolean;
  readonly symbols: readonly string[];
}

/** How long a stranger's greeting is kept, in case the account's own terminal comes as well; and how
 * long a terminal that has greeted may take for its answers. Wall milliseconds. */
const STRANGER_MS = 1_500;
const REPLY_MS = 10_000;
const INSTANCE = 'doctor';

/**
 * Listens where the runtime would, for a bounded time, and hears the EA's greeting. It welcomes it as
 * a standby and asks for account and symbols: it claims no lease and renews none, so that the EA's
 * guard and dead man go on as if nobody had come. Rejects with the gateway's own errors.
 */
export const listenForTerminal = async (options: ListenOptions): Promise<Heard> => {
  const ear = new Ear(options);
  const { host, port, curve } = options;
  const gateway = await openGateway({
    host,
    port,
    ...(curve === undefined ? {} : { curve }),
    clock: ambientClock,
    defer: ambientDefer,
    onFault: (error) => ear.unreadable(String(error)),
    onFrame: (identity, frame) => ear.frame(identity, frame),
    onMalformed: (_, { error, detail }) => ear.unreadable(`${error}, ${detail}`),
    onSocketEvent: (event) => {
      if (event.type === 'accepted') ear.accepted();
      if (event.type === 'handshakeFailed') ear.refused(event.detail);
    },
  });
  try {
    return await ear.listen(gateway);
  } finally {
    await gateway.close();
  }
};

class Ear {
  readonly #options: ListenOptions;
  #gateway: Gateway | undefined;
  #session: Session | undefined;
  #heard: Heard = {
    greeting: null,
    reply: null,
    hasAccepted: false,
    handshakeFailed: null,
    malformed: null,
  };
  readonly #parts: EaMessageOf<'query.reply'>[] = [];
  #asked = 0;
  #settle: () => void = () => undefined;
  #timer = ambientClock.schedule(0, () => undefined);

  constructor(options: ListenOptions) {
    this.#options = options;
  }

  async listen(gateway: Gateway): Promise<Heard> {
    this.#gateway = gateway;
    const settled = new Promise<void>((resolve) => {
      this.#settle = resolve;
    });
    this.#within(this.#options.waitMs);
    await settled;
    this.#timer.cancel();
    this.#say({ kind: 'goodbye', reason: 'the doctor has seen enough' });
    return this.#heard;
  }

  accepted(): void {
    this.#heard = { ...this.#heard, hasAccepted: true };
  }

  refused(detail: string): void {
    this.#heard = { ...this.#heard, handshakeFailed: detail };
  }

  unreadable(detail: string): void {
    this.#heard = { ...this.#heard, malformed: detail };
  }

  frame(identity: string, { envelope, body }: EaFrame): void {
    if (body.kind === 'hello') this.#greeted(identity, body, envelope);
    else if (body.kind === 'query.reply' && envelope.session === this.#session?.id) {
      this.#answered(body);
    }
  }

  #greeted(identity: string, hello: EaMessageOf<'hello'>, envelope: Envelope): void {
    if (this.#session !== undefined) return;
    const isFirst = this.#heard.greeting === null;
    const isWelcome = this.#options.isWelcome(hello);
    if (!isFirst && !isWelcome) return;
    this.#heard = { ...this.#heard, greeting: { hello, envelope } };
    if (!isWelcome) {
      this.#within(STRANGER_MS);
      return;
    }
    this.#within(REPLY_MS);
    this.#session = openSession(`doctor-${envelope.id}`, identity, hello, envelope.ts.mono);
    this.#say({
      kind: 'welcome',
      role: 'standby',
      protocolVersion: negotiateVersion(hello.protocolVersions) ?? 1,
      heartbeatMs: 1_000,
      runtimeInstance: INSTANCE,
    });
    const { symbols } = this.#options;
    const nothing = { intent: null, attempt: null, magic: null, fromMs: 0 } as const;
    this.#ask({ kind: 'query', what: 'account', symbols: [], ...nothing });
    if (symbols.length > 0) this.#ask({ kind: 'query', what: 'symbols', symbols, ...nothing });
  }

  #ask(body: RuntimeBody): void {
    this.#asked += 1;
    this.#say(body);
  }

  #answered(reply: EaMessageOf<'query.reply'>): void {
    this.#parts.push(reply);
    if (reply.last) this.#asked -= 1;
    if (this.#asked > 0) return;
    const account = this.#parts.find((part) => part.account !== null)?.account ?? null;
    const symbols = this.#parts.flatMap((part) => part.symbols);
    this.#heard = { ...this.#heard, reply: { account, symbols } };
    this.#settle();
  }

  #say(body: RuntimeBody): void {
    if (this.#session === undefined) return;
    const { identity } = this.#session;
    const at = epochMs(ambientClock.now());
    const framed = frameFor(this.#session, body, { instance: INSTANCE, at });
    this.#session = framed.session;
    void this.#gateway?.send(identity, framed.frame);
  }

  #within(ms: number): void {
    this.#timer.cancel();
    this.#timer = ambientClock.schedule(ms, () => this.#settle());
  }
}
