import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../src/domain/units.ts';
import {
  type TradingModeContext,
  tradingModeMachine,
} from '../../../src/machines/trading-mode.machine.ts';
import { type DrivenChart, drivePure } from '../../support/chart-drive.ts';
import { modeEvent } from '../../support/chart-events.ts';
import { fc } from '../../support/property-seed.ts';

const mode = (holds: readonly string[] = ['gate', 'link']): DrivenChart =>
  drivePure(tradingModeMachine, { holds });
const contextOf = (chart: DrivenChart): TradingModeContext => chart.context() as TradingModeContext;
const raise = (chart: DrivenChart, hold: string): void =>
  chart.send({ type: 'hold.raised', hold } as never);
const clear = (chart: DrivenChart, hold: string): void =>
  chart.send({ type: 'hold.cleared', hold } as never);
const active = (): DrivenChart => {
  const chart = mode(['gate']);
  clear(chart, 'gate');
  chart.take();
  return chart;
};
const LOCKING = new Set<string>(['operator.kill', 'floor.reached', 'account.failed']);
const kill = { type: 'operator.kill', reason: 'operator: enough' } as const;

describe('the trading mode chart', () => {
  it('starts halted and opens only when every hold has cleared', () => {
    const chart = mode();
    expect([chart.value(), chart.tags()]).toEqual(['halted', []]);
    clear(chart, 'link');
    expect(chart.value()).toBe('halted');
    clear(chart, 'gate');
    expect([chart.value(), chart.tags()]).toEqual(['active', ['mayOpen']]);
  });

  it('is not opened by clearing a hold that it does not have', () => {
    const chart = mode(['operator: lunch']);
    for (const hold of ['gate', 'link', 'ledger', 'journal']) clear(chart, hold);
    expect([chart.value(), contextOf(chart).holds]).toEqual(['halted', ['operator: lunch']]);
  });

  it('keeps each hold once, and says why by the latest that is left', () => {
    const chart = active();
    raise(chart, 'link');
    raise(chart, 'ledger');
    raise(chart, 'ledger');
    expect(contextOf(chart)).toEqual({ holds: ['link', 'ledger'], limits: [], reason: 'ledger' });
    clear(chart, 'ledger');
    expect(contextOf(chart)).toEqual({ holds: ['link'], limits: [], reason: 'link' });
  });

  it('reduces while headroom is thin, and a hold goes before it', () => {
    const chart = active();
    chart.send({ type: 'headroom.thin' });
    expect([chart.value(), chart.tags()]).toEqual(['reducing', []]);
    raise(chart, 'link');
    expect(chart.value()).toBe('halted');
    clear(chart, 'link');
    expect(chart.value()).toBe('active');
    chart.send({ type: 'headroom.thin' });
    chart.send({ type: 'headroom.restored' });
    expect(chart.value()).toBe('active');
  });

  it.each([
    ['active', active],
    ['halted', () => mode()],
    [
      'reducing',
      () => {
        const chart = active();
        chart.send({ type: 'headroom.thin' });
        return chart;
      },
    ],
  ])('locks and flattens on a kill and on a floor, from %s', (state, start) => {
    for (const [event, reason] of [
      [kill, 'operator: enough'],
      [{ type: 'floor.reached' }, 'floor'],
    ] as const) {
      const chart = start();
      expect(chart.value()).toBe(state);
      chart.take();
      chart.send(event);
      expect([chart.value(), contextOf(chart).reason]).toEqual(['locked', reason]);
      expect(chart.take()).toContain('flattenAll');
    }
  });

  it('keeps the reason of a lock, whatever is raised and cleared afterwards', () => {
    const chart = active();
    chart.send(kill);
    raise(chart, 'link');
    clear(chart, 'link');
    raise(chart, 'gate');
    expect(contextOf(chart)).toEqual({ holds: ['gate'], limits: [], reason: 'operator: enough' });
  });

  describe('under a soft limit', () => {
    const limit = { name: 'daily', detail: 'lost 4,000', until: epochMs(1_000) } as const;
    const reached = { type: 'limit.reached', limit } as const;
    const lifted = { type: 'limit.lifted', name: 'daily' } as const;

    it('reduces until the limit is lifted, however wide headroom is', () => {
      const chart = active();
      chart.send(reached);
      expect([chart.value(), contextOf(chart).reason]).toEqual(['reducing', 'lost 4,000']);
      chart.send({ type: 'headroom.restored' });
      expect(chart.value()).toBe('reducing');
      chart.send(lifted);
      expect([chart.value(), contextOf(chart).limits]).toEqual(['active', []]);
    });

    it('stays reducing while another limit is left', () => {
      const chart = active();
      chart.send(reached);
      const total = { ...limit, name: 'total', detail: 'lost 8,000' } as const;
      chart.send({ type: 'limit.reached', limit: total } as never);
      chart.send(lifted);
      expect([chart.value(), contextOf(chart).reason]).toEqual(['reducing', 'lost 8,000']);
    });

    it('comes back to reducing, and not to active, when the last hold clears', () => {
      const chart = active();
      chart.send(reached);
      raise(chart, 'link');
      clear(chart, 'link');
      expect([chart.value(), contextOf(chart).reason]).toEqual(['reducing', 'lost 4,000']);
      raise(chart, 'link');
      chart.send(lifted);
      clear(chart, 'link');
      expect(chart.value()).toBe('active');
    });

    it('is kept over a lock and its rearming', () => {
      const chart = active();
      chart.send(reached);
      chart.send(kill);
      raise(chart, 'gate');
      chart.send({ type: 'operator.rearm', reason: 'operator: calm' } as never);
      clear(chart, 'gate');
      expect(chart.value()).toBe('reducing');
    });
  });

  it('leaves a lock by a person alone, and then only to halted', () => {
    fc.assert(
      fc.property(fc.array(modeEvent, { maxLength: 20 }), (events) => {
        const chart = active();
        chart.send(kill);
        for (const event of events) {
          const before = chart.value();
          chart.send(event);
          if (before === 'locked' && chart.value() !== 'locked') {
            expect([event.type, chart.value()]).toEqual(['operator.rearm', 'halted']);
          }
        }
      }),
    );
  });

  it('opens nothing while any hold or limit is left, in any order of events', () => {
    fc.assert(
      fc.property(fc.array(modeEvent, { maxLength: 30 }), (events) => {
        const chart = mode();
        const held = new Set(['gate', 'link']);
        const limited = new Set<string>();
        for (const event of events) {
          chart.send(event);
          if (event.type === 'hold.raised') held.add(event.hold);
          if (event.type === 'hold.cleared') held.delete(event.hold);
          expect([...contextOf(chart).holds].sort()).toEqual([...held].sort());
          if (event.type === 'limit.reached') limited.add(event.limit.name);
          if (event.type === 'limit.lifted') limited.delete(event.name);
          expect(contextOf(chart).limits.map(({ name }) => name)).toHaveLength(limited.size);
          if (held.size + limited.size > 0) expect(chart.tags()).not.toContain('mayOpen');
          const flattens = chart.take().includes('flattenAll');
          expect(flattens).toBe(LOCKING.has(event.type));
        }
      }),
    );
  });
});
