import type {
  ChildLife,
  ChildState,
  CoreCommand,
  CoreState,
  Purpose,
  Step,
} from './supervisor-state.ts';
import type { AdminReply } from './types.ts';

/** One call of the core while it is being computed: the state so far, the commands so far. */
export interface CoreTurn {
  state: CoreState;
  readonly nowMs: number;
  readonly out: CoreCommand[];
}

export const DOWN: ChildLife = { type: 'down' };

export const patch = (turn: CoreTurn, change: Partial<CoreState>): void => {
  turn.state = { ...turn.state, ...change };
};

export const find = (turn: CoreTurn, id: string): ChildState | undefined =>
  turn.state.children.get(id);

/** The child, when that very incarnation of it is what the supervisor holds for alive. */
export const findUp = (turn: CoreTurn, id: string, pid: number): ChildState | undefined => {
  const child = find(turn, id);
  return child?.life.type === 'up' && child.life.pid === pid ? child : undefined;
};

export const change = (turn: CoreTurn, id: string, next: Partial<ChildState>): void => {
  const { children } = turn.state;
  const child = children.get(id);
  if (child !== undefined) patch(turn, { children: children.put({ ...child, ...next }) });
};

export const forget = (turn: CoreTurn, id: string): void => {
  patch(turn, { children: turn.state.children.remove(id) });
  turn.out.push({ type: 'forget', id });
};

export const settle = (turn: CoreTurn, id: string): void => {
  const child = find(turn, id);
  const kept = turn.state.parked ? 'parked' : 'stopped';
  const status = child?.administrativelyDown === true ? 'administrativelyDown' : kept;
  turn.out.push({ type: 'settle', id, status });
};

/** OTP's del_child: a temporary or dynamic child leaves no spec behind. */
export const takeDown = (turn: CoreTurn, child: ChildState): void => {
  const { id, restart } = child.rule;
  if (restart === 'temporary' || turn.state.flags.strategy === 'simple_one_for_one') {
    forget(turn, id);
  } else {
    change(turn, id, { life: DOWN });
  }
};

export const reply = (turn: CoreTurn, request: number, answer: AdminReply<string>): void => {
  turn.out.push({ type: 'reply', request, reply: answer });
};

export const requestOf = (purpose: Purpose): number | undefined =>
  'request' in purpose ? purpose.request : undefined;

export const begin = (turn: CoreTurn, purpose: Purpose, steps: readonly Step[]): void => {
  patch(turn, { plan: { purpose, steps, at: 0, waiting: 0 } });
  advance(turn);
};

/** Goes on with the plan until a step has to wait for an answer, or the plan is done. */
export const advance = (turn: CoreTurn): void => {
  for (;;) {
    const { plan } = turn.state;
    if (plan === undefined || plan.waiting > 0) return;
    const step = plan.steps[plan.at];
    if (step === undefined) {
      patch(turn, { plan: undefined });
      complete(turn, plan.purpose);
      return;
    }
    const waiting = step.type === 'start' ? beginStart(turn, step.id) : beginStop(turn, step.ids);
    patch(turn, { plan: { ...plan, at: plan.at + 1, waiting } });
  }
};

const beginStart = (turn: CoreTurn, id: string): number => {
  const child = find(turn, id);
  if (child === undefined || child.life.type === 'up' || child.administrativelyDown) return 0;
  const pid = turn.state.nextPid;
  patch(turn, { nextPid: pid + 1 });
  change(turn, id, { life: { type: 'up', pid, sinceMs: turn.nowMs, awaited: true } });
  turn.out.push({ type: 'start', id, pid });
  return 1;
};

const beginStop = (turn: CoreTurn, ids: readonly string[]): number => {
  let waiting = 0;
  for (const id of ids) {
    const child = find(turn, id);
    if (child === undefined) continue;
    const { life, rule } = child;
    if (life.type === 'up') {
      waiting += 1;
      change(turn, id, { life: { ...life, awaited: true } });
      turn.out.push({ type: 'stop', id, pid: life.pid, shutdown: rule.shutdown });
    } else if (life.type === 'restarting') {
      // A retry that still waits is taken over by whatever stops its child now.
      takeDown(turn, child);
    }
  }
  return waiting;
};

export const upIds = (turn: CoreTurn): string[] =>
  turn.state.children.list
    .filter((child) => child.life.type !== 'down')
    .map((child) => child.rule.id);

/** In reverse start order one by one; dynamic children all at once, as in OTP. */
export const stopSteps = (turn: CoreTurn, ids: readonly string[]): Step[] => {
  if (ids.length === 0) return [];
  if (turn.state.flags.strategy === 'simple_one_for_one') return [{ type: 'stop', ids }];
  return ids.toReversed().map((id): Step => ({ type: 'stop', ids: [id] }));
};

const complete = (turn: CoreTurn, purpose: Purpose): void => {
  switch (purpose.type) {
    case 'boot':
      turn.out.push({ type: 'ready' });
      return;
    case 'bootFailed':
      patch(turn, { ended: true });
      turn.out.push({ type: 'bootFailed', id: purpose.id, reason: purpose.reason });
      return;
    case 'exit':
      patch(turn, { ended: true });
      turn.out.push({ type: 'exit', reason: purpose.reason });
      return;
    case 'park':
      patch(turn, { parked: true });
      for (const child of turn.state.children.list) settle(turn, child.rule.id);
      return;
    case 'backoff':
      scheduleRetry(turn, purpose.id, purpose.delayMs, true);
      return;
    case 'unpark':
      reply(turn, purpose.request, { ok: true, value: '' });
      return;
    case 'startChild':
    case 'restartChild':
      reply(turn, purpose.request, { ok: true, value: purpose.id });
      return;
    case 'terminateChild':
      finishTerminate(turn, purpose.id, purpose.request);
      return;
    case 'restart':
      return;
  }
};

export const finishTerminate = (turn: CoreTurn, id: string, request: number): void => {
  if (find(turn, id) !== undefined) {
    change(turn, id, { administrativelyDown: turn.state.flags.honourAdministrativelyDown });
    settle(turn, id);
  }
  reply(turn, request, { ok: true, value: id });
};

export const scheduleRetry = (
  turn: CoreTurn,
  id: string,
  delayMs: number,
  counted: boolean,
): void => {
  const ticket = turn.state.nextTicket;
  patch(turn, { nextTicket: ticket + 1 });
  change(turn, id, { life: { type: 'restarting', ticket, counted } });
  turn.out.push({ type: 'retry', id, ticket, delayMs });
};
