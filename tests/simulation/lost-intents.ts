/**
 * What is sent without a durable journal stands in two places: in the memory of the executor that
 * sent it, and in the EA's journal. This keeps the account of both.
 */
export class LostIntents {
  /** The life of the executor that sent an intent last. */
  readonly #senders = new Map<string, string>();
  /** In the EA's journal and not in ours, when the EA's was lost. */
  readonly #forgotten = new Set<string>();

  sent(intentId: string, executor: string): void {
    this.#senders.set(intentId, executor);
  }

  /** The EA's journal is lost, with these intents in it. */
  forgotten(inTheEa: Iterable<string>, inOurs: { readonly has: (id: string) => boolean }): void {
    for (const intentId of inTheEa) if (!inOurs.has(intentId)) this.#forgotten.add(intentId);
  }

  /** Of those, what no living executor remembers. */
  lostTo(executor: string): ReadonlySet<string> {
    return new Set([...this.#forgotten].filter((id) => this.#senders.get(id) !== executor));
  }
}
