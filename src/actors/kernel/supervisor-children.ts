import { childPath, type Kernel, type KernelNode } from './kernel-node.ts';
import type { ActorStatus, ChildSpec, SupervisorSpec } from './types.ts';

interface Child {
  readonly spec: ChildSpec;
  readonly node: KernelNode;
}

/**
 * The nodes under one supervisor. They survive its incarnations, so that references to the
 * children do, too; and so does the memory of what an operator had stopped.
 */
export class SupervisorChildren {
  readonly keptDown = new Set<string>();
  private readonly kernel: Kernel;
  private readonly path: string;
  private readonly make: (path: string, spec: ChildSpec) => KernelNode;
  private readonly declared: ReadonlyMap<string, ChildSpec>;
  private readonly known = new Map<string, Child>();

  constructor(
    kernel: Kernel,
    path: string,
    spec: SupervisorSpec,
    make: (path: string, spec: ChildSpec) => KernelNode,
  ) {
    this.kernel = kernel;
    this.path = path;
    this.make = make;
    // The one child of a simple_one_for_one is a template, and never a child itself.
    const declared = spec.strategy === 'simple_one_for_one' ? [] : spec.children;
    this.declared = new Map(declared.map((child) => [child.id, child]));
  }

  /** In the order in which they were first started. */
  get nodes(): readonly KernelNode[] {
    return [...this.known.values()].map((child) => child.node);
  }

  node(id: string): KernelNode | undefined {
    return this.known.get(id)?.node;
  }

  spec(id: string): ChildSpec | undefined {
    return this.known.get(id)?.spec ?? this.declared.get(id);
  }

  /** The node of that id, made when there is none yet.
   * @param offered the spec that came with a startChild; the declared one by default. */
  resolve(id: string, offered?: ChildSpec): KernelNode | undefined {
    const child = this.known.get(id);
    if (child !== undefined) return child.node;
    const spec = offered ?? this.declared.get(id);
    if (spec === undefined) return undefined;
    const path = childPath(this.path, id);
    const node = this.make(path, spec);
    this.kernel.nodes.set(path, node);
    this.known.set(id, { spec, node });
    return node;
  }

  settle(id: string, status: ActorStatus): void {
    if (status === 'administrativelyDown') this.keptDown.add(id);
    this.resolve(id)?.settle(status);
  }

  forget(id: string): void {
    const child = this.known.get(id);
    if (child === undefined) return;
    this.known.delete(id);
    child.node.detach();
    this.kernel.nodes.delete(child.node.path);
  }

  /** What was added at run time does not outlive the incarnation it was added to, as in OTP. */
  forgetDynamic(): void {
    for (const [id, child] of this.known) {
      if (this.declared.get(id) !== child.spec) this.forget(id);
    }
  }

  forgetAll(): void {
    for (const id of [...this.known.keys()]) this.forget(id);
  }
}
