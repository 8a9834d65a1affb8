import type { SupervisorNode } from './supervisor.ts';
import { flagsOf, ruleOf, SupervisorSpecError, validateChild } from './supervisor-spec.ts';
import type { ActorInfo, AdminReply, ChildCounts, ChildSpec, SupervisorAdmin } from './types.ts';

const DEAD = { ok: false, error: 'dead' } as const;

const withPath = (node: SupervisorNode, reply: AdminReply<string>): AdminReply<string> => {
  if (!reply.ok || reply.value === '') return reply;
  const path = node.path === '' ? reply.value : `${node.path}.${reply.value}`;
  return { ok: true, value: path };
};

const withoutValue = (reply: AdminReply<string>): AdminReply<void> =>
  reply.ok ? { ok: true, value: undefined } : reply;

/** A dynamic child is the template with an id and a start of its own. */
const fromTemplate = (node: SupervisorNode, spec: ChildSpec): ChildSpec => {
  const [template] = node.spec.children;
  if (node.spec.strategy !== 'simple_one_for_one' || template === undefined) return spec;
  if (template.type === 'worker' && spec.type === 'worker') {
    return { ...template, id: spec.id, start: spec.start };
  }
  return { ...template, id: spec.id };
};

const startChild = async (node: SupervisorNode, given: ChildSpec): Promise<AdminReply<string>> => {
  const spec = fromTemplate(node, given);
  try {
    validateChild(spec, flagsOf(node.spec), node.path);
  } catch (error) {
    if (!(error instanceof SupervisorSpecError)) throw error;
    return { ok: false, error: 'invalid_spec', detail: error.code };
  }
  const verb = { type: 'startChild', rule: ruleOf(spec) } as const;
  return withPath(node, await node.request(verb, spec));
};

const count = (node: SupervisorNode): ChildCounts => {
  const { flags } = node.state;
  const children = node.state.children.list;
  const supervisors = children.filter((child) => child.rule.type === 'supervisor').length;
  const simple = flags.strategy === 'simple_one_for_one';
  return {
    specs: simple ? 1 : children.length,
    active: children.filter((child) => child.life.type === 'up').length,
    supervisors,
    workers: children.length - supervisors,
  };
};

const answered = <T>(value: T | undefined): AdminReply<T> =>
  value === undefined ? DEAD : { ok: true, value };

/** The administration verbs of one supervisor, as promises. */
export const adminOf = (node: SupervisorNode): SupervisorAdmin => ({
  startChild: (spec) => startChild(node, spec),
  terminateChild: async (id) => withoutValue(await node.request({ type: 'terminateChild', id })),
  restartChild: async (id) => withPath(node, await node.request({ type: 'restartChild', id })),
  deleteChild: async (id) => withoutValue(await node.request({ type: 'deleteChild', id })),
  whichChildren: async () => {
    const read = (): ActorInfo[] => node.children().map((child) => child.info());
    return ((await node.query(read)) ?? []).toReversed();
  },
  countChildren: async () => answered(await node.query(() => count(node))),
  getChildSpec: async (id) => {
    const spec = await node.query(() => node.childSpec(id) ?? 'none');
    return spec === 'none' ? { ok: false, error: 'not_found' } : answered(spec);
  },
  unpark: async () => withoutValue(await node.request({ type: 'unpark' })),
});
