import type { Minor } from '../domain/units.ts';
import { formatDecimal, minor } from '../domain/units.ts';
import type { RefusalCode } from './codes.ts';
import { ceilDiv } from './exact.ts';
import { maxMinor, shareOf } from './floors.ts';
import type { FloorRoom } from './headroom.ts';
import { refuse } from './refuse.ts';
import type { Assessment, Refusal } from './verdict-types.ts';

/** Margin (I3) and both floors (I1, I2), for whatever is asked for: an order, or a wider stop. */

type Account = Pick<Assessment, 'account' | 'ledger' | 'limits' | 'pendingMargin'>;

/** The account as it would be with what is asked for. */
export interface FundsAfter {
  /** E_wc, never above the equity that is there now. */
  readonly worstEquity: Minor;
  readonly rooms: readonly FloorRoom[];
  /** Margin that it needs on top of what is used and pending. */
  readonly margin: Minor;
}

const checkMargin = (a: Account, after: FundsAfter): Refusal | undefined => {
  const { account, limits, pendingMargin } = a;
  const money = (value: bigint): string => formatDecimal(value, account.currencyDigits);
  const needed = minor(account.margin + pendingMargin + after.margin);
  if (needed > account.equity) {
    const detail = `Margin ${money(needed)} would exceed equity ${money(account.equity)}.`;
    return refuse('MARGIN', detail);
  }
  const percent = BigInt(Math.ceil(account.stopOutLevelPercent + limits.stopOutReservePercent));
  const least = minor(ceilDiv(percent * needed, 100n));
  if (after.worstEquity >= least) return undefined;
  const detail = `Worst case ${money(after.worstEquity)} is below ${money(least)} (${percent} % of margin).`;
  return refuse('STOP_OUT', detail);
};

const NOW_CODE = { daily: 'DAILY_FLOOR', total: 'TOTAL_FLOOR' } as const;

const checkRoom = (a: Account, after: FundsAfter, room: FloorRoom): Refusal | undefined => {
  const { account, ledger, limits } = a;
  const money = (value: bigint): string => formatDecimal(value, account.currencyDigits);
  const buffer = maxMinor(minor(1n), shareOf(ledger.initial, limits.floorBufferPpm));
  if (minor(after.worstEquity - room.floor) < buffer) {
    const detail = `Worst case ${money(after.worstEquity)} must stay ${money(buffer)} above the ${room.name} floor ${money(room.floor)}.`;
    return refuse(NOW_CODE[room.name], detail);
  }
  if (room.moved === null) return undefined;
  if (room.moved === 'unbounded') return refuse('NO_TAKE_PROFIT', '');
  if (room.moved >= buffer) return undefined;
  const code: RefusalCode = room.rule.ratchet === 'atReset' ? 'RESET_FLOOR' : 'RATCHET_FLOOR';
  const when = code === 'RESET_FLOOR' ? 'the next reset' : 'winners close';
  const detail = `After ${when} only ${money(room.moved)} would be left above the ${room.name} floor; ${money(buffer)} is kept.`;
  return refuse(code, detail);
};

/** The first reason against it, or undefined. */
export const checkFunds = (a: Account, after: FundsAfter): Refusal | undefined => {
  const margin = checkMargin(a, after);
  if (margin !== undefined) return margin;
  for (const room of after.rooms) {
    const refusal = checkRoom(a, after, room);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
};
