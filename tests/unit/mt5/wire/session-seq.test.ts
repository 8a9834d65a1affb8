import { describe, expect, it } from 'vitest';
import {
  incomingSeq,
  observeSeq,
  outgoingSeq,
  takeSeq,
} from '../../../../src/mt5/wire/session-seq.ts';

const judge = (numbers: readonly number[], session = 's') => {
  let state = incomingSeq('s');
  return numbers.map((seq) => {
    const observed = observeSeq(state, { session, seq });
    state = observed.state;
    return observed.verdict.type;
  });
};

describe('sequence numbers', () => {
  it('start at 1 and have no gaps', () => {
    const first = takeSeq(outgoingSeq('s'));
    expect([first.last, takeSeq(first).last]).toEqual([1, 2]);
    expect(judge([1, 2, 3])).toEqual(['next', 'next', 'next']);
  });

  it('report one loss as one gap and say how much is missing', () => {
    expect(judge([1, 4, 5])).toEqual(['next', 'gap', 'next']);
    expect(observeSeq(incomingSeq('s'), { session: 's', seq: 4 }).verdict).toEqual({
      type: 'gap',
      expected: 1,
      got: 4,
      missing: 3,
    });
  });

  it('call a repeated or overtaken message a duplicate', () => {
    expect(judge([1, 1, 3, 2, 4])).toEqual(['next', 'duplicate', 'gap', 'duplicate', 'next']);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('never accept %s', (seq) => {
    expect(judge([seq, 1])).toEqual(['duplicate', 'next']);
  });

  it('of another session change nothing', () => {
    expect(judge([1, 2], 'old')).toEqual(['otherSession', 'otherSession']);
    const state = incomingSeq('s');
    expect(observeSeq(state, { session: 'old', seq: 7 }).state).toBe(state);
  });
});
