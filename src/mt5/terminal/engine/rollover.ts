import type { Instrument } from '../../../domain/instrument.ts';
import { divideRounded, epochMs, LOT_E8, type Minor, minor } from '../../../domain/units.ts';
import type { Desk } from './desk.ts';
import { accountOf, instrumentOf, rateOf } from './desk.ts';
import { nextServerMidnight, serverWeekday } from './environment.ts';
import type { BrokerPosition } from './records.ts';

const SATURDAY = 6;
const SUNDAY = 0;

/**
 * Nights that the rollover ending a weekday books: none after Saturday and Sunday, three after the
 * symbol's triple day (which stands for the weekend), one after the others: seven a week, once.
 */
export const nightsOf = (instrument: Instrument, weekday: number): number => {
  if (weekday === SATURDAY || weekday === SUNDAY) return 0;
  return weekday === instrument.swapTripleWeekday ? 3 : 1;
};

/** Swap points may have decimals; four of them count. */
const SWAP_SCALE = 10_000;

/** Swap in account minor units for some nights; signed as the symbol's points. */
const swapFor = (desk: Desk, position: BrokerPosition, nights: number): Minor => {
  const instrument = instrumentOf(desk, position.symbol);
  const rate = rateOf(desk, position.symbol);
  if (rate === undefined) throw new Error(`no rate for ${position.symbol} at rollover`);
  const perNight = position.side === 'buy' ? instrument.swapLongPoints : instrument.swapShortPoints;
  const scaled = BigInt(Math.round(perNight * SWAP_SCALE)) * BigInt(nights);
  const contract = BigInt(Math.round(instrument.contractSize * LOT_E8));
  const digits = BigInt(accountOf(desk).currencyDigits);
  const numerator = scaled * BigInt(position.volumeE8) * contract * 10n ** digits * rate.num;
  const denominator = BigInt(SWAP_SCALE) * 10n ** BigInt(instrument.digits + 16) * rate.den;
  return minor(divideRounded(numerator, denominator));
};

/** Books the swaps of the night that begins now and moves the next rollover on; of positions that
 * nobody can value yet the broker tells at their end. */
export const rollOver = (
  desk: Desk,
  isValued: (position: BrokerPosition) => boolean = () => true,
): void => {
  const at = desk.state.nextRolloverAt;
  const weekday = serverWeekday(epochMs(at - 1), desk.env.serverOffsetMs);
  desk.emit({ type: 'rollover', at, nextAt: nextServerMidnight(at, desk.env.serverOffsetMs) });
  for (const position of [...desk.state.positions.values()].filter(isValued)) {
    const nights = nightsOf(instrumentOf(desk, position.symbol), weekday);
    const swap = nights === 0 ? 0n : swapFor(desk, position, nights);
    if (swap === 0n) continue;
    const swapMinor = minor(position.swapMinor + swap);
    desk.emit({ type: 'position.changed', position: { ...position, swapMinor }, at });
  }
};
