import type { StoredEntry } from '../../journal/types.ts';
import { type FlattenEvent, flattenMachine } from '../../machines/flatten.machine.ts';
import { driveChart, openChart } from '../drive-chart.ts';
import { statesOf } from '../kernel/chart-states.ts';
import { stepChart } from '../kernel/chart-step.ts';
import type { GuardMessage, Snapshot } from '../messages.ts';
import { cancelOrder } from './guard-cancelling.ts';
import { closeForSafety } from './guard-safety.ts';
import { type GuardState, ownerOf } from './guard-state.ts';
import type { GuardWork } from './guard-work.ts';

/** The flatten chart in the guard's hands. */
type FlattenChart = GuardState['flatten'];

/** An unfinished flatten goes on after a restart from its beginning: what it did may be undone, and
 * doing it again changes nothing. Nothing is sent before a recovery shows what is open. */
export const bootFlatten = (last: StoredEntry | undefined, stuckAfterMs: number): FlattenChart => {
  const idle = openChart(flattenMachine, { stuckAfterMs });
  if (last?.kind !== 'flatten.changed' || last.to === 'idle') return idle;
  const { reason } = last;
  if (last.to === 'flat') {
    return flattenMachine.resolveState({ value: 'flat', context: { reason, stuckAfterMs } });
  }
  return stepChart(flattenMachine, idle, { type: 'flatten.ordered', reason }).snapshot;
};

/** The chart's leaf. */
export const flattenState = ({ flatten }: GuardState): string =>
  statesOf(flatten).at(-1)?.split('.').at(-1) ?? 'idle';

export const moveFlatten = (work: GuardWork, event: FlattenEvent): void => {
  const from = flattenState(work.state);
  const actions: string[] = [];
  const flatten = driveChart({
    machine: flattenMachine,
    snapshot: work.state.flatten,
    event,
    context: work.context,
    clock: work.deps.clock,
    delayed: (delay): GuardMessage => ({ type: 'flatten.delayed', event: delay.event }),
    perform: (action) => actions.push(action),
  });
  work.state = { ...work.state, flatten };
  const to = flattenState(work.state);
  const { reason } = flatten.context;
  if (from !== to) work.entries.push({ kind: 'flatten.changed', from, to, reason });
  for (const action of actions) perform(work, action, reason);
};

const perform = (work: GuardWork, action: string, reason: string): void => {
  switch (action) {
    case 'cancelOrders':
      for (const order of work.state.orders.values()) cancelOrder(work, order, reason);
      return;
    case 'closePositions':
      for (const position of work.state.positions.values()) {
        if (!work.state.closing.has(position.ticket)) closeForSafety(work, position, reason);
      }
      return;
    case 'verifyAtTerminal':
      work.tellConnection({ type: 'reconciliation.wanted' });
      return;
  }
};

/** Orders everything closed, and says at once what the book knows about it. */
export const orderFlatten = (work: GuardWork, reason: string): void => {
  moveFlatten(work, { type: 'flatten.ordered', reason });
  const fact = bookFact(work);
  // What is open is being closed by now; saying so would do it twice.
  if (fact !== undefined && fact.type !== 'book.occupied') moveFlatten(work, fact);
};

/** After the book changed: what that means for a flatten. */
export const tellBook = (work: GuardWork): void => {
  const fact = bookFact(work);
  if (fact !== undefined) moveFlatten(work, fact);
};

/** What a reconciled snapshot means for a flatten. */
export const tellSnapshot = (work: GuardWork, snapshot: Snapshot): void => {
  const open = snapshot.positions.length + snapshot.orders.length > 0;
  if (!open) moveFlatten(work, { type: 'terminal.shownFlat' });
  else if (work.state.flatten.matches({ underWay: 'verifying' })) {
    moveFlatten(work, { type: 'terminal.shownOpen' });
  } else tellBook(work);
};

const bookFact = (work: GuardWork): FlattenEvent | undefined => {
  const { account, flatten, positions, orders, closing, mode } = work.state;
  if (account === null || flatten.matches('idle')) return undefined;
  // An account that was flattened and not locked is a person's again: only what is ours, and comes
  // late, is closed as well.
  const all = flatten.hasTag('underWay') || mode.matches('locked');
  const isTarget = ({ magic }: { readonly magic: string }): boolean =>
    all || ownerOf(work.options, magic) !== undefined;
  const open = [...positions.values()].filter(isTarget);
  const working = [...orders.values()].filter(isTarget);
  if (open.length + working.length === 0) return { type: 'book.emptied' };
  const isUntouched = open.some(({ ticket }) => !closing.has(ticket));
  return { type: working.length > 0 || isUntouched ? 'book.occupied' : 'orders.gone' };
};
