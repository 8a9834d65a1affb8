import { describe, expect, it } from 'vitest';
import { ISOLATION_KINDS } from '../../../src/actors/isolation/placement.ts';
import { nodeAt } from '../../../src/config/key-tree.ts';

describe('isolation.kind', () => {
  it('may be exactly what the isolation knows: config and actors must not import each other', () => {
    expect(nodeAt(['isolation', 'kind'])).toMatchObject({ choices: ISOLATION_KINDS });
  });
});
