import type { Message, System } from '../kernel/types.ts';
import type { ConnectionMessage, ExecutorMessage, GuardMessage } from '../messages.ts';
import type { SignalTracer } from './signal-tracer.ts';

/** Whose messages tell what became of a signal. */
export interface TracedPaths {
  readonly guard: string;
  readonly executor: string;
  readonly connection: string;
  /** Path of a strategy's host, and the strategy's id. */
  readonly strategies: ReadonlyMap<string, string>;
}
type See = (tracer: SignalTracer, ms: number) => void;

const seenByExecutor = (message: ExecutorMessage): See | undefined => {
  switch (message.type) {
    case 'intent.admitted':
      return (tracer, ms) => tracer.admitted(message, ms);
    case 'intent.durable':
      return (tracer, ms) => tracer.durable(message.intentId, ms);
    case 'intent.notDurable':
      return (tracer, ms) => tracer.durable(message.intentId, ms, message.reason);
    case 'attempt.unsent':
      return (tracer, ms) => tracer.unsent(message.intentId, message.attempt, message.fault, ms);
    case 'attempt.acked':
      return (tracer, ms) => tracer.acked(message, ms);
    case 'attempt.finished':
      return (tracer, ms) => tracer.finished(message, ms);
    default:
      return undefined;
  }
};

/** Listens as each of them is about to handle a message. Gives back the end of listening. */
export const listenToActors = (
  system: System,
  paths: TracedPaths,
  see: (what: See) => void,
): (() => void) => {
  const readers = new Map<string, (message: Message) => See | undefined>([
    [
      paths.guard,
      (message) => {
        const told = message as GuardMessage;
        return told.type === 'signal.raised' ? (tracer, ms) => tracer.raised(told, ms) : undefined;
      },
    ],
    [paths.executor, (message) => seenByExecutor(message as ExecutorMessage)],
    [
      paths.connection,
      (message) => {
        const told = message as ConnectionMessage;
        return told.type === 'command.send'
          ? (tracer, ms) => tracer.commanded(told, ms)
          : undefined;
      },
    ],
    ...[...paths.strategies].map(([path, id]): [string, (message: Message) => See | undefined] => [
      path,
      ({ type }) => (type === 'market.ticks' ? (tracer, ms) => tracer.ticked(id, ms) : undefined),
    ]),
  ]);
  const stops = new Map<string, () => void>();
  const attach = (path: string): void => {
    const read = readers.get(path);
    if (read === undefined) return;
    stops.get(path)?.();
    const stop = system.sys(path)?.trace(({ message }) => {
      const seen = read(message);
      if (seen !== undefined) see(seen);
    });
    if (stop !== undefined) stops.set(path, stop);
  };
  for (const path of readers.keys()) attach(path);
  // A path that comes to life again may be another actor.
  const unsubscribe = system.subscribe((event) => {
    if (event.type === 'actor.started') attach(event.path);
  });
  return () => {
    unsubscribe();
    for (const stop of stops.values()) stop();
  };
};
