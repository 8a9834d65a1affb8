import type { Envelope } from '../../wire/messages.ts';
import { incomingSeq, observeSeq } from '../../wire/session-seq.ts';

/** The numbers of the runtime's messages in this session, as the EA has heard them. */
export class HeardSeq {
  #incoming = incomingSeq('');
  /** Messages since the last one that could not be read: they have numbers, too. */
  #unread = 0;

  /** A session begins with its welcome. */
  begin(welcome: Envelope): void {
    this.#incoming = observeSeq(incomingSeq(welcome.session), welcome).state;
    this.#unread = 0;
  }

  unreadable(): void {
    this.#unread += 1;
  }

  /** `gap`: something was lost before this one. `duplicate`: seen before, or overtaken. */
  judge(envelope: Envelope): 'next' | 'gap' | 'duplicate' {
    const { state, verdict } = observeSeq(this.#incoming, envelope);
    this.#incoming = state;
    if (verdict.type === 'duplicate') return 'duplicate';
    const lost = verdict.type === 'gap' && verdict.missing > this.#unread;
    this.#unread = 0;
    return lost ? 'gap' : 'next';
  }
}
