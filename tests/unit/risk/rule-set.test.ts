import { describe, expect, it } from 'vitest';
import { BUILTIN_RULE_SET_IDS, builtinRuleSet } from '../../../src/risk/builtin-rule-sets.ts';
import { phaseOf } from '../../../src/risk/rule-set.ts';
import { parseRuleSet } from '../../../src/risk/rule-set-parse.ts';
import ftmoDocument from '../../../src/risk/rule-sets/ftmo-2step.json' with { type: 'json' };

type Json = Record<string, unknown>;
const copy = (): Json => structuredClone(ftmoDocument) as unknown as Json;
const at = (document: Json, path: string): Json => {
  let here: unknown = document;
  for (const key of path.split('.')) here = (here as Json)[key];
  return here as Json;
};
const errorsAfter = (change: (document: Json) => void) => {
  const document = copy();
  change(document);
  const result = parseRuleSet(document);
  return result.ok ? [] : result.errors;
};

describe('rule sets', () => {
  it.each(BUILTIN_RULE_SET_IDS)('ships %s, valid and under its own id', (id) => {
    expect(builtinRuleSet(id)?.id).toBe(id);
  });

  it('has the numbers of FTMO 2-Step', () => {
    const ruleSet = builtinRuleSet('ftmo-2step');
    if (ruleSet === undefined) throw new Error('not shipped');
    expect(ruleSet.phases.map(({ name, targetPpm }) => [name, targetPpm])).toEqual([
      ['challenge', 100_000],
      ['verification', 50_000],
      ['funded', null],
    ]);
    for (const { daily, total } of ruleSet.phases) {
      expect(daily?.amount).toEqual({ of: 'initial', ppm: 50_000 });
      expect(total.amount).toEqual({ of: 'initial', ppm: 100_000 });
    }
    expect(phaseOf(ruleSet, 'funded')?.minDays).toBeNull();
    expect(phaseOf(ruleSet, 'challenge')?.minDays?.count).toBe(4);
  });

  it('has the 30 and 14 days of the classic set', () => {
    const phases = builtinRuleSet('classic-8-5')?.phases ?? [];
    expect(phases.map(({ name, maxDays }) => [name, maxDays])).toEqual([
      ['challenge', 30],
      ['verification', 14],
      ['funded', null],
    ]);
  });

  it.each<[string, (document: Json) => void, string, RegExp]>([
    [
      'an unknown key',
      (d) => {
        at(d, 'phases.0')['targetPercnt'] = 1;
      },
      'phases.0.targetPercnt',
      /targetPercent/,
    ],
    [
      'a fraction for a percentage',
      (d) => {
        at(d, 'phases.0.daily.amount')['percent'] = 0;
      },
      'phases.0.daily.amount.percent',
      /not 0\.05/,
    ],
    [
      'an anchor that cannot move so',
      (d) => {
        at(d, 'phases.0.total')['ratchet'] = 'realtime';
      },
      'phases.0.total.ratchet',
      /"none"/,
    ],
    [
      'a zone nobody knows',
      (d) => {
        at(d, 'reset')['zone'] = 'Europe/Praha';
      },
      'reset.zone',
      /IANA/,
    ],
    [
      'a malformed reset time',
      (d) => {
        at(d, 'reset')['localTime'] = '24:00';
      },
      'reset.localTime',
      /hours and minutes/,
    ],
    [
      'a number without a source',
      (d) => {
        delete at(d, 'sources')['phases.*.targetPercent'];
      },
      'phases.0.targetPercent',
      /sources/,
    ],
    [
      'a source of nothing',
      (d) => {
        at(d, 'sources')['phases.*.daily.percnt'] = 'x';
      },
      'sources.phases.*.daily.percnt',
      /Correct the path/,
    ],
    [
      'a missing total floor',
      (d) => {
        delete at(d, 'phases.0')['total'];
      },
      'phases.0.total',
      /Write/,
    ],
    [
      'a phase name twice',
      (d) => {
        at(d, 'phases.1')['name'] = 'challenge';
      },
      'phases.1.name',
      /its own name/,
    ],
    [
      'an empty list of phases',
      (d) => {
        d['phases'] = [];
      },
      'phases',
      /entry/,
    ],
    [
      'a proof that floating equity denies',
      (d) => {
        Object.assign(at(d, 'phases.0.daily'), { anchor: 'dayStartMax' });
      },
      'proof.level',
      /conditional/,
    ],
  ])('refuses %s with path and remedy', (_, change, path, remedy) => {
    const found = errorsAfter(change).find((error) => error.path === path);
    expect(found?.reason).toBeTruthy();
    expect(found?.remedy).toMatch(remedy);
  });

  it.each([null, 7, 'text', [], undefined])('refuses %j as a document', (document) => {
    expect(parseRuleSet(document).ok).toBe(false);
  });

  it.each<[string, (document: Json) => void, string]>([
    [
      'an unknown anchor',
      (d) => {
        at(d, 'phases.0.daily')['anchor'] = 'yesterday';
      },
      'phases.0.daily.anchor',
    ],
    [
      'no phases',
      (d) => {
        d['phases'] = [];
      },
      'phases',
    ],
  ])('names one mistake for %s, and nothing that only follows from it', (_, change, path) => {
    expect(errorsAfter(change).map((error) => error.path)).toEqual([path]);
  });

  it('says of a text that it does not fit, not that it is none', () => {
    const [error] = errorsAfter((d) => {
      d['effectiveFrom'] = '2024-13-01';
    });
    expect(error?.reason).toBe('"2024-13-01" does not fit');
  });

  it('names every mistake at once', () => {
    const errors = errorsAfter((d) => {
      at(d, 'reset')['localTime'] = 'noon';
      at(d, 'phases.0.daily')['measure'] = 'cash';
      at(d, 'phases.2.scaling')['cap'] = '-1';
    });
    expect(errors.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['reset.localTime', 'phases.0.daily.measure', 'phases.2.scaling.cap']),
    );
  });
});
