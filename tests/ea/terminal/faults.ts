/**
 * What can go wrong with one OrderSend. `lost`: the request never reaches the server. `executed`:
 * it does and the answer does not. `late`: it executes after the answer said time-out. `retcode`:
 * the server refuses. `partial`: only so many lots. `blocks`: the call takes so long. `killBefore`
 * and `killAfter`: the program's process dies before the request leaves, or after it executed.
 */
export type SendFault =
  | { readonly kind: 'lost' | 'executed' | 'late' | 'killBefore' | 'killAfter' }
  | { readonly kind: 'retcode'; readonly retcode: number }
  | { readonly kind: 'partial'; readonly lots: string }
  | { readonly kind: 'blocks'; readonly ms: number };

/** What happens to one trade transaction on its way to the program's queue. */
export type TransactionFault = 'drop' | 'duplicate' | 'delay';

/** Everything that a test can do to a terminal besides letting it be. */
export class FaultScript {
  readonly #sends: (SendFault | undefined)[] = [];
  /** Of every transaction from now on; `delay` keeps it until the next one came before it. */
  transactions: TransactionFault | undefined;
  /** The terminal has lost its trade server: no quote, no trade. */
  disconnected = false;
  /** Milliseconds that the PC's clock is wrong by. */
  pcClockMs = 0;
  /** CopyTicks answers with an error. */
  ticksFail = false;
  /** HistorySelect answers with an error. */
  historyFails = false;
  readonly switches = { terminal: true, program: true, account: true, expert: true };

  /** Faults of the next OrderSends, in order; undefined leaves one alone. */
  onSend(...faults: readonly (SendFault | undefined)[]): void {
    this.#sends.push(...faults);
  }
  nextSend(): SendFault | undefined {
    return this.#sends.shift();
  }
}
