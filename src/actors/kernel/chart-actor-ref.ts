import type {
  ActorRef,
  AnyActorRef,
  AnyEventObject,
  AnyStateMachine,
  EmittedFrom,
  EventFromLogic,
  InspectionEvent,
  Observer,
  Snapshot,
  SnapshotFrom,
  Subscription,
} from 'xstate';
import type { Clock, TimerHandle } from '../../domain/ports.ts';
import type { ChartChannel, ChartFact, ChartObserver } from './chart-channel.ts';
import type { Message, System } from './types.ts';

/**
 * A hosted chart as everyone outside knows it: an XState actor reference. `send` goes through
 * the actor's mailbox, so it never throws and never re-enters; `start` and `stop` do nothing,
 * because lives belong to the supervisor.
 */
export type ChartActorRef<Machine extends AnyStateMachine> = ActorRef<
  SnapshotFrom<Machine>,
  EventFromLogic<Machine>,
  EmittedFrom<Machine>
> & {
  /** XState's own relay delivers by this name. */
  readonly _send: (event: EventFromLogic<Machine>) => void;
  /** Stops mirroring the chart; the chart goes on. */
  readonly close: () => void;
};

export interface ChartActorRefOptions<Machine extends AnyStateMachine> {
  readonly system: System;
  readonly path: string;
  readonly machine: Machine;
  /** The one its behaviour tells. */
  readonly channel: ChartChannel<Machine>;
  /** Clock of what others schedule through this reference. */
  readonly clock: Clock;
  /** Receives XState's inspection events; may throw without harm. */
  readonly inspect?: (event: InspectionEvent) => void;
}

const subscription = (unsubscribe: () => void): Subscription => ({ unsubscribe });

type Inspect = (event: InspectionEvent) => void;

/** The parts of an XState system that a reference is asked for. */
const systemOf = (clock: Clock, self: () => AnyActorRef, inspectors: Set<Inspect>) => {
  const scheduled = new Map<string, TimerHandle>();
  const key = (source: AnyActorRef, id: string): string => `${source.sessionId} ${id}`;
  const cancel = (source: AnyActorRef, id: string): void => {
    scheduled.get(key(source, id))?.cancel();
    scheduled.delete(key(source, id));
  };
  return {
    get: (id: string) => (id === self().id ? self() : undefined),
    getAll: () => ({ [self().id]: self() }),
    inspect: (observer: Observer<InspectionEvent> | Inspect) => {
      const listen =
        typeof observer === 'function'
          ? observer
          : (event: InspectionEvent) => observer.next?.(event);
      inspectors.add(listen);
      return subscription(() => inspectors.delete(listen));
    },
    scheduler: {
      schedule: (
        source: AnyActorRef,
        target: AnyActorRef,
        event: AnyEventObject,
        delay: number,
        id = event.type,
      ) => {
        cancel(source, id);
        scheduled.set(
          key(source, id),
          clock.schedule(delay, () => target.send(event)),
        );
      },
      cancel,
      cancelAll: (source: AnyActorRef) => {
        for (const name of [...scheduled.keys()]) {
          if (name.startsWith(`${source.sessionId} `)) {
            scheduled.get(name)?.cancel();
            scheduled.delete(name);
          }
        }
      },
    },
    getSnapshot: () => ({ _scheduledEvents: {} }),
    start: () => undefined,
    _clock: {
      setTimeout: (fire: () => void, delayMs: number) => clock.schedule(delayMs, fire),
      clearTimeout: (handle: TimerHandle) => handle.cancel(),
    },
    _logger: () => undefined,
  } as unknown as AnyActorRef['system'];
};

/** What XState's inspector would have been told of the same fact. */
const inspectionsOf = <Machine extends AnyStateMachine>(
  fact: ChartFact<Machine>,
  actorRef: AnyActorRef,
): readonly InspectionEvent[] => {
  const base = { rootId: actorRef.sessionId, actorRef };
  const snapshotEvent = (event: Message, snapshot: SnapshotFrom<Machine>): InspectionEvent => ({
    ...base,
    type: '@xstate.snapshot',
    event,
    snapshot: snapshot as Snapshot<unknown>,
  });
  switch (fact.type) {
    case 'started':
      return [
        { ...base, type: '@xstate.actor' },
        snapshotEvent({ type: 'xstate.init' }, fact.snapshot),
      ];
    case 'received':
      return [{ ...base, type: '@xstate.event', sourceRef: undefined, event: fact.event }];
    case 'acted': {
      const { name, params } = fact.effect;
      return [{ ...base, type: '@xstate.action', action: { type: name, params } }];
    }
    case 'moved':
      return [snapshotEvent(fact.event, fact.snapshot)];
  }
};

const observerOf = <Machine extends AnyStateMachine>(
  next: unknown,
  error: unknown,
  complete: unknown,
): ChartObserver<Machine> =>
  typeof next === 'object' && next !== null
    ? (next as ChartObserver<Machine>)
    : ({ next, error, complete } as ChartObserver<Machine>);

/** Makes the reference. Throws when the chart has not started yet and a snapshot is asked for. */
export const chartActorRef = <Machine extends AnyStateMachine>(
  options: ChartActorRefOptions<Machine>,
): ChartActorRef<Machine> => {
  const { system, path, channel, machine } = options;
  const inspectors = new Set<Inspect>(options.inspect === undefined ? [] : [options.inspect]);
  const { send } = system.ref<EventFromLogic<Machine>>(path);
  const getSnapshot = (): SnapshotFrom<Machine> => {
    if (channel.current === undefined) throw new Error(`chart '${path}' has not started yet`);
    return channel.current;
  };
  const subscribe = (next?: unknown, error?: unknown, complete?: unknown): Subscription =>
    subscription(channel.subscribe(observerOf(next, error, complete)));
  const self = (): AnyActorRef => ref;
  const parts = {
    id: path.slice(path.lastIndexOf('.') + 1),
    sessionId: path,
    src: machine,
    send,
    _send: send,
    start: () => undefined,
    stop: () => undefined,
    getSnapshot,
    getPersistedSnapshot: () => machine.getPersistedSnapshot(getSnapshot() as never),
    toJSON: () => ({ xstate$$type: 1, id: path }),
    system: systemOf(options.clock, self, inspectors),
    on: (type: string, handler: (event: EmittedFrom<Machine>) => void) =>
      subscription(channel.on(type, handler)),
    subscribe,
    select: <T>(
      selector: (snapshot: SnapshotFrom<Machine>) => T,
      equal: (a: T, b: T) => boolean = Object.is,
    ) => ({
      get: () => selector(getSnapshot()),
      subscribe: (next: (value: T) => void) => {
        let last = selector(getSnapshot());
        return subscribe((snapshot: SnapshotFrom<Machine>) => {
          const value = selector(snapshot);
          if (!equal(last, value)) next(value);
          last = value;
        });
      },
    }),
    [Symbol.observable ?? '@@observable']: self,
    close: () => {
      for (const stop of stops) stop();
    },
  };
  const ref = parts as unknown as AnyActorRef & ChartActorRef<Machine>;
  const stops = [
    channel.inspect((fact) => {
      for (const event of inspectionsOf(fact, ref)) {
        for (const inspect of inspectors) inspect(event);
      }
    }),
    system.subscribe((event) => {
      if (event.type === 'actor.exited' && event.path === path) channel.ended(event.reason);
    }),
  ];
  return ref;
};
