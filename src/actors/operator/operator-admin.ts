import type { AdminReply } from '../kernel/types.ts';
import type { ConnectionMessage } from '../messages.ts';
import { deskPath } from '../tree.ts';
import {
  did,
  type OperatedAccount,
  type OperatorParts,
  type Outcome,
  refused,
} from './operator-parts.ts';
import { strategySupervisor } from './operator-status.ts';

/** Wall time in which an actor must take the order to end; its end itself has its own budget. */
const TERMINATE_MS = 5_000;

/**
 * Starts or stops a strategy wherever it runs among these accounts. A stopped one stays down until
 * it is started, over every restart of what stands around it.
 */
export const switchStrategy = async (
  parts: OperatorParts,
  accounts: readonly OperatedAccount[],
  order: { readonly id: string; readonly enabled: boolean; readonly by: string },
): Promise<readonly Outcome[]> => {
  const { id, enabled, by } = order;
  const hosts = accounts.filter(({ strategies }) => strategies.some((key) => key.id === id));
  if (hosts.length === 0) {
    const known = accounts.flatMap(({ strategies }) => strategies.map((key) => key.id));
    return [refused('UNKNOWN_STRATEGY', null, `strategies here: ${known.join(', ')}`)];
  }
  const outcomes: Outcome[] = [];
  for (const { login } of hosts) {
    const reply = await (enabled ? start : stop)(parts, login, id);
    if (!reply.ok && !ALREADY.includes(reply.error)) {
      const detail = `the supervisor answers "${reply.error}"`;
      outcomes.push(refused('NO_ANSWER', login, 'see `status`, then try again', detail));
      continue;
    }
    const path = strategySupervisor(login, id);
    const detail = `${id}, by ${by}`;
    if (enabled) parts.note({ severity: 'info', code: 'strategy.enabled', detail, path });
    else parts.note({ severity: 'warning', code: 'strategy.disabled', detail, path });
    await parts.rememberDisabled(login, disabledOf(parts, login, hosts));
    const text = enabled
      ? `${id} runs; it warms up before it decides`
      : `${id} is stopped; its positions stay open, with their stops`;
    outcomes.push(did(login, text));
  }
  return outcomes;
};

/** What was asked for is so already. */
const ALREADY: readonly string[] = ['running', 'already_started', 'restarting'];

const stop = async (
  { system }: OperatorParts,
  login: string,
  id: string,
): Promise<AdminReply<unknown>> =>
  (await system.supervisor(deskPath(login, 'strategies'))?.terminateChild(id)) ?? DEAD;
const start = async (
  { system }: OperatorParts,
  login: string,
  id: string,
): Promise<AdminReply<unknown>> => {
  const path = strategySupervisor(login, id);
  if (system.info(path)?.status === 'parked') {
    return (await system.supervisor(path)?.unpark()) ?? DEAD;
  }
  return (await system.supervisor(deskPath(login, 'strategies'))?.restartChild(id)) ?? DEAD;
};
const DEAD = { ok: false, error: 'dead' } as const;

const disabledOf = (
  { system }: OperatorParts,
  login: string,
  accounts: readonly OperatedAccount[],
): readonly string[] =>
  accounts
    .filter((account) => account.login === login)
    .flatMap(({ strategies }) => strategies.map(({ id }) => id))
    .filter((id) => system.info(strategySupervisor(login, id))?.status === 'administrativelyDown');

/** Lets an account open again although its requests failed a moment ago. */
export const resetBreaker = (
  { system, note }: OperatorParts,
  { login, paths }: OperatedAccount,
  by: string,
): Outcome => {
  const { connection: path } = paths;
  if (system.info(path)?.status !== 'running') {
    return refused('NO_ANSWER', login, 'see `status`', 'its connection is not running');
  }
  note({ severity: 'warning', code: 'operator.breakerReset', detail: `by ${by}`, path });
  system.ref<ConnectionMessage>(path).send({ type: 'operator.resetBreaker' });
  return did(login, 'the circuit breaker is closed');
};

/** Ends what lives at a path; its supervisor starts it again, and what its policy says with it. */
export const restartActor = async (
  { system, note }: OperatorParts,
  path: string,
  by: string,
): Promise<Outcome> => {
  const info = system.info(path);
  if (path === '' || info === undefined) {
    const some = system.tree().map((actor) => actor.path);
    return refused('UNKNOWN_ACTOR', null, `paths here: ${some.join(', ')}`);
  }
  note({ severity: 'warning', code: 'operator.restart', detail: `by ${by}`, path });
  if (info.status === 'parked') {
    const unparked = await system.supervisor(path)?.unpark();
    if (unparked?.ok === true) return did(null, `${path} was parked and runs again`);
  }
  const reply = await system.sys(path)?.terminate(TERMINATE_MS);
  if (reply?.ok === true) return did(null, `${path} is being restarted by its supervisor`);
  const cause = `${path} is ${info.status} and did not take the order`;
  return refused('NO_ANSWER', null, 'see `status`', cause);
};
