import type { Clock, TimerHandle } from '../../domain/ports.ts';
import { KernelRef } from './actor-ref.ts';
import { Envelope, PendingAsk } from './envelope.ts';
import type { ActorRef, AskResult, Message } from './types.ts';

/**
 * Sends a request that carries its own `reply`. Exactly one result follows: the first answer, the
 * time-out, or the news that the receiver is gone or refused it. Throws what `request` throws.
 * @returns cancels the wait without a result.
 */
export const sendRequest = <T, M extends Message>(request: {
  readonly target: ActorRef<M>;
  readonly message: (reply: (value: T) => void) => M;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly settled: (result: AskResult<T>) => void;
}): (() => void) => {
  const { clock, target, timeoutMs } = request;
  let timer: TimerHandle | undefined;
  const ask = new PendingAsk((result) => {
    timer?.cancel();
    request.settled(result as AskResult<T>);
  });
  const message = request.message((value) => ask.settle({ ok: true, value }));
  // `request` may have called its own reply already.
  if (ask.settled) return () => undefined;
  timer = clock.schedule(timeoutMs, () => ask.settle({ ok: false, error: 'timeout' }));
  if (target instanceof KernelRef) target.sendEnvelope(new Envelope(message, undefined, { ask }));
  else target.send(message);
  return () => {
    timer?.cancel();
    ask.settled = true;
  };
};
