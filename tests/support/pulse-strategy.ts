import { writeMarketFile } from './market-files.ts';

/**
 * A strategy whose signals a test can foretell: it opens at every `every`-th bar of the day and
 * closes `hold` bars later. As a file it is loaded, checked and isolated like a user's own.
 */
const CODE = `
export default {
  name: 'pulse',
  version: '1.0.0',
  timeframe: 'M5',
  params: { every: 6, offset: 0, hold: 3, stopPoints: 400, side: 'buy' },
  warmupBars: () => 3,
  init: () => ({ bars: 0 }),
  onBar(state, bar, { params, positions }) {
    const index = Math.floor(bar.at / 300000) - params.offset;
    const beat = ((index % params.every) + params.every) % params.every;
    const next = { bars: state.bars + 1 };
    if (beat === 0) {
      const { side, stopPoints: stopDistance } = params;
      const reason = 'pulse ' + index;
      return { state: next, signals: [{ type: 'open', side, kind: 'market', stopDistance, leg: 0, reason }] };
    }
    if (beat === params.hold && positions.length > 0) {
      return { state: next, signals: [{ type: 'close', leg: 1, reason: 'held long enough' }] };
    }
    return { state: next, signals: [] };
  },
};
`;

export interface PulseParams {
  readonly every: number;
  readonly offset: number;
  readonly hold: number;
  readonly stopPoints: number;
  readonly side: 'buy' | 'sell';
}
export const PULSE: PulseParams = { every: 6, offset: 0, hold: 3, stopPoints: 400, side: 'buy' };

/** Writes the strategy's module; returns its path. */
export const writePulse = (directory: string): string =>
  writeMarketFile(directory, 'pulse.mjs', CODE);
