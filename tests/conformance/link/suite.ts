import { describe } from 'vitest';
import { guardSuite } from './guard-suite.ts';
import { hostileSuite } from './hostile-suite.ts';
import { orderSuite } from './order-suite.ts';
import { readSuite } from './read-suite.ts';
import { restartSuite } from './restart-suite.ts';
import { sessionSuite } from './session-suite.ts';
import type { EaWorld } from './world.ts';

/** The one suite that every implementation of the EA's side of BWP/1 passes, unchanged. */
export const linkConformance = (world: EaWorld): void => {
  describe(`BWP/1 spoken by ${world.name}`, () => {
    sessionSuite(world);
    orderSuite(world);
    readSuite(world);
    guardSuite(world);
    restartSuite(world);
    hostileSuite(world);
  });
};
