import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/audit/findings.ts';
import type { Intent } from '../../src/domain/intent.ts';
import { closeIntent, openIntent } from '../support/entries.ts';
import { unexplained } from './agreement.ts';
import { LostIntents } from './lost-intents.ts';

const missing = (id: string, ledger = 'close'): Finding => ({
  ...{ what: 'order', id, field: 'existence', audit: null, ledger },
});
const filled: Finding = {
  ...{ what: 'order', id: 'c1', field: 'state', audit: 'filled', ledger: null },
};
const byId = (...intents: readonly Intent[]) =>
  new Map(intents.map((intent) => [intent.intentId, intent]));
const nobody = { ours: byId(), others: byId(), lost: new Set<string>() };

describe('a difference between audit and ledger', () => {
  it('is explained by nothing when nothing was lost and nobody else traded', () => {
    expect(unexplained([missing('c1'), filled], nobody)).toHaveLength(2);
  });

  it('is explained for a close that nobody knows of any more, and for nothing else of it', () => {
    const lost = { ...nobody, lost: new Set(['c1']) };
    const kept = [
      missing('c2'),
      missing('c1', 'place'),
      { ...missing('c1'), what: 'deal' },
    ] as const;
    expect(unexplained([missing('c1'), filled, ...kept], lost)).toEqual([filled, ...kept]);
    expect(unexplained([missing('c1')], { ...lost, ours: byId(closeIntent('c1')) })).toHaveLength(
      1,
    );
  });

  it('is explained for orders of another controller, and closes of what that one closed', () => {
    const others = byId(closeIntent('c2'));
    const [ours, opened] = [byId(closeIntent('c1')), byId(openIntent('c1'))];
    expect(unexplained([missing('c2')], { ...nobody, others })).toEqual([]);
    expect(unexplained([filled], { ...nobody, others, ours })).toEqual([]);
    expect(unexplained([filled], { ...nobody, others, ours: opened })).toEqual([filled]);
    expect(unexplained([filled], { ...nobody, ours })).toEqual([filled]);
  });
});

describe('an intent', () => {
  const forgottenBy = (before: readonly string[], executor: string) => {
    const lost = new LostIntents();
    lost.sent('c1', '1/1');
    lost.dealt('c1');
    lost.forgotten(['c1'], new Set(before));
    return [...lost.lostTo(executor)];
  };

  it('is lost when the EA forgot it and the executor that sent it is gone', () => {
    expect(forgottenBy([], '1/2')).toEqual(['c1']);
    expect(forgottenBy([], '2/1')).toEqual(['c1']);
  });

  it('is not lost while that executor lives, or when the journal had it', () => {
    expect(forgottenBy([], '1/1')).toEqual([]);
    expect(forgottenBy(['c1'], '1/2')).toEqual([]);
    const remembered = new LostIntents();
    remembered.sent('c1', '1/1');
    remembered.dealt('c1');
    expect([...remembered.lostTo('1/2')]).toEqual([]);
  });

  it('is lost with the executor that sent it when it did nothing', () => {
    const refused = new LostIntents();
    refused.sent('c1', '1/1');
    expect([...refused.lostTo('1/1')]).toEqual([]);
    expect([...refused.lostTo('1/2')]).toEqual(['c1']);
  });
});
