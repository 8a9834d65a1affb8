import type { EpochMs } from '../../domain/units.ts';
import type {
  EaFrame,
  EaMessageOf,
  Envelope,
  RuntimeBody,
  RuntimeFrame,
} from '../../mt5/wire/messages.ts';
import {
  type IncomingSeq,
  incomingSeq,
  type OutgoingSeq,
  observeSeq,
  outgoingSeq,
  type SeqVerdict,
  takeSeq,
} from '../../mt5/wire/session-seq.ts';
import type { Takeover } from './connection-state.ts';

/** One session with one terminal: its name, its counters, and the clock the terminal last showed. */
export interface Session {
  readonly id: string;
  readonly identity: string;
  readonly hello: EaMessageOf<'hello'>;
  readonly outgoing: OutgoingSeq;
  readonly incoming: IncomingSeq;
  readonly epoch: number;
  /** Last monotonic clock of the terminal that we saw: deadlines of commands count from it. */
  readonly seenMono: number;
  /** It was reconciled and live before: another reconciliation is not a new session. */
  readonly wasLive: boolean;
  /** Last instant that the terminal knows to be over; 0 where it is not clock master. */
  readonly doneSeq: number;
}

export const openSession = (
  id: string,
  identity: string,
  hello: EaMessageOf<'hello'>,
  mono: number,
): Session => ({
  id,
  identity,
  hello,
  outgoing: outgoingSeq(id),
  incoming: incomingSeq(id),
  epoch: 0,
  seenMono: mono,
  wasLive: false,
  doneSeq: hello.clock?.doneSeq ?? 0,
});

/** Judges a frame's place in the session and remembers the terminal's clock. */
export const observeFrame = (
  session: Session,
  frame: EaFrame,
): { readonly session: Session; readonly verdict: SeqVerdict } => {
  const { envelope } = frame;
  const { state, verdict } = observeSeq(session.incoming, envelope);
  const seenMono = Math.max(session.seenMono, envelope.ts.mono);
  return { session: { ...session, incoming: state, seenMono }, verdict };
};

/** A takeover token that is shown until a claim was granted, over restarts of the connection. */
export const shownOnce = (token: string | null): Takeover => {
  let shown = token;
  return {
    token: () => shown,
    spent: () => {
      shown = null;
    },
  };
};

const COMMANDS: ReadonlySet<RuntimeBody['kind']> = new Set([
  'order.place',
  'order.modify',
  'order.cancel',
  'position.modify',
  'position.closeBy',
  'position.close',
  'flatten',
] as const);

/** Puts a body into its envelope: the next sequence number, our fence, and, on a command, the
 * terminal's own clock as the start of its deadline. */
export const frameFor = (
  session: Session,
  body: RuntimeBody,
  options: {
    /** Names a message that will be answered; any other is named by its number. */
    readonly id?: string;
    readonly re?: string;
    readonly trace?: string;
    readonly instance: string;
    readonly at: EpochMs;
  },
): { readonly session: Session; readonly frame: RuntimeFrame } => {
  const outgoing = takeSeq(session.outgoing);
  const envelope: Envelope = {
    v: 1,
    id: options.id ?? `r${outgoing.last}`,
    re: options.re ?? null,
    session: session.id,
    claim: session.epoch === 0 ? null : { epoch: session.epoch, instance: options.instance },
    seq: outgoing.last,
    ts: { msc: options.at, server: null, gmt: null, mono: options.at },
    trace: options.trace ?? null,
  };
  const stamped =
    COMMANDS.has(body.kind) && 'seenMono' in body ? { ...body, seenMono: session.seenMono } : body;
  return { session: { ...session, outgoing }, frame: { envelope, body: stamped } };
};
