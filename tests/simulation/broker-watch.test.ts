import { describe, expect, it } from 'vitest';
import { epochMs, lotsE8, minor, points } from '../../src/domain/units.ts';
import { RETCODE } from '../../src/mt5/retcodes.ts';
import type { LogRecord } from '../../src/mt5/terminal/ea/ea-records.ts';
import type {
  BrokerDeal,
  BrokerOrder,
  BrokerPosition,
} from '../../src/mt5/terminal/engine/records.ts';
import { BrokerWatch } from './broker-watch.ts';
import { brokenBy } from './violation.ts';

/** The watch is shown a history that breaks each promise, and the same one that keeps it. */

const at = epochMs(0);

describe('what the broker writes down', () => {
  const LOT = 100_000_000;
  const MORNING = Date.UTC(2024, 1, 7, 9);
  const deposit: LogRecord = dealOf({
    entry: 'balance',
    profitMinor: minor(10_000_000n),
    magic: '0',
  });
  const watch = (nakedMs = 2_000): BrokerWatch => {
    const broker = new BrokerWatch(nakedMs);
    broker.record([deposit], MORNING);
    return broker;
  };
  const held = (...positions: readonly Partial<BrokerPosition>[]): readonly LogRecord[] =>
    positions.map((position, index) => ({
      type: 'position.opened',
      position: positionOf({ ticket: String(index), ...position }),
    }));
  const riskOf = (equityMinor: bigint, ...positions: readonly Partial<BrokerPosition>[]): string =>
    brokenBy(() => {
      const broker = watch();
      broker.record(held(...positions), MORNING);
      broker.checkRisk(equityMinor);
    });

  it('breaks I1 when equity, or equity with every stop hit, is under a floor', () => {
    expect(riskOf(9_500_000n)).toBe('nothing');
    expect(riskOf(9_499_999n)).toBe('I1');
    // 250 points and 20 of slippage on 18 lots: 4,860.00 and 63.00 of commission.
    const stop = { volumeE8: lotsE8(18 * LOT), stopLoss: points(99_750) };
    expect(riskOf(10_000_000n, stop)).toBe('nothing');
    expect(riskOf(10_000_000n, { ...stop, volumeE8: lotsE8(19 * LOT) })).toBe('I1');
  });

  it('breaks I1 when an order that waits would go under a floor, until it is off the book', () => {
    const broker = watch();
    // 250 points, 20 of slippage, and commission to open and to close, on 18 lots: 4,986.00.
    const order = { ...positionOf({}), price: points(100_000), stopLoss: points(99_750) };
    const waiting = (lots: number) =>
      ({ ...order, volumeE8: lotsE8(lots * LOT) }) as unknown as BrokerOrder;
    broker.record([{ type: 'order.placed', order: waiting(18) }], MORNING);
    broker.checkRisk(10_000_000n);
    broker.record([{ type: 'order.changed', order: waiting(19), at }], MORNING);
    expect(brokenBy(() => broker.checkRisk(10_000_000n))).toBe('I1');
    broker.record([{ type: 'order.done', order: waiting(19) }], MORNING);
    broker.checkRisk(10_000_000n);
  });

  it('raises the floor with the balance at midnight in Prague', () => {
    const broker = watch();
    const won = dealOf({ profitMinor: minor(100_000n), at: epochMs(MORNING + 1) });
    broker.record([won], MORNING + 1);
    broker.checkRisk(9_500_000n);
    broker.record([], Date.UTC(2024, 1, 7, 23));
    expect(brokenBy(() => broker.checkRisk(9_599_999n))).toBe('I1');
    broker.checkRisk(9_600_000n);
  });

  it('breaks I2 when a locked profit pays for more than the next day allows', () => {
    const winner = { volumeE8: lotsE8(10 * LOT), stopLoss: points(101_000) };
    const loser = { volumeE8: lotsE8(20 * LOT), stopLoss: points(99_750) };
    expect(riskOf(10_000_000n, winner, { ...loser, volumeE8: lotsE8(18 * LOT) })).toBe('nothing');
    expect(riskOf(10_000_000n, winner, loser)).toBe('I2');
  });

  it('breaks I3 when equity at the stops does not carry the margin', () => {
    const stop = { stopLoss: points(99_900) };
    expect(riskOf(10_000_000n, { ...stop, marginMinor: minor(14_000_000n) })).toBe('nothing');
    expect(riskOf(10_000_000n, { ...stop, marginMinor: minor(14_290_000n) })).toBe('I3');
  });

  it('breaks I4 when a position of ours stays without a stop', () => {
    const naked = (magic: string): string =>
      brokenBy(() => {
        const broker = watch();
        broker.record(held({ stopLoss: null, magic }), MORNING);
        broker.record([], MORNING + 2_001);
      });
    expect(naked('7')).toBe('I4');
    expect(naked('0')).toBe('nothing');
  });

  it('breaks S9 when one intent, or one magic, has two orders', () => {
    const executed = (order: string, id: string): readonly LogRecord[] => [
      {
        type: 'request.received',
        request: {
          ...{ id, intent: 'i1', attempt: 1, receivedAt: at, dueAt: at },
          body: { type: 'place' } as never,
        },
      },
      {
        ...{ type: 'request.done', id, intent: 'i1', attempt: 1, at },
        outcome: { ...NO_OUTCOME, retcode: RETCODE.DONE, order },
      },
    ];
    expect(brokenBy(() => watch().record([...executed('1', 'a'), ...executed('1', 'b')], 0))).toBe(
      'nothing',
    );
    expect(brokenBy(() => watch().record([...executed('1', 'a'), ...executed('2', 'b')], 0))).toBe(
      'S9',
    );
    const [one, two] = ['1', '2'].map((orderTicket) => dealOf({ entry: 'in', orderTicket }));
    if (one === undefined || two === undefined) throw new Error('two deals');
    expect(brokenBy(() => watch().record([one, two], 0))).toBe('S9');
  });
});

const NO_OUTCOME = {
  ...{ symbol: 'EURUSD', deal: null, price: null, volumeE8: null, comment: '' },
} as const;

function dealOf(change: Partial<BrokerDeal>): LogRecord {
  return {
    type: 'deal',
    deal: {
      ...{ ticket: '1', orderTicket: '1', positionTicket: '1', intent: '', attempt: 0 },
      ...{ symbol: 'EURUSD', side: 'buy', entry: 'out', volumeE8: lotsE8(0), price: points(0) },
      ...{ profitMinor: minor(0n), commissionMinor: minor(0n), swapMinor: minor(0n) },
      ...{ magic: '7', reason: 'expert', at: epochMs(Date.UTC(2024, 1, 7, 9)), comment: '' },
      ...change,
    },
  };
}

function positionOf(change: Partial<BrokerPosition>): BrokerPosition {
  return {
    ...{ ticket: '1', intent: 'i1', attempt: 1, symbol: 'EURUSD', side: 'buy', magic: '7' },
    ...{ volumeE8: lotsE8(100_000_000), open: points(100_000), openedAt: at },
    ...{ stopLoss: null, takeProfit: null, takeProfitDueAt: null },
    ...{ swapMinor: minor(0n), marginMinor: minor(0n), comment: '' },
    ...change,
  };
}
