import type { Clock, TimerHandle } from '../../domain/ports.ts';
import { Envelope, type PendingAsk } from './envelope.ts';
import type { Message } from './types.ts';

interface Timer {
  readonly envelope: Envelope;
  handle: TimerHandle | undefined;
}

/**
 * One life of an actor, and everything it started. Revoking it is what "dead" means in a process
 * that cannot stop a promise: timers are cancelled, the abort signal fires, and whatever comes
 * back later finds `alive` false.
 */
export class Incarnation {
  readonly number: number;
  readonly pid: number;
  alive = true;
  private readonly timers = new Set<Timer>();
  private readonly keyed = new Map<string, Timer>();
  private readonly cleanups = new Set<() => void>();
  private readonly owed = new Set<PendingAsk>();
  private controller: AbortController | undefined;

  constructor(number: number, pid: number) {
    this.number = number;
    this.pid = pid;
  }

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (!this.alive) this.controller.abort();
    return this.controller.signal;
  }

  /** Hands `message` to `deliver` after `delayMs`, unless cancelled, replaced or revoked before. */
  after(
    clock: Clock,
    delayMs: number,
    message: Message,
    key: string | undefined,
    deliver: (envelope: Envelope) => void,
  ): TimerHandle {
    const timer: Timer = { envelope: new Envelope(message, this, { key }), handle: undefined };
    if (!this.alive) return { cancel: () => undefined };
    if (key !== undefined) {
      this.cancelKey(key);
      this.keyed.set(key, timer);
    }
    this.timers.add(timer);
    timer.handle = clock.schedule(delayMs, () => {
      this.timers.delete(timer);
      if (this.alive && !timer.envelope.cancelled) deliver(timer.envelope);
    });
    return { cancel: () => this.cancelTimer(timer) };
  }

  /** Also takes back a message that fired already but was not handled yet. */
  cancelKey(key: string): void {
    const timer = this.keyed.get(key);
    if (timer === undefined) return;
    this.keyed.delete(key);
    this.cancelTimer(timer);
  }

  /** The message of a keyed timer is being handled: its key is free again. */
  handled(envelope: Envelope): void {
    const { key } = envelope;
    if (key !== undefined && this.keyed.get(key)?.envelope === envelope) this.keyed.delete(key);
  }

  /** Runs when the incarnation ends, unless the returned function was called before. */
  onEnd(cleanup: () => void): () => void {
    this.cleanups.add(cleanup);
    return () => {
      this.cleanups.delete(cleanup);
    };
  }

  /** This incarnation has taken a request and owes an answer: its end is one, too. */
  take(ask: PendingAsk): void {
    if (ask.settled) return;
    this.owed.add(ask);
    ask.release = () => this.owed.delete(ask);
  }

  /** No timer fires any more; also those that fired and wait in the mailbox are taken back. */
  cancelTimers(): void {
    for (const timer of [...this.timers, ...this.keyed.values()]) this.cancelTimer(timer);
    this.keyed.clear();
  }

  revoke(): void {
    if (!this.alive) return;
    this.alive = false;
    this.cancelTimers();
    this.controller?.abort();
    for (const cleanup of [...this.cleanups]) cleanup();
    this.cleanups.clear();
    for (const ask of [...this.owed]) ask.settle({ ok: false, error: 'dead' });
    this.owed.clear();
  }

  private cancelTimer(timer: Timer): void {
    timer.envelope.cancelled = true;
    timer.handle?.cancel();
    this.timers.delete(timer);
  }
}
