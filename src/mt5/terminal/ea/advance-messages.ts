import type { Tick } from '../../../domain/market.ts';
import { encodeTicks } from '../../wire/tick-batch.ts';
import type { Market } from '../market/types.ts';
import type { Outgoing } from './ea-context.ts';
import type { AdvanceRecord } from './ea-records.ts';

/** An advance as it goes out, with the ticks of (previous to, to]. */
export const advanceMessage = (advance: AdvanceRecord, ticks: readonly Tick[]): Outgoing => ({
  body: {
    kind: 'clock.advance',
    clockSeq: advance.clockSeq,
    toMs: advance.toMs,
    why: advance.why,
    barsTotal: advance.barsTotal,
    ticksTotal: advance.toPosition,
  },
  attachment: encodeTicks(ticks),
});

/** Ticks of an advance that was sent before, from the market; its position ends where it was. */
export const replayedTicks = (market: Market, advance: AdvanceRecord): readonly Tick[] => {
  market.seek(advance.fromPosition);
  const ticks: Tick[] = [];
  while (market.position() < advance.toPosition) {
    const tick = market.next();
    if (tick === undefined) throw new Error('the market ends before an advance that was sent');
    ticks.push(tick);
  }
  return ticks;
};
