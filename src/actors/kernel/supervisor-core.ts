import { SHUTDOWN } from './exit-reasons.ts';
import {
  advance,
  begin,
  type CoreTurn,
  change,
  DOWN,
  find,
  findUp,
  finishTerminate,
  forget,
  patch,
  reply,
  requestOf,
  scheduleRetry,
  settle,
  stopSteps,
  takeDown,
  upIds,
} from './supervisor-plan.ts';
import { group, nextBackoff, onDeath, restart } from './supervisor-restart.ts';
import {
  type AdminVerb,
  type ChildState,
  type CoreCommand,
  type CoreEvent,
  type CoreState,
  isAwaited,
  newChild,
  type Purpose,
  type Step,
} from './supervisor-state.ts';
import type { AdminError, ExitReason } from './types.ts';

/**
 * OTP's supervisor as a pure function: (state, event, now) → (state, commands). It starts and
 * stops nothing; the shell does, and answers with events. A piece of work that needs answers
 * (a group restart, a stop in reverse order) is a plan of steps inside the state, so nothing is
 * hidden in a call stack and a stop can overtake a start that never ends.
 */
const onExited = (turn: CoreTurn, id: string, pid: number, reason: ExitReason): void => {
  const child = findUp(turn, id, pid);
  const { plan } = turn.state;
  if (child === undefined) return;
  if (plan === undefined) {
    onDeath(turn, child, reason);
    return;
  }
  if (!isAwaited(turn.state, id, pid)) return;
  takeDown(turn, child);
  patch(turn, { plan: { ...plan, waiting: plan.waiting - 1 } });
  advance(turn);
};

const isStarting = (turn: CoreTurn, id: string, pid: number): boolean => {
  const { plan } = turn.state;
  return plan?.steps[plan.at - 1]?.type === 'start' && isAwaited(turn.state, id, pid);
};

const onStarted = (turn: CoreTurn, id: string, pid: number): void => {
  const { plan } = turn.state;
  const child = findUp(turn, id, pid);
  if (plan === undefined || child === undefined || !isStarting(turn, id, pid)) return;
  // A life counts as healthy from the end of its init, however long that took.
  change(turn, id, { life: { type: 'up', pid, sinceMs: turn.nowMs, awaited: false } });
  patch(turn, { plan: { ...plan, waiting: 0 } });
  advance(turn);
};

const onIgnored = (turn: CoreTurn, id: string, pid: number): void => {
  const { plan } = turn.state;
  const child = findUp(turn, id, pid);
  if (plan === undefined || child === undefined || !isStarting(turn, id, pid)) return;
  takeDown(turn, child);
  if (find(turn, id) !== undefined) settle(turn, id);
  const { purpose } = plan;
  if (purpose.type === 'startChild' || purpose.type === 'restartChild') {
    patch(turn, { plan: undefined });
    reply(turn, purpose.request, { ok: true, value: '' });
    return;
  }
  patch(turn, { plan: { ...plan, waiting: 0 } });
  advance(turn);
};

const onFailed = (turn: CoreTurn, id: string, pid: number, reason: ExitReason): void => {
  const { plan } = turn.state;
  const child = findUp(turn, id, pid);
  if (plan === undefined || child === undefined || !isStarting(turn, id, pid)) return;
  const { purpose } = plan;
  patch(turn, { plan: undefined });
  change(turn, id, { life: DOWN });
  if (purpose.type === 'boot') {
    begin(turn, { type: 'bootFailed', id, reason }, stopSteps(turn, upIds(turn)));
  } else if (purpose.type === 'startChild' || purpose.type === 'restartChild') {
    if (purpose.type === 'startChild') forget(turn, id);
    else settle(turn, id);
    reply(turn, purpose.request, { ok: false, error: 'start_failed', reason });
  } else {
    if (purpose.type === 'terminateChild') finishTerminate(turn, purpose.id, purpose.request);
    scheduleRetry(turn, id, nextBackoff(turn, find(turn, id) ?? child, 0), false);
    if (purpose.type !== 'unpark') return;
    // In a group the retry brings the later ones too; alone, each has its own chance.
    const alone = turn.state.flags.strategy === 'one_for_one';
    begin(turn, purpose, alone ? plan.steps.slice(plan.at) : []);
  }
};

const onRetry = (turn: CoreTurn, id: string, ticket: number): void => {
  const child = find(turn, id);
  if (child?.life.type !== 'restarting' || child.life.ticket !== ticket) return;
  restart(turn, child, child.life.counted, 0);
};

/** The child that was starting is stopped in its turn, like those that are up. */
const forgetStart = (turn: CoreTurn): void => {
  const { plan } = turn.state;
  const current = plan?.steps[plan.at - 1];
  if (current?.type !== 'start') return;
  const life = find(turn, current.id)?.life;
  if (life?.type === 'up') change(turn, current.id, { life: { ...life, awaited: false } });
};

/** A stop overtakes the work under way. */
const onStop = (turn: CoreTurn, reason: ExitReason): void => {
  const { plan } = turn.state;
  if (plan?.purpose.type === 'exit' || plan?.purpose.type === 'bootFailed') return;
  const request = plan && requestOf(plan.purpose);
  if (request !== undefined) reply(turn, request, { ok: false, error: 'dead' });
  forgetStart(turn);
  const purpose: Purpose = { type: 'exit', reason };
  const current = plan?.steps[plan.at - 1];
  if (plan === undefined || plan.waiting === 0 || current?.type !== 'stop') {
    begin(turn, purpose, stopSteps(turn, upIds(turn)));
    return;
  }
  // Those are told already; the rest follows when they are gone.
  const told = new Set(current.ids);
  const others = upIds(turn).filter((id) => !told.has(id));
  const steps = [current, ...stopSteps(turn, others)];
  patch(turn, { plan: { purpose, steps, at: 1, waiting: plan.waiting } });
};

const clearBudget = (turn: CoreTurn): void => {
  if (turn.state.parked) patch(turn, { parked: false, restarts: [] });
};

const startChild = (turn: CoreTurn, request: number, verb: AdminVerb & { type: 'startChild' }) => {
  const { id } = verb.rule;
  const present = find(turn, id);
  if (present !== undefined) {
    const error = present.life.type === 'up' ? 'already_started' : 'already_present';
    reply(turn, request, { ok: false, error });
    return;
  }
  clearBudget(turn);
  patch(turn, { children: turn.state.children.put(newChild(verb.rule, false)) });
  begin(turn, { type: 'startChild', request, id }, [{ type: 'start', id }]);
};

const restartChild = (turn: CoreTurn, request: number, id: string): void => {
  clearBudget(turn);
  change(turn, id, { administrativelyDown: false, backoffs: 0 });
  begin(turn, { type: 'restartChild', request, id }, [{ type: 'start', id }]);
};

/**
 * A child that waits for its retry holds its group down with it. Without it nothing would ever
 * start the others again (OTP leaves them down), so the rest of the group starts without it.
 */
const terminateChild = (turn: CoreTurn, request: number, child: ChildState): void => {
  const { id } = child.rule;
  const orphans = child.life.type === 'restarting' ? group(turn, child) : [];
  const starts = orphans
    .filter((member) => member.rule.id !== id)
    .map((member): Step => ({ type: 'start', id: member.rule.id }));
  const steps: Step[] = [{ type: 'stop', ids: [id] }, ...starts];
  begin(turn, { type: 'terminateChild', request, id }, steps);
};

const unpark = (turn: CoreTurn, request: number): void => {
  const { parked, children } = turn.state;
  if (!parked) {
    reply(turn, request, { ok: false, error: 'running' });
    return;
  }
  clearBudget(turn);
  const steps = children.list.map((child): Step => ({ type: 'start', id: child.rule.id }));
  begin(turn, { type: 'unpark', request }, steps);
};

const onAdmin = (turn: CoreTurn, request: number, verb: AdminVerb): void => {
  if (verb.type === 'startChild') startChild(turn, request, verb);
  else if (verb.type === 'unpark') unpark(turn, request);
  else onChildVerb(turn, request, verb);
};

const onChildVerb = (
  turn: CoreTurn,
  request: number,
  verb: Exclude<AdminVerb, { type: 'startChild' | 'unpark' }>,
): void => {
  const refuse = (error: AdminError): void => reply(turn, request, { ok: false, error });
  const child = find(turn, verb.id);
  const simple = turn.state.flags.strategy === 'simple_one_for_one';
  if (verb.type !== 'terminateChild' && simple) refuse('simple_one_for_one');
  else if (child === undefined) refuse('not_found');
  else if (verb.type === 'terminateChild') terminateChild(turn, request, child);
  else if (child.life.type === 'up') refuse('running');
  else if (child.life.type === 'restarting') refuse('restarting');
  else if (verb.type === 'restartChild') restartChild(turn, request, verb.id);
  else {
    forget(turn, verb.id);
    reply(turn, request, { ok: true, value: verb.id });
  }
};

const boot = (turn: CoreTurn): void => {
  const { children } = turn.state;
  const steps = children.list.map((child): Step => ({ type: 'start', id: child.rule.id }));
  begin(turn, { type: 'boot' }, steps);
};

/** A child that was told to stop while it started may still answer its start. */
const onAnswer = (
  turn: CoreTurn,
  event: Extract<CoreEvent, { type: 'started' | 'ignored' | 'failed' }>,
): void => {
  if (event.type === 'started') {
    onStarted(turn, event.id, event.pid);
  } else if (!isStarting(turn, event.id, event.pid)) {
    onExited(turn, event.id, event.pid, event.type === 'failed' ? event.reason : SHUTDOWN);
  } else if (event.type === 'ignored') {
    onIgnored(turn, event.id, event.pid);
  } else {
    onFailed(turn, event.id, event.pid, event.reason);
  }
};

const handle = (turn: CoreTurn, event: CoreEvent): void => {
  switch (event.type) {
    case 'boot':
      boot(turn);
      return;
    case 'started':
    case 'ignored':
    case 'failed':
      onAnswer(turn, event);
      return;
    case 'exited':
      onExited(turn, event.id, event.pid, event.reason);
      return;
    case 'retry':
      onRetry(turn, event.id, event.ticket);
      return;
    case 'stop':
      onStop(turn, event.reason);
      return;
    case 'admin':
      onAdmin(turn, event.request, event.verb);
      return;
  }
};

/** @param nowMs the kernel's clock; only differences matter, to the millisecond. */
export const step = (
  state: CoreState,
  event: CoreEvent,
  nowMs: number,
): { readonly state: CoreState; readonly commands: readonly CoreCommand[] } => {
  if (state.ended) return { state, commands: [] };
  const turn: CoreTurn = { state, nowMs, out: [] };
  handle(turn, event);
  return { state: turn.state, commands: turn.out };
};
