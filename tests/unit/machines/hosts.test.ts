import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/actors/kernel/types.ts';
import { breakerMachine } from '../../../src/machines/breaker.machine.ts';
import { evaluationMachine } from '../../../src/machines/evaluation.machine.ts';
import { flattenMachine } from '../../../src/machines/flatten.machine.ts';
import { linkMachine } from '../../../src/machines/link.machine.ts';
import { orderMachine } from '../../../src/machines/order.machine.ts';
import { recoveryMachine } from '../../../src/machines/recovery.machine.ts';
import { tradingModeMachine } from '../../../src/machines/trading-mode.machine.ts';
import { type DrivenChart, drivePlain, drivePure } from '../../support/chart-drive.ts';
import {
  BREAKER,
  breakerEvent,
  evaluationEvent,
  flattenEvent,
  LIMITS,
  linkEvent,
  modeEvent,
  orderEvent,
  PHASES,
  recoveryEvent,
} from '../../support/chart-events.ts';
import { fc } from '../../support/property-seed.ts';

const ORDER = { intentId: 'i1', action: 'open', volumeE8: 100 } as const;
const LINK = { jitterSeed: 42, limits: LIMITS };
const MODE = { holds: ['gate', 'link'] };

const CASES: readonly {
  readonly name: string;
  readonly events: fc.Arbitrary<Message>;
  readonly pure: () => DrivenChart;
  readonly plain: () => DrivenChart;
}[] = [
  {
    name: 'order',
    events: orderEvent,
    pure: () => drivePure(orderMachine, ORDER),
    plain: () => drivePlain(orderMachine, ORDER),
  },
  {
    name: 'breaker',
    events: breakerEvent,
    pure: () => drivePure(breakerMachine, BREAKER),
    plain: () => drivePlain(breakerMachine, BREAKER),
  },
  {
    name: 'link',
    events: linkEvent,
    pure: () => drivePure(linkMachine, LINK),
    plain: () => drivePlain(linkMachine, LINK),
  },
  {
    name: 'trading mode',
    events: modeEvent,
    pure: () => drivePure(tradingModeMachine, MODE),
    plain: () => drivePlain(tradingModeMachine, MODE),
  },
  {
    name: 'flatten',
    events: flattenEvent,
    pure: () => drivePure(flattenMachine, { stuckAfterMs: 60_000 }),
    plain: () => drivePlain(flattenMachine, { stuckAfterMs: 60_000 }),
  },
  {
    name: 'recovery',
    events: recoveryEvent,
    pure: () => drivePure(recoveryMachine, undefined),
    plain: () => drivePlain(recoveryMachine, undefined),
  },
  {
    name: 'evaluation',
    events: evaluationEvent,
    pure: () => drivePure(evaluationMachine, { phases: PHASES }),
    plain: () => drivePlain(evaluationMachine, { phases: PHASES }),
  },
];

const look = (chart: DrivenChart): unknown => [
  chart.value(),
  chart.context(),
  chart.tags(),
  chart.take(),
];

describe('every chart', () => {
  it.each(CASES)(
    'goes the same way through the pure API and as a plain XState actor: $name',
    ({ events, pure, plain }) => {
      const waits = fc.constantFrom(0, 1, 250, 2_999, 3_000, 5_000, 10_000, 60_000);
      const steps = fc.array(
        fc.oneof({ weight: 3, arbitrary: events }, { weight: 1, arbitrary: waits }),
        {
          maxLength: 40,
        },
      );
      fc.assert(
        fc.property(steps, (all) => {
          const [ours, theirs] = [pure(), plain()];
          expect(look(ours)).toEqual(look(theirs));
          for (const step of all) {
            for (const chart of [ours, theirs]) {
              if (typeof step === 'number') chart.wait(step);
              else chart.send(step);
            }
            expect(look(ours)).toEqual(look(theirs));
          }
        }),
      );
    },
  );
});
