/**
 * Sequence numbers of one session: each side counts its own messages from 1, without gaps. A gap
 * means that something was lost and only a new snapshot tells the truth; a number seen before means
 * a repeated or late message, which must not be applied a second time or out of order.
 */
export interface IncomingSeq {
  readonly session: string;
  /** The number that the next message should carry. */
  readonly expected: number;
}

export type SeqVerdict =
  | { readonly type: 'next' }
  /** Already seen, or overtaken by a later one: drop it. */
  | { readonly type: 'duplicate'; readonly expected: number; readonly got: number }
  /** `missing` messages were lost before this one. This one itself is good. */
  | {
      readonly type: 'gap';
      readonly expected: number;
      readonly got: number;
      readonly missing: number;
    }
  /** It belongs to an earlier or unknown session: drop it, change nothing. */
  | { readonly type: 'otherSession'; readonly session: string };

export const incomingSeq = (session: string): IncomingSeq => ({ session, expected: 1 });

/** Judges one message. After a gap the state goes on from the message that revealed it, so that one
 * loss is one gap. */
export const observeSeq = (
  state: IncomingSeq,
  message: { readonly session: string; readonly seq: number },
): { readonly state: IncomingSeq; readonly verdict: SeqVerdict } => {
  if (message.session !== state.session) {
    return { state, verdict: { type: 'otherSession', session: message.session } };
  }
  const { expected } = state;
  const got = message.seq;
  if (!Number.isSafeInteger(got) || got < expected) {
    return { state, verdict: { type: 'duplicate', expected, got } };
  }
  const next = { session: state.session, expected: got + 1 };
  if (got === expected) return { state: next, verdict: { type: 'next' } };
  return { state: next, verdict: { type: 'gap', expected, got, missing: got - expected } };
};

/** The sender's counter. Immutable, so that a crashed turn does not burn a number. */
export interface OutgoingSeq {
  readonly session: string;
  /** The number of the last message; 0 before the first. */
  readonly last: number;
}

export const outgoingSeq = (session: string): OutgoingSeq => ({ session, last: 0 });

/** The state after taking the next number, which is its `last`. */
export const takeSeq = (state: OutgoingSeq): OutgoingSeq => ({
  session: state.session,
  last: state.last + 1,
});
