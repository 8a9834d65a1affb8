import type { AnyMachineSnapshot, AnyStateMachine, EmittedFrom, SnapshotFrom } from 'xstate';
import type { ChartEffect } from './chart-step.ts';
import type { ExitReason, Message } from './types.ts';

export interface ChartObserver<Machine extends AnyStateMachine> {
  readonly next?: (snapshot: SnapshotFrom<Machine>) => void;
  readonly error?: (error: unknown) => void;
  readonly complete?: () => void;
}

/** What happens inside a hosted chart, as an inspector wants to see it. */
export type ChartFact<Machine extends AnyStateMachine> =
  | { readonly type: 'started'; readonly snapshot: SnapshotFrom<Machine> }
  | { readonly type: 'received'; readonly event: Message }
  | { readonly type: 'acted'; readonly effect: ChartEffect & { readonly type: 'action' } }
  | {
      readonly type: 'moved';
      readonly event: Message;
      readonly snapshot: SnapshotFrom<Machine>;
    };

/** An error in an observer is the observer's own: it may neither crash the chart nor silence the
 * others (with plain XState it would wedge the mailbox). */
const quietly = (run: () => void): void => {
  try {
    run();
  } catch {
    // Nobody to tell: the observer is the one who would have listened.
  }
};

/**
 * Where a hosted chart can be watched from outside. It outlives the chart's incarnations; a
 * subscription is to one of them, and its end, completed or failed, is told once.
 */
export class ChartChannel<Machine extends AnyStateMachine> {
  current: SnapshotFrom<Machine> | undefined;
  private readonly observers = new Set<ChartObserver<Machine>>();
  private readonly inspectors = new Set<(fact: ChartFact<Machine>) => void>();
  private readonly handlers = new Set<{
    readonly type: string;
    readonly handle: (event: EmittedFrom<Machine>) => void;
  }>();

  subscribe(observer: ChartObserver<Machine>): () => void {
    // As with XState: who comes after the end hears of the end, and nothing else.
    const current: AnyMachineSnapshot | undefined = this.current;
    if (current?.status === 'done') {
      quietly(() => observer.complete?.());
      return () => undefined;
    }
    this.observers.add(observer);
    return () => {
      this.observers.delete(observer);
    };
  }

  inspect(listener: (fact: ChartFact<Machine>) => void): () => void {
    this.inspectors.add(listener);
    return () => {
      this.inspectors.delete(listener);
    };
  }

  on(type: string, handle: (event: EmittedFrom<Machine>) => void): () => void {
    const handler = { type, handle };
    this.handlers.add(handler);
    return () => {
      this.handlers.delete(handler);
    };
  }

  tell(fact: ChartFact<Machine>): void {
    for (const inspector of [...this.inspectors]) quietly(() => inspector(fact));
    if (fact.type !== 'started' && fact.type !== 'moved') return;
    this.current = fact.snapshot;
    for (const observer of [...this.observers]) quietly(() => observer.next?.(fact.snapshot));
  }

  emit(event: Message): void {
    for (const { type, handle } of [...this.handlers]) {
      if (type === event.type || type === '*') quietly(() => handle(event as never));
    }
  }

  ended(reason: ExitReason): void {
    const observers = [...this.observers];
    this.observers.clear();
    const failed = reason.type === 'crash' || reason.type === 'killed';
    for (const observer of observers) {
      quietly(() => (failed ? observer.error?.(reason) : observer.complete?.()));
    }
  }
}
