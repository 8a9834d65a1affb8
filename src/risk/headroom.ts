import type { Minor } from '../domain/units.ts';
import { minor } from '../domain/units.ts';
import type { Exposure } from './exposure.ts';
import { worstCaseEquity } from './exposure.ts';
import type { FloorName } from './floors.ts';
import { amountOf, floorOf, lockOf, maxMinor, shareOf } from './floors.ts';
import type { LedgerState } from './ledger-state.ts';
import type { FloorRule } from './rule-set.ts';

/**
 * Room above one floor in the worst case. `now` is E_wc less the floor as it stands (I1). `moved`
 * is the room that is left after the floor has moved as far up as closes and resets can take it
 * (I2 and the ratchets); null where the floor cannot move, `unbounded` where no highest position
 * of it is known.
 */
export interface FloorRoom {
  readonly name: FloorName;
  readonly rule: FloorRule;
  readonly floor: Minor;
  readonly now: Minor;
  readonly moved: Minor | null | 'unbounded';
}

/** Does floating profit move this floor? */
export const followsEquity = ({ anchor }: FloorRule): boolean =>
  anchor === 'dayStartEquity' || anchor === 'dayStartMax' || anchor === 'equityHighWater';

/** A floor that follows the balance can rise to B' less its amount, where B' is the balance after
 * every winner has gone; what is left to lose then is Σ −min(0, w). One that follows equity can
 * rise to the highest equity less its amount; the fall from there is Σ (best − w). */
const movedRoom = (
  state: LedgerState,
  rule: FloorRule,
  balance: Minor,
  exposure: Exposure,
): Minor | null | 'unbounded' => {
  if (rule.ratchet === 'none') return null;
  const fall = followsEquity(rule) ? exposure.swing : exposure.losses;
  const amount =
    rule.amount.of === 'anchor'
      ? shareOf(balance, rule.amount.ppm)
      : amountOf(state, rule, balance);
  const lock = lockOf(state, rule);
  const belowLock = lock === null ? null : minor(worstCaseEquity(balance, exposure) - lock);
  if (fall === null) return belowLock !== null && belowLock > 0n ? belowLock : 'unbounded';
  const room = minor(amount - fall);
  return belowLock === null ? room : maxMinor(room, belowLock);
};

/** Room above every floor of the rules, in their order: daily, total. */
export const floorRooms = (
  state: LedgerState,
  balance: Minor,
  exposure: Exposure,
): readonly FloorRoom[] => {
  const worst = worstCaseEquity(balance, exposure);
  const rooms: FloorRoom[] = [];
  for (const name of ['daily', 'total'] as const) {
    const rule = state.rules.phase[name];
    if (rule === null) continue;
    const floor = floorOf(state, name, rule);
    const moved = movedRoom(state, rule, balance, exposure);
    rooms.push({ name, rule, floor, now: minor(worst - floor), moved });
  }
  return rooms;
};
