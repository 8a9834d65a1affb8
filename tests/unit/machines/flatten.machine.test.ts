import { describe, expect, it } from 'vitest';
import { flattenMachine } from '../../../src/machines/flatten.machine.ts';
import { type DrivenChart, drivePure } from '../../support/chart-drive.ts';
import { flattenEvent } from '../../support/chart-events.ts';
import { fc } from '../../support/property-seed.ts';

const ordered = (): DrivenChart => {
  const chart = drivePure(flattenMachine, { stuckAfterMs: 60_000 });
  chart.send({ type: 'flatten.ordered', reason: 'floor' } as never);
  return chart;
};
const say = (chart: DrivenChart, ...types: readonly string[]): void => {
  for (const type of types) chart.send({ type });
};

describe('the flatten chart', () => {
  it('cancels and closes at once when it is ordered', () => {
    const chart = ordered();
    expect([chart.value(), chart.context()]).toMatchObject([
      'underWay.cancelling',
      { reason: 'floor' },
    ]);
    expect(chart.take()).toEqual(['cancelOrders', 'closePositions']);
  });

  it('is flat only when the terminal says so', () => {
    const chart = ordered();
    say(chart, 'orders.gone', 'book.emptied');
    expect(chart.value()).toBe('underWay.verifying');
    expect(chart.take()).toContain('verifyAtTerminal');
    say(chart, 'terminal.shownFlat');
    expect([chart.value(), chart.tags()]).toEqual(['flat', []]);
  });

  it('begins anew when the terminal shows what our book does not', () => {
    const chart = ordered();
    say(chart, 'book.emptied');
    chart.take();
    say(chart, 'terminal.shownOpen');
    expect([chart.value(), chart.take()]).toEqual([
      'underWay.cancelling',
      ['cancelOrders', 'closePositions'],
    ]);
  });

  it('tries again every five seconds, and says after a minute that it is stuck', () => {
    const chart = ordered();
    chart.take();
    chart.wait(5_000);
    expect(chart.take()).toEqual(['cancelOrders', 'closePositions']);
    say(chart, 'orders.gone');
    chart.take();
    chart.wait(5_000);
    expect(chart.take()).toEqual(['closePositions']);
    chart.wait(50_000);
    expect([chart.value(), chart.tags()]).toEqual(['stuck', ['underWay']]);
    chart.take();
    chart.wait(5_000);
    expect(chart.take()).toEqual(['cancelOrders', 'closePositions']);
    say(chart, 'book.emptied', 'terminal.shownFlat');
    expect(chart.value()).toBe('flat');
  });

  it('closes what appears after it was flat, and asks the terminal again when it hears nothing', () => {
    const chart = ordered();
    say(chart, 'book.emptied');
    chart.take();
    chart.wait(30_000);
    expect(chart.take()).toEqual(['verifyAtTerminal']);
    say(chart, 'terminal.shownFlat', 'book.occupied');
    expect([chart.value(), chart.take()]).toEqual([
      'underWay.cancelling',
      ['cancelOrders', 'closePositions'],
    ]);
  });

  it('is never given up half way, and never believed flat without the terminal', () => {
    fc.assert(
      fc.property(fc.array(flattenEvent, { maxLength: 40 }), (events) => {
        const chart = ordered();
        for (const event of events) {
          const before = chart.value();
          const wasUnderWay = chart.tags().includes('underWay');
          chart.send(event);
          if (chart.value() === before) continue;
          if (chart.value() === 'flat') expect(event.type).toBe('terminal.shownFlat');
          if (wasUnderWay) expect(chart.value()).not.toBe('idle');
        }
      }),
    );
  });
});
