import type { Entry, Envelope } from './envelope.ts';
import type { Kernel, KernelNode } from './kernel-node.ts';
import type { ActorRef, Message } from './types.ts';

/**
 * The stable reference: a path, and the node that lives there as long as it does. Looking the
 * path up again costs only when the node was forgotten, so sending stays a pointer away.
 */
export class KernelRef implements ActorRef<Message> {
  readonly path: string;
  /** A property, so that `const { send } = ref` works. */
  readonly send: (message: Message) => void;
  private readonly kernel: Kernel;
  private node: KernelNode | undefined;

  constructor(kernel: Kernel, path: string) {
    this.kernel = kernel;
    this.path = path;
    this.send = (message) => this.deliver(message);
  }

  sendEnvelope(envelope: Envelope): void {
    this.deliver(envelope);
  }

  private deliver(entry: Entry): void {
    if (this.node === undefined || this.node.detached) {
      this.node = this.kernel.nodes.get(this.path);
    }
    if (this.node === undefined) this.kernel.deadLetter(this.path, entry, 'down');
    else this.node.deliver(entry);
  }
}
