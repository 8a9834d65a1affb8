import { describe, expect, it } from 'vitest';
import { epochMs, points } from '../../../src/domain/units.ts';
import type { NewsCalendar } from '../../../src/risk/market-context.ts';
import { slippagePoints } from '../../../src/risk/slippage.ts';
import { type GapsAhead, nextGap, slippageClasses } from '../../../src/risk/slippage-classes.ts';
import { at, EURUSD } from '../../support/risk-fixtures.ts';

const LEAD = 600_000;
/** Friday 22:00 to Sunday 22:00, and a break of an hour on Thursday. */
const weekend = { from: at('2024-01-12T22:00:00Z'), to: at('2024-01-14T22:00:00Z') };
const pause = { from: at('2024-01-11T22:00:00Z'), to: at('2024-01-11T23:00:00Z') };
const payrolls = at('2024-01-12T13:30:00Z');
const calendar: NewsCalendar = {
  updatedAt: at('2024-01-12T06:00:00Z'),
  from: at('2024-01-01T00:00:00Z'),
  until: at('2024-01-31T00:00:00Z'),
  releases: [{ at: payrolls, currency: 'USD', impact: 'high', title: 'Nonfarm Payrolls' }],
};
const classesAt = (when: number, change: Partial<GapsAhead> = {}) =>
  slippageClasses({
    context: { closures: [pause, weekend], calendar: null },
    news: null,
    instrument: EURUSD,
    at: epochMs(when),
    leadMs: LEAD,
    ...change,
  });

describe('the gaps that a position may live through', () => {
  it.each([
    ['weekend', weekend],
    ['dailyBreak', pause],
  ] as const)(
    'are those of a %s from ten minutes before it until it is over',
    (name, { from, to }) => {
      expect(classesAt(from - LEAD - 1)).toEqual(['normal']);
      expect(classesAt(from - LEAD)).toEqual(['normal', name]);
      expect(classesAt(from)).toEqual(['normal', name]);
      expect(classesAt(to - 1)).toContain(name);
      expect(classesAt(to)).not.toContain(name);
    },
  );

  it('tell a break of just under a day from one of a day', () => {
    const { from } = pause;
    const closed = (hours: number, less: number) =>
      classesAt(from, {
        context: {
          closures: [{ from, to: epochMs(from + hours * 3_600_000 - less) }],
          calendar: null,
        },
      });
    expect(closed(24, 1)).toEqual(['normal', 'dailyBreak']);
    expect(closed(24, 0)).toEqual(['normal', 'weekend']);
  });

  it('are those of a release from ten minutes before its window to its end', () => {
    const near = (when: number) => classesAt(when, { context: { closures: [], calendar } });
    const [from, to] = [payrolls - 120_000, payrolls + 120_000];
    expect(near(from - LEAD - 1)).toEqual(['normal']);
    expect(near(from - LEAD)).toEqual(['normal', 'news']);
    expect(near(to)).toEqual(['normal', 'news']);
    expect(near(to + 1)).toEqual(['normal']);
    const instrument = { symbol: 'EURGBP', baseCurrency: 'EUR', quoteCurrency: 'GBP' };
    expect(classesAt(payrolls, { context: { closures: [], calendar }, instrument })).toEqual([
      'normal',
    ]);
  });

  it('are those of a release while a rule about news has no calendar', () => {
    const news = {
      ...{ minutesBefore: 2, minutesAfter: 2, targets: 'highImpact', operations: ['open'] },
      ...{ source: 'file', staleAfterMinutes: 60, symbols: {} },
    } as unknown as GapsAhead['news'];
    expect(classesAt(pause.from - 3_600_000, { news })).toEqual(['normal', 'news']);
  });

  it('say which closure room has to be made for next', () => {
    expect(nextGap([pause, weekend], epochMs(pause.from - 1), LEAD)).toEqual({
      closure: pause,
      from: pause.from - LEAD,
    });
    expect(nextGap([pause, weekend], pause.from, LEAD)?.closure).toBe(weekend);
    expect(nextGap([], pause.from, LEAD)).toBeUndefined();
  });
});

describe('a slippage allowance', () => {
  const price = points(138_000);
  const of = (symbol: string, classes: GapClasses, own: object = {}) =>
    slippagePoints({ symbol, price, classes, own: { normal: 15, ...own } });
  type GapClasses = Parameters<typeof slippagePoints>[0]['classes'];

  it('is the largest over the classes, rounded up, and never below the normal one', () => {
    expect(of('EURUSD.r', ['normal'])).toBe(15);
    // 90 millionths of 138,000 are 12.42 points, 9,100 are 1,255.8.
    expect(of('EURUSD.r', ['normal', 'dailyBreak'])).toBe(15);
    expect(of('EURUSD.r', ['normal', 'dailyBreak', 'weekend'])).toBe(1_256);
    expect(of('EURUSD', [])).toBe(15);
  });

  it("prefers the user's own figures, class by class", () => {
    expect(of('EURUSD', ['normal', 'weekend'], { weekend: 400 })).toBe(400);
    expect(of('EURUSD', ['normal', 'news', 'weekend'], { news: 500, weekend: 400 })).toBe(500);
    expect(of('EURUSD', ['normal', 'weekend'], { weekend: 5 })).toBe(15);
  });

  it('differs by the kind of symbol that is not listed', () => {
    expect(of('GBPUSD', ['weekend'])).toBe(1_656);
    expect(of('XAGUSD', ['weekend'])).toBe(4_140);
  });
});
