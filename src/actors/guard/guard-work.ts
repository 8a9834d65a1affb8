import type { Intent } from '../../domain/intent.ts';
import type { EntryBody } from '../../journal/types.ts';
import type { DeskDeps } from '../desk.ts';
import type { ActorContext } from '../kernel/types.ts';
import type {
  ConnectionMessage,
  ExecutorMessage,
  GuardMessage,
  SignalRaised,
} from '../messages.ts';
import { savedEntries } from './guard-book.ts';
import type { GuardOptions, GuardState } from './guard-state.ts';

/**
 * One message's work on a guard: its state as it becomes, and what is to be journalled and answered
 * at the end. Every part of the guard works on the same one, so that what a message causes is one
 * transaction, whichever parts it goes through.
 */
export class GuardWork {
  readonly deps: DeskDeps;
  readonly options: GuardOptions;
  readonly context: ActorContext<GuardMessage>;
  readonly entries: EntryBody[] = [];
  /** Answers to those who asked, given when the entries are durable, or known not to be. */
  readonly answers: ((durable: boolean) => void)[] = [];
  state: GuardState;

  constructor(
    deps: DeskDeps,
    options: GuardOptions,
    state: GuardState,
    context: ActorContext<GuardMessage>,
  ) {
    this.deps = deps;
    this.options = options;
    this.state = state;
    this.context = context;
  }

  note(severity: 'info' | 'warning' | 'error', code: string, detail: string): void {
    this.entries.push({ kind: 'event', severity, code, detail, path: this.context.path });
  }
  /** The account for the audit, and the book for a restart. */
  save(): void {
    this.entries.push(...savedEntries(this.state));
  }

  /** Hands an intent to the executor. */
  admit(raised: SignalRaised, signalId: string, intent: Intent, reservedMinor: string): void {
    this.tellExecutor({ type: 'intent.admitted', raised, signalId, intent, reservedMinor });
  }
  tellConnection(message: ConnectionMessage): void {
    this.context.ref<ConnectionMessage>(this.deps.paths.connection).send(message);
  }
  tellExecutor(message: ExecutorMessage): void {
    this.context.ref<ExecutorMessage>(this.deps.paths.executor).send(message);
  }
}
