import type { RuntimeSpec } from '../../src/actors/runtime.ts';
import { epochMs, lotsE8 } from '../../src/domain/units.ts';
import { DEFAULT_RISK_LIMITS } from '../../src/risk/risk-limits.ts';
import { specOf } from '../support/runtime-spec.ts';
import type { Plan } from './faults.ts';
import { MINUTE_MS, SCENES } from './market.ts';
import { strategyOptions } from './strategy.ts';

export const NAKED_MS = 2_000;
/** A lease that lapses within a run, so that a second controller may claim. */
const LEASE_MS = 5_000;

/** What the command line would make of a configuration: of one runtime in a simulated world. */
export const simSpec =
  (plan: Plan, instance: { readonly id: string; readonly port: number }) =>
  (dataDir: string): RuntimeSpec => {
    const { market, volumeE8, stopPoints } = plan;
    const strategies = market.symbols.map((symbol, index) =>
      strategyOptions(symbol, index, {
        every: 4,
        hold: 2,
        offset: index,
        stopPoints,
        pending: plan.pending === true,
        until: SCENES[market.scene] + market.minutes * MINUTE_MS,
      }),
    );
    const spec = specOf({
      dataDir,
      port: instance.port,
      startAt: epochMs(SCENES[market.scene] - 1),
      strategies,
      terminal: null,
      guard: {
        nakedMs: NAKED_MS,
        sizingOf: () => ({ type: 'fixedLots', volumeE8: lotsE8(volumeE8) }),
        // The floors have to hold without it.
        limits: { ...DEFAULT_RISK_LIMITS, maxTradeRiskPpm: 1_000_000 },
      },
    });
    const { limits } = spec.connection;
    return {
      ...spec,
      connection: {
        ...spec.connection,
        instanceId: instance.id,
        leaseMs: LEASE_MS,
        limits: { ...limits, handshakeMs: 5_000, suspectMs: 3_000, downMs: 5_000 },
      },
    };
  };
