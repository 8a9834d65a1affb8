import { describe, expect, it } from 'vitest';
import type { DealFact } from '../../../src/audit/trade-rounds.ts';
import { meanPrice, tradeRounds } from '../../../src/audit/trade-rounds.ts';

const fact = (ticket: string, change: Partial<DealFact> = {}): DealFact => ({
  ticket,
  orderTicket: `9${ticket}`,
  positionTicket: '7001',
  intentId: null,
  symbol: 'EURUSD',
  digits: 5,
  side: 'buy',
  entry: 'in',
  volumeE8: 10_000_000,
  points: 138_700,
  profitMinor: 0n,
  commissionMinor: 0n,
  swapMinor: 0n,
  reason: 'expert',
  atMs: Number(ticket),
  ...change,
});
const out = (ticket: string, volumeE8: number, change: Partial<DealFact> = {}) =>
  fact(ticket, { entry: 'out', side: 'sell', volumeE8, ...change });

describe('rounds of a position', () => {
  it('is open until something closes it, partly closed until all is', () => {
    const first = fact('1');
    expect(tradeRounds([first])).toMatchObject([{ state: 'open', closedE8: 0 }]);
    const half = out('2', 4_000_000);
    expect(tradeRounds([first, half])).toMatchObject([
      { state: 'partlyClosed', volumeE8: 10_000_000, closedE8: 4_000_000 },
    ]);
    expect(tradeRounds([first, half, out('3', 6_000_000)])).toMatchObject([{ state: 'closed' }]);
  });

  it('starts a new round when a netting position id is used again after it was flat', () => {
    const rounds = tradeRounds([
      fact('1'),
      out('2', 10_000_000),
      fact('3', { side: 'sell' }),
      out('4', 10_000_000, { side: 'buy' }),
    ]);
    expect(rounds.map((round) => [round.side, round.state, round.opening.length])).toEqual([
      ['buy', 'closed', 1],
      ['sell', 'closed', 1],
    ]);
  });

  it('adds to the same round while it is not flat', () => {
    const rounds = tradeRounds([fact('1'), fact('2'), out('3', 20_000_000)]);
    expect(rounds).toMatchObject([{ state: 'closed', volumeE8: 20_000_000 }]);
  });

  it('does not depend on the order in which deals were booked, nor on ticket text order', () => {
    const deals = [
      fact('9', { atMs: 5 }),
      out('10', 10_000_000, { atMs: 5 }),
      fact('11', { atMs: 5, side: 'sell' }),
    ];
    const expected = tradeRounds(deals);
    expect(expected.map((round) => round.state)).toEqual(['closed', 'open']);
    expect(tradeRounds([...deals].reverse())).toEqual(expected);
  });

  it('knows a position by its closing deals alone when its opening lies before our history', () => {
    expect(tradeRounds([out('5', 10_000_000)])).toMatchObject([
      { side: 'buy', state: 'closed', volumeE8: 0, opening: [] },
    ]);
  });

  it('leaves balance operations out', () => {
    expect(tradeRounds([fact('1', { entry: 'balance' })])).toEqual([]);
  });
});

describe('the mean price', () => {
  it('weighs by volume and rounds half away from zero to a point', () => {
    const deals = [
      fact('1', { points: 100, volumeE8: 1 }),
      fact('2', { points: 101, volumeE8: 1 }),
      fact('3', { points: 110, volumeE8: 2 }),
    ];
    expect(meanPrice(deals)).toEqual({ points: 105n, digits: 5 });
    expect(meanPrice(deals.slice(0, 2))).toEqual({ points: 101n, digits: 5 });
    expect(meanPrice([])).toBeUndefined();
  });

  it('brings deals booked under different digits to the finest, and guesses none', () => {
    const coarse = fact('1', { points: 1_387, digits: 3 });
    const fine = fact('2', { points: 138_900, digits: 5 });
    expect(meanPrice([coarse, fine])).toEqual({ points: 138_800n, digits: 5 });
    expect(meanPrice([fine, fact('3', { digits: null, points: 138_902 })])).toEqual({
      points: 138_901n,
      digits: null,
    });
  });
});
