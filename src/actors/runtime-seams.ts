import type { AuditDb } from '../audit/audit-db.ts';
import type { openJournal } from '../journal/journal-writer.ts';
import type { openGateway } from '../mt5/gateway.ts';
import type { Isolation } from './isolation/isolation.ts';
import type { ChildSpec, KernelEvent, SupervisorSpec } from './kernel/types.ts';
import type { AnyBehaviour } from './tree.ts';

/**
 * Where the runtime touches what is outside of it: sockets, threads and files. Left out, they are
 * the real ones. The simulation puts a network, a disk and workers of its own here, all in one
 * thread and under one seed; none of them decides anything about trading.
 */
export interface RuntimeSeams {
  readonly openGateway?: typeof openGateway;
  readonly openJournal?: typeof openJournal;
  readonly openAudit?: (file: string) => AuditDb;
  readonly isolation?: Isolation;
  /** Chooses which of `ready` waiting actors runs next. */
  readonly pick?: (ready: number) => number;
  /** Is told of everything that happens to actors, the first start included. */
  readonly observe?: (event: KernelEvent) => void;
  /** Stands around every actor of the tree: sees what it is told, and may fail in its place. */
  readonly around?: (path: string, behaviour: AnyBehaviour) => AnyBehaviour;
}

/** The same tree with `around` applied to every new life of every actor. */
export const surrounded = (
  spec: SupervisorSpec,
  around: RuntimeSeams['around'],
  above: readonly string[] = [],
): SupervisorSpec => {
  if (around === undefined) return spec;
  const wrap = (child: ChildSpec): ChildSpec => {
    const path = [...above, child.id];
    if (child.type === 'supervisor') {
      return { ...child, supervisor: surrounded(child.supervisor, around, path) };
    }
    return { ...child, start: () => around(path.join('.'), child.start()) };
  };
  return { ...spec, children: spec.children.map(wrap) };
};

export const pickOf = (seams: RuntimeSeams | undefined): Pick<RuntimeSeams, 'pick'> =>
  seams?.pick === undefined ? {} : { pick: seams.pick };
