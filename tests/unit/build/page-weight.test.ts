import { describe, expect, it } from 'vitest';
import { pageWeight } from '../../support/page-weight.ts';

/** Bytes: what a phone on a train gets in a second. */
const MOST = 60_000;

describe('the inspector’s page', () => {
  it('weighs less than 60 kB gzipped', () => {
    const weight = pageWeight();
    expect(weight).toBeGreaterThan(1_000);
    expect(weight).toBeLessThan(MOST);
  });
});
