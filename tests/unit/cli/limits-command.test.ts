import { describe, expect, it } from 'vitest';
import { LIMITS, renderLimits } from '../../../src/cli/limits-command.ts';

describe('limits', () => {
  it('prints every bound once, as a table and as JSON', () => {
    const rows = renderLimits(false).trimEnd().split('\n');
    const count = Object.values(LIMITS).reduce((sum, part) => sum + Object.keys(part).length, 0);
    expect(rows).toHaveLength(count);
    expect(JSON.parse(renderLimits(true))).toEqual(LIMITS);
  });

  it('is a change that a reviewer sees', () => {
    expect(LIMITS).toMatchSnapshot();
  });
});
