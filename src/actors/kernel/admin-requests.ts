import type { AdminReply, ChildSpec } from './types.ts';

/** The admin verbs a supervisor still owes an answer. Each one is answered, whatever happens. */
export class AdminRequests {
  private readonly waiting = new Map<number, (reply: AdminReply<string>) => void>();
  /** Specs that came with a startChild, until it is answered. */
  private readonly specs = new Map<number, ChildSpec>();
  private opened = 0;

  open(spec: ChildSpec | undefined): {
    readonly request: number;
    readonly answered: Promise<AdminReply<string>>;
  } {
    this.opened += 1;
    const request = this.opened;
    if (spec !== undefined) this.specs.set(request, spec);
    const answered = new Promise<AdminReply<string>>((resolve) => {
      this.waiting.set(request, resolve);
    });
    return { request, answered };
  }

  offered(request: number): ChildSpec | undefined {
    return this.specs.get(request);
  }

  answer(request: number, reply: AdminReply<string>): void {
    this.waiting.get(request)?.(reply);
    this.waiting.delete(request);
    this.specs.delete(request);
  }

  /** The supervisor has ended: nobody will carry these out. */
  close(): void {
    for (const request of [...this.waiting.keys()]) {
      this.answer(request, { ok: false, error: 'dead' });
    }
  }
}
