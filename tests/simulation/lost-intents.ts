/**
 * What is sent without a durable journal stands in two places: in the memory of the executor that
 * sent it, and in the EA's journal, which together with the deals tells what it was. This keeps the
 * account of both.
 */
export class LostIntents {
  /** The life of the executor that sent an intent last. */
  readonly #senders = new Map<string, string>();
  /** In the EA's journal and not in ours, when the EA's was lost. */
  readonly #forgotten = new Set<string>();
  readonly #dealt = new Set<string>();

  sent(intentId: string, executor: string): void {
    this.#senders.set(intentId, executor);
  }

  /** The EA's journal is lost, with these intents in it. */
  forgotten(inTheEa: Iterable<string>, inOurs: { readonly has: (id: string) => boolean }): void {
    for (const intentId of inTheEa) if (!inOurs.has(intentId)) this.#forgotten.add(intentId);
  }

  /** The broker booked a deal for it. */
  dealt(intentId: string): void {
    this.#dealt.add(intentId);
  }

  /** What the living executor did not send, and nobody can tell: the EA's journal is lost, or there
   * is no deal, so that it did nothing and nothing says what it was. */
  lostTo(executor: string): ReadonlySet<string> {
    const gone = [...this.#senders].filter(([, sender]) => sender !== executor);
    const untold = gone.filter(([id]) => this.#forgotten.has(id) || !this.#dealt.has(id));
    return new Set(untold.map(([id]) => id));
  }
}
