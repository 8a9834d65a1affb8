import type {
  ActorContext,
  ActorRef,
  ExitReason,
  KernelEvent,
  Message,
} from '../../src/actors/kernel/types.ts';
import type { AnyBehaviour } from '../../src/actors/tree.ts';
import { Violation } from './violation.ts';

type AnyContext = ActorContext<Message>;
type AnyRef = ActorRef<Message>;
type Untyped = {
  readonly init: (context: AnyContext) => unknown;
  readonly receive: (state: unknown, message: Message, context: AnyContext) => unknown;
  readonly terminate?: (state: unknown, reason: ExitReason, context: AnyContext) => unknown;
};

/** One actor that wants to hear of the death of another. */
interface Vigil {
  readonly watcher: string;
  readonly target: string;
  /** The target is dead; the notice has to come before anything else. */
  isDue: boolean;
  isTold: boolean;
}

/**
 * S5, S6 and S11 for one process: stands around every actor and keeps the books of its messages.
 * What is sent is handled or becomes a dead letter, once; who watches is told of a death once, and
 * before any other message.
 */
export class MessageWatch {
  /** Messages under way by receiver: how often each was sent and has not ended. */
  readonly #underWay = new Map<string, Map<Message, number>>();
  /** Everything that was ever sent, so that what ends once too often is recognised. */
  readonly #sent = new WeakSet<Message>();
  /** Objects that timers deliver as well: their ends say nothing. */
  readonly #timed = new WeakSet<Message>();
  readonly #notices = new WeakSet<Message>();
  readonly #vigils = new Set<Vigil>();
  readonly #refs = new WeakMap<AnyRef, AnyRef>();
  /** Actors between the beginning of their init and their end. */
  readonly #living = new Set<string>();
  readonly #fail: (violation: Violation) => void;

  /** @param fail is told of a broken promise: a throw in an actor's turn would be the actor's. */
  constructor(fail: (violation: Violation) => void) {
    this.#fail = fail;
  }

  /** A message is on its way to an actor. */
  sent(path: string, message: Message): void {
    const messages = this.#underWay.get(path) ?? new Map<Message, number>();
    this.#underWay.set(path, messages);
    messages.set(message, (messages.get(message) ?? 0) + 1);
    this.#sent.add(message);
  }

  /** It was handled, or became a dead letter. */
  ended(path: string, message: Message, how: string): void {
    if (this.#timed.has(message) || !this.#sent.has(message)) return;
    const messages = this.#underWay.get(path);
    const count = messages?.get(message) ?? 0;
    if (count === 0) {
      this.#fail(new Violation('S5', `${message.type} to ${path} ended twice, at last ${how}`));
    } else if (count === 1) messages?.delete(message);
    else messages?.set(message, count - 1);
  }

  /** Whose start is still under way is not dead. */
  born(path: string): void {
    this.#living.add(path);
  }

  watched(watcher: string, target: string): Vigil {
    const isDue = !this.#living.has(target);
    const vigil: Vigil = { watcher, target, isDue, isTold: false };
    this.#vigils.add(vigil);
    return vigil;
  }

  unwatched(vigil: Vigil): void {
    this.#vigils.delete(vigil);
  }

  told(vigil: Vigil, notice: Message): void {
    this.#notices.add(notice);
    const { watcher, target } = vigil;
    if (vigil.isTold) {
      this.#fail(new Violation('S6', `${watcher} was told twice of the death of ${target}`));
    }
    vigil.isTold = true;
  }

  /** The actor's turn begins with this message. */
  received(path: string, message: Message): void {
    if (this.#notices.has(message)) return;
    for (const { watcher, target, isDue, isTold } of this.#vigils) {
      if (watcher !== path || !isDue || isTold) continue;
      const what = `${path} got ${message.type} before the notice that ${target} is dead`;
      this.#fail(new Violation('S6', what));
    }
  }

  observe(event: KernelEvent): void {
    if (event.type === 'deadLetter') {
      const { path, message, why } = event;
      if (why === 'overflow' && this.#notices.has(message)) {
        this.#fail(new Violation('S11', `${path} never gets the notice ${message.type}`));
      }
      this.ended(path, message, `as a dead letter (${why})`);
      return;
    }
    if (event.type !== 'actor.exited') return;
    this.#living.delete(event.path);
    for (const vigil of this.#vigils) {
      // A notice is for the life that asked for it.
      if (vigil.watcher === event.path) this.#vigils.delete(vigil);
      else if (vigil.target === event.path) vigil.isDue = true;
    }
  }

  /** After the tree has ended: nothing waits for anybody any more (S5). */
  checkEnded(): void {
    for (const [path, messages] of this.#underWay) {
      for (const [{ type }] of messages) {
        this.#fail(new Violation('S5', `${type} to ${path} was neither handled nor a dead letter`));
      }
    }
  }

  /** The actor as it is, with the books kept. */
  readonly around = (path: string, behaviour: AnyBehaviour): AnyBehaviour => {
    const inner = behaviour as unknown as Untyped;
    let own: { readonly from: AnyContext; readonly seen: AnyContext } | undefined;
    const seen = (context: AnyContext): AnyContext => {
      if (own?.from !== context) own = { from: context, seen: this.#context(context) };
      return own.seen;
    };
    const { terminate } = inner;
    return {
      ...behaviour,
      init: (context: AnyContext) => {
        this.born(path);
        return inner.init(seen(context));
      },
      receive: (state: unknown, message: Message, context: AnyContext) => {
        this.received(path, message);
        // A throw is no end: the kernel hands the message out again, or calls it poison.
        const next = inner.receive(state, message, seen(context));
        this.ended(path, message, 'handled');
        return next;
      },
      ...(terminate === undefined
        ? {}
        : {
            terminate: (state: unknown, reason: ExitReason, context: AnyContext) =>
              terminate(state, reason, seen(context)),
          }),
    } as unknown as AnyBehaviour;
  };

  #ref(real: AnyRef): AnyRef {
    const send = (message: Message): void => {
      this.sent(real.path, message);
      real.send(message);
    };
    const ref = { path: real.path, send };
    this.#refs.set(ref, real);
    return ref;
  }

  /** The kernel gives its own refs powers that others do not have. */
  #real<M extends Message>(ref: ActorRef<M>): ActorRef<M> {
    return (this.#refs.get(ref as unknown as AnyRef) ?? ref) as unknown as ActorRef<M>;
  }

  #context(context: AnyContext): AnyContext {
    const { path } = context;
    const ask: AnyContext['ask'] = (target, request, timeoutMs, done) => {
      const recorded: typeof request = (reply) => {
        const message = request(reply);
        this.sent(target.path, message);
        return message;
      };
      context.ask(this.#real(target), recorded, timeoutMs, done);
    };
    const monitor: AnyContext['monitor'] = (target, down) => {
      const vigil = this.watched(path, target.path);
      const stop = context.monitor(this.#real(target), (reason) => {
        const notice = down(reason);
        this.told(vigil, notice);
        return notice;
      });
      return () => {
        this.unwatched(vigil);
        stop();
      };
    };
    const after: AnyContext['after'] = (delayMs, message, options) => {
      this.#timed.add(message);
      return context.after(delayMs, message, options);
    };
    // The turn that stashes a message handles it, and it comes again.
    const stash = (message: Message): void => {
      this.sent(path, message);
      context.stash(message);
    };
    const link: AnyContext['link'] = (target) => context.link(this.#real(target));
    const ref = (to: string): AnyRef => this.#ref(context.ref(to));
    return Object.create(context, {
      ref: { value: ref },
      self: { value: this.#ref(context.self) },
      ...{ ask: { value: ask }, monitor: { value: monitor }, link: { value: link } },
      ...{ after: { value: after }, stash: { value: stash } },
    }) as AnyContext;
  }
}
