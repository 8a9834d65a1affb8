import { changeMode } from './guard-permission.ts';
import { type GuardOptions, type GuardState, isManaged, ownerOf } from './guard-state.ts';
import type { GuardWork } from './guard-work.ts';

/** Positions without a stop that the guard answers for. */
export const nakedOnes = ({ positions }: GuardState, options: GuardOptions): readonly string[] =>
  [...positions.values()]
    .filter((position) => position.stopLoss === undefined && isManaged(options, position))
    .map(({ ticket }) => ticket);

/** Raises and clears the holds that depend on what is open, and by whom. */
export const holdByPositions = (work: GuardWork): void => {
  const { positions, orders } = work.state;
  const foreign = [...positions.values(), ...orders.values()].filter(
    ({ magic }) => ownerOf(work.options, magic) === undefined,
  );
  const forbidden = work.options.external === 'forbid' && foreign.length > 0;
  if (forbidden && !work.state.mode.context.holds.includes('external')) {
    const what = foreign.map(({ ticket, symbol }) => `${symbol} #${ticket}`).join(', ');
    work.note('error', 'external.forbidden', `not ours: ${what}`);
  }
  hold(work, 'external', forbidden);
  hold(work, 'naked', nakedOnes(work.state, work.options).length > 0);
};

const hold = (work: GuardWork, name: string, wanted: boolean): void => {
  if (work.state.mode.context.holds.includes(name) === wanted) return;
  changeMode(work, { type: wanted ? 'hold.raised' : 'hold.cleared', hold: name });
};
