import { isAbnormal, SHUTDOWN } from './exit-reasons.ts';
import {
  begin,
  type CoreTurn,
  change,
  DOWN,
  find,
  patch,
  settle,
  stopSteps,
  takeDown,
  upIds,
} from './supervisor-plan.ts';
import type { ChildState, Purpose, Step } from './supervisor-state.ts';
import type { ExitReason } from './types.ts';

/** Doubles from `initialMs` to `maxMs`, and starts over after a life that was long enough. */
export const nextBackoff = (turn: CoreTurn, child: ChildState, livedMs: number): number => {
  const { backoff } = child.rule;
  if (backoff === undefined) return 0;
  const given = livedMs >= backoff.healthyAfterMs ? 0 : child.backoffs;
  change(turn, child.rule.id, { backoffs: given + 1 });
  return Math.min(backoff.maxMs, backoff.initialMs * 2 ** Math.min(given, 52));
};

/** Entries older than the period leave; one exactly as old as the period still counts. */
const countRestart = (turn: CoreTurn): boolean => {
  const { flags } = turn.state;
  const oldestMs = turn.nowMs - flags.periodMs;
  const recent = turn.state.restarts.filter((atMs) => atMs >= oldestMs);
  // One more than the intensity decides; more would only grow with a long crash loop.
  const restarts = [...recent, turn.nowMs].slice(-(flags.intensity + 1));
  patch(turn, { restarts });
  return restarts.length <= flags.intensity;
};

const exhaust = (turn: CoreTurn, child: ChildState): void => {
  takeDown(turn, child);
  const { onExhausted } = turn.state.flags;
  turn.out.push({ type: 'exhausted', action: onExhausted });
  const purpose: Purpose =
    onExhausted === 'park' ? { type: 'park' } : { type: 'exit', reason: SHUTDOWN };
  begin(turn, purpose, stopSteps(turn, upIds(turn)));
};

/** Who stops and who starts when `child` has to be restarted, by strategy. */
export const group = (turn: CoreTurn, child: ChildState): readonly ChildState[] => {
  const { children, flags } = turn.state;
  if (flags.strategy === 'one_for_all') return children.list;
  if (flags.strategy !== 'rest_for_one') return [child];
  const from = children.list.findIndex((member) => member.rule.id === child.rule.id);
  return children.list.slice(from);
};

export const restart = (
  turn: CoreTurn,
  child: ChildState,
  counted: boolean,
  delayMs: number,
): void => {
  if (!counted && !countRestart(turn)) {
    exhaust(turn, child);
    return;
  }
  const { id } = child.rule;
  change(turn, id, { life: DOWN });
  const members = group(turn, child).map((member) => member.rule);
  const others = members.filter((rule) => rule.id !== id).map((rule) => rule.id);
  const stops = stopSteps(turn, others);
  if (delayMs > 0) {
    begin(turn, { type: 'backoff', id, delayMs }, stops);
    return;
  }
  const starts = members
    .filter((rule) => rule.id === id || rule.restart !== 'temporary')
    .map((rule): Step => ({ type: 'start', id: rule.id }));
  begin(turn, { type: 'restart' }, [...stops, ...starts]);
};

const livedMs = (turn: CoreTurn, child: ChildState): number =>
  child.life.type === 'up' ? turn.nowMs - child.life.sinceMs : 0;

const autoShutdown = (turn: CoreTurn, child: ChildState): void => {
  const mode = turn.state.flags.autoShutdown;
  if (mode === 'never' || !child.rule.significant) return;
  const others = turn.state.children.list.some(
    (other) => other.rule.significant && other.life.type !== 'down',
  );
  if (mode === 'all_significant' && others) return;
  begin(turn, { type: 'exit', reason: SHUTDOWN }, stopSteps(turn, upIds(turn)));
};

/** A child that nobody had stopped is gone: restart it, keep its spec, or follow it down. */
export const onDeath = (turn: CoreTurn, child: ChildState, reason: ExitReason): void => {
  const { rule } = child;
  const restarts =
    rule.restart === 'permanent' || (rule.restart === 'transient' && isAbnormal(reason));
  if (restarts) {
    restart(turn, child, false, nextBackoff(turn, child, livedMs(turn, child)));
    return;
  }
  takeDown(turn, child);
  if (find(turn, rule.id) !== undefined) settle(turn, rule.id);
  autoShutdown(turn, child);
};
