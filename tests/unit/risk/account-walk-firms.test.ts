import { describe, expect, it } from 'vitest';
import {
  amount,
  closeAt,
  dealAt,
  equityAt,
  instant,
  openAt,
  walked,
  withdrawalAt,
} from '../../support/account-history.ts';

/** Midnight of a New York + 7 h server in January is 22:00 UTC, 17:00 in New York. */
describe('E8 One', () => {
  const history = { rules: 'e8-one' };
  const totals = (...profits: readonly number[]) => {
    const events = profits.map((profit, index) =>
      dealAt(new Date(Date.UTC(2024, 0, 8, 9 + index)).toISOString(), profit),
    );
    return walked([equityAt('2024-01-08T08:00:00Z', 100_000), ...events], history);
  };

  it('raises its total floor with every closed profit, in real time', () => {
    expect(totals(2000).days[0]?.totalFloor).toBe(amount(96_000));
    expect(totals(2000, 1500).days[0]?.totalFloor).toBe(amount(97_500));
  });

  it('never lowers it', () => {
    expect(totals(2000, -2500).days[0]?.totalFloor).toBe(amount(96_000));
  });

  it('does not follow a floating profit', () => {
    const { days } = walked([equityAt('2024-01-08T10:00:00Z', 105_000)], history);
    expect(days[0]?.totalFloor).toBe(amount(94_000));
  });

  it('locks it at the initial balance, just below, at and just above 106,000', () => {
    // Funded, since 6 % would pass the challenge.
    const floor = (profit: string) =>
      walked([dealAt('2024-01-08T10:00:00Z', profit)], { ...history, phase: 'funded' }).days[0]
        ?.totalFloor;
    expect(floor('5999.99')).toBe(amount('99999.99'));
    expect(floor('6000')).toBe(amount(100_000));
    expect(floor('6000.01')).toBe(amount(100_000));
    expect(floor('25000')).toBe(amount(100_000));
  });

  it('is broken by what is left of a position when its winning part has raised the floor', () => {
    const report = walked(
      [
        openAt('2024-01-08T08:00:00Z', { symbol: 'A' }),
        openAt('2024-01-08T08:00:00Z', { symbol: 'B' }),
        equityAt('2024-01-08T09:00:00Z', 97_500, { balance: 100_000 }),
        closeAt('2024-01-08T10:00:00Z', 4000, { symbol: 'A' }),
      ],
      history,
    );
    expect(report.breach).toMatchObject({
      at: instant('2024-01-08T10:00:00Z'),
      rule: 'total',
      equity: amount(97_500),
      floor: amount(98_000),
    });
  });

  it('lets the best day be 40 % of the profit at most before it passes', () => {
    const day = (date: string, profit: string) => [
      openAt(`2024-01-${date}T09:00:00Z`, { equity: 104_000 }),
      closeAt(`2024-01-${date}T10:00:00Z`, profit),
    ];
    const start = [...day('08', '2400'), ...day('09', '2000')];
    expect(walked([...start, ...day('10', '1600')], history).verdict).toBe('passed');
    const uneven = [...day('08', '2400.01'), ...day('09', '2000'), ...day('10', '1599.99')];
    expect(walked(uneven, history).verdict).toBe('inProgress');
  });
});

describe('The5ers', () => {
  const rules = 'the5ers-high-stakes';
  const nextDay = (balance: number, equity: number) =>
    walked(
      [
        dealAt('2024-01-08T10:00:00Z', balance - 100_000),
        equityAt('2024-01-08T21:59:00Z', equity),
        equityAt('2024-01-09T10:00:00Z', equity),
      ],
      { rules },
    ).days[1];

  it('hangs the daily floor below the higher of balance and equity at the server midnight', () => {
    expect(nextDay(101_000, 104_000)).toMatchObject({
      opensAt: instant('2024-01-08T22:00:00Z'),
      anchor: amount(104_000),
      dailyFloor: amount(98_800),
    });
    expect(nextDay(103_000, 101_000)).toMatchObject({
      anchor: amount(103_000),
      dailyFloor: amount(97_850),
    });
  });

  it('does not count an equity that was seen only after the reset', () => {
    const report = walked(
      [equityAt('2024-01-08T21:00:00Z', 100_000), equityAt('2024-01-09T02:00:00Z', 104_000)],
      { rules },
    );
    expect(report.days[1]?.anchor).toBe(amount(100_000));
  });

  it('begins its day by the clock of New York, also while Europe is still in winter', () => {
    const { days } = walked(
      [equityAt('2024-03-11T12:00:00Z', 100_000), equityAt('2024-03-12T12:00:00Z', 100_000)],
      { rules },
    );
    expect(days[1]?.opensAt).toBe(instant('2024-03-11T21:00:00Z'));
    expect(days[1]?.date).toBe('2024-03-12');
  });
});

describe('The5ers Hyper Growth', () => {
  const rules = 'the5ers-hyper-growth';

  it('pauses until the next reset at the daily floor, and the account lives on', () => {
    const report = walked(
      [
        equityAt('2024-01-08T10:00:00Z', 96_900, { balance: 96_900 }),
        equityAt('2024-01-08T12:00:00Z', 96_500),
        equityAt('2024-01-09T10:00:00Z', 97_500),
      ],
      { rules },
    );
    expect(report).toMatchObject({ verdict: 'inProgress', breach: null });
    expect(report.progress.pauses).toEqual([
      {
        at: instant('2024-01-08T10:00:00Z'),
        until: instant('2024-01-08T22:00:00Z'),
        equity: amount(96_900),
        floor: amount(97_000),
      },
    ]);
  });

  it('pauses anew on another day, once per day', () => {
    const events = [
      equityAt('2024-01-08T10:00:00Z', 96_900, { balance: 100_000 }),
      equityAt('2024-01-08T11:00:00Z', 96_800),
      equityAt('2024-01-08T20:00:00Z', 100_000),
      equityAt('2024-01-09T10:00:00Z', 96_950),
    ];
    const { pauses } = walked(events, { rules }).progress;
    expect(pauses.map(({ equity }) => equity)).toEqual([amount(96_900), amount(96_950)]);
  });

  it('ends at the total floor', () => {
    const { breach } = walked([equityAt('2024-01-08T10:00:00Z', 94_000)], { rules });
    expect(breach).toMatchObject({ rule: 'total', floor: amount(94_000) });
  });
});

describe('FTMO 1-Step', () => {
  it('raises its total floor with the highest midnight balance only', () => {
    const report = walked(
      [
        dealAt('2024-01-08T10:00:00Z', 4000),
        dealAt('2024-01-08T12:00:00Z', -1000),
        dealAt('2024-01-09T10:00:00Z', -2000),
        equityAt('2024-01-10T10:00:00Z', 101_000),
      ],
      { rules: 'ftmo-1step' },
    );
    expect(report.days.map(({ totalFloor }) => totalFloor)).toEqual(
      [90_000, 93_000, 93_000].map((floor) => amount(floor)),
    );
  });
});

describe('a withdrawal', () => {
  const paidOut = (rules: string, amountOut: number) =>
    walked(
      [
        equityAt('2024-01-08T08:00:00Z', 100_000),
        dealAt('2024-01-08T10:00:00Z', 8000),
        equityAt('2024-01-09T10:00:00Z', 108_000),
        withdrawalAt('2024-01-09T11:00:00Z', amountOut),
        equityAt('2024-01-10T10:00:00Z', 108_000 - amountOut),
      ],
      { rules, phase: 'funded' },
    );

  it("leaves FTMO 1-Step's total floor where it rose to", () => {
    const { days, breach } = paidOut('ftmo-1step', 5000);
    expect(days.map(({ totalFloor }) => totalFloor)).toEqual(
      [90_000, 98_000, 98_000].map((floor) => amount(floor)),
    );
    expect(breach).toBeNull();
  });

  it("leaves E8's floor locked at the initial balance, and may break it", () => {
    expect(paidOut('e8-one', 7999).days.at(-1)?.totalFloor).toBe(amount(100_000));
    expect(paidOut('e8-one', 7999).breach).toBeNull();
    expect(paidOut('e8-one', 8000).breach).toMatchObject({
      at: instant('2024-01-09T11:00:00Z'),
      rule: 'total',
    });
  });

  it('is no loss of the day: the daily floor moves with the balance', () => {
    const { days, breach } = paidOut('ftmo-2step', 8000);
    expect(days.map(({ dailyFloor }) => dailyFloor)).toEqual(
      [95_000, 95_000, 95_000].map((floor) => amount(floor)),
    );
    expect(breach).toBeNull();
  });
});
