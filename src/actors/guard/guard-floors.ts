import type { EpochMs } from '../../domain/units.ts';
import { formatDecimal, minor } from '../../domain/units.ts';
import { amountOf, anchorOf, floors } from '../../risk/floors.ts';
import type { LedgerState } from '../../risk/ledger-state.ts';
import { nextResets } from '../../risk/zone-time.ts';
import type { ConnectionMessage } from '../messages.ts';
import type { GuardOptions } from './guard-state.ts';

/** Resets told ahead: two weeks in which the terminal can re-anchor alone. */
const RESETS_AHEAD = 14;

/** What the terminal needs to hold the floors by itself, and the equity at which we want to be
 * woken. Its own buffer is half of ours: while we live, we act first. */
export const armTerminal = (
  ledger: LedgerState,
  options: GuardOptions,
  now: EpochMs,
): Extract<ConnectionMessage, { type: 'floors.moved' }> => {
  const money = (value: bigint): string => formatDecimal(value, options.currencyDigits);
  const { daily, total } = ledger.rules.phase;
  const anchor = anchorOf(ledger, 'daily');
  const { max, total: totalFloor } = floors(ledger);
  return {
    type: 'floors.moved',
    guard: {
      kind: 'guard',
      dailyAmount: money(daily === null ? anchor : amountOf(ledger, daily, anchor)),
      anchor: money(anchor),
      // The daily floor is anchored anew at every reset; a ratchet moves the total one.
      ratchet: total.ratchet,
      totalFloor: money(totalFloor),
      buffer: money(options.killBuffer / 2n),
      resetsMs: nextResets(now, RESETS_AHEAD, ledger.rules.reset),
      deadMan: options.deadMan,
    },
    equityAtOrBelow: money(minor(max + options.killBuffer)),
  };
};
