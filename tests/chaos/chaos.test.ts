import { afterAll, describe, expect, it } from 'vitest';
import { runChaos } from './campaign.ts';

const SEED = 3;
const KILLS = 5;

describe(`real processes, killed and cut off at random moments, seed ${SEED}`, () => {
  const lines: string[] = [];
  afterAll(() => {
    for (const line of lines) console.info(line);
  });

  it('leave an audit that agrees with the ledger, and break no promise', async () => {
    const say = (line: string): void => {
      lines.push(line);
    };
    const report = await runChaos({ kills: KILLS, seed: SEED, say });
    expect(report.disagreements).toEqual([]);
    expect(report.kills).toBeGreaterThanOrEqual(KILLS);
    if (report.neverFull) lines.push('skipped: no disk was full, because none may be mounted here');
  }, 300_000);
});
