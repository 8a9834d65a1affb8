import type { EaMessageOf, Envelope } from '../../wire/messages.ts';
import { incomingSeq, observeSeq } from '../../wire/session-seq.ts';

type Notice = EaMessageOf<'notice'>;

/** The numbers of the runtime's messages in this session, as the EA has heard them, and what the
 * runtime is told of those that were lost or good for nothing. */
export class HeardSeq {
  #incoming = incomingSeq('');
  /** Messages since the last one that could not be read: they have numbers, too. */
  #unread = 0;
  /** Messages that never came, until the next session is told of them. */
  #lost = 0;
  #refusalTold = false;

  /** A session begins with its welcome. */
  begin(welcome: Envelope): Notice | undefined {
    this.#incoming = observeSeq(incomingSeq(welcome.session), welcome).state;
    this.#unread = 0;
    this.#refusalTold = false;
    const detail = `${this.#lost} message(s) never came`;
    const notice = { kind: 'notice', code: 'messages.lost', severity: 'warning', detail } as const;
    const told = this.#lost > 0 ? notice : undefined;
    this.#lost = 0;
    return told;
  }

  unreadable(): void {
    this.#unread += 1;
  }

  /** Once in a session: whoever sends rubbish must not fill the audit. */
  refused(detail: string): Notice | undefined {
    if (this.#refusalTold) return undefined;
    this.#refusalTold = true;
    return { kind: 'notice', code: 'messages.refused', severity: 'warning', detail };
  }

  /** How many messages were lost before this one; `duplicate`: it was seen before, or overtaken. */
  judge(envelope: Envelope): number | 'duplicate' {
    const { state, verdict } = observeSeq(this.#incoming, envelope);
    this.#incoming = state;
    if (verdict.type === 'duplicate') return 'duplicate';
    const lost = verdict.type === 'gap' ? Math.max(0, verdict.missing - this.#unread) : 0;
    this.#unread = 0;
    this.#lost += lost;
    return lost;
  }
}
