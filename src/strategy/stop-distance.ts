import type { Instrument } from '../domain/instrument.ts';
import type { Bar } from '../domain/market.ts';
import type { Points } from '../domain/units.ts';
import { points } from '../domain/units.ts';

/** `multiple` average ranges as a stop distance in whole points, at least what the broker takes:
 * stops level plus two spreads, because the stop is measured from the other side of the quote. */
export const atrStop = (input: {
  readonly atr: number;
  readonly multiple: number;
  readonly bar: Pick<Bar, 'spreadPoints'>;
  readonly instrument: Pick<Instrument, 'stopsLevelPoints'>;
}): Points => {
  const { atr, multiple, bar, instrument } = input;
  const least = instrument.stopsLevelPoints + 2 * bar.spreadPoints + 1;
  return points(Math.max(Math.round(atr * multiple), least));
};
