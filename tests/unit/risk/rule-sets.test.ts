import { describe, expect, it } from 'vitest';
import {
  BUILTIN_RULE_SET_IDS,
  builtinRuleSet,
  builtinRuleSetDocument,
} from '../../../src/risk/builtin-rule-sets.ts';
import { parseRuleSet } from '../../../src/risk/rule-set-parse.ts';

type Json = Record<string, unknown>;
const documentOf = (id: string): Json => structuredClone(builtinRuleSetDocument(id)) as Json;
const newsOf = (document: Json): Json => {
  const phases = document['phases'] as Json[];
  return phases[2]?.['news'] as Json;
};
const withNews = (change: Json) => {
  const document = documentOf('ftmo-2step');
  Object.assign(newsOf(document), change);
  Object.assign(document['sources'] as Json, { 'phases.*.news.**': 'this test' });
  return parseRuleSet(document);
};

describe('the rule sets that are built in', () => {
  it('are the ones people ask for, by these names', () => {
    expect(BUILTIN_RULE_SET_IDS).toEqual([
      'ftmo-2step',
      'ftmo-2step-swing',
      'ftmo-1step',
      'ftmo-us',
      'classic-8-5',
      'fundednext-2step',
      'the5ers-high-stakes',
      'the5ers-hyper-growth',
      'e8-one',
    ]);
  });

  it.each(BUILTIN_RULE_SET_IDS)('have a version, a first day and a source per number: %s', (id) => {
    const ruleSet = builtinRuleSet(id);
    expect(ruleSet?.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(ruleSet?.effectiveFrom).toMatch(/^20\d\d-/);
    // Without its sources the same document is refused: no number stands without one.
    const bare = { ...documentOf(id), sources: {} };
    expect(parseRuleSet(bare).ok).toBe(false);
  });

  it('say where a floor that follows floating equity is proven only under a condition', () => {
    const conditional = BUILTIN_RULE_SET_IDS.filter(
      (id) => builtinRuleSet(id)?.proof.level === 'conditional',
    );
    expect(conditional).toEqual(['the5ers-high-stakes', 'the5ers-hyper-growth']);
  });

  it('have no document under a name that is none', () => {
    expect(builtinRuleSet('toString')).toBeUndefined();
    expect(builtinRuleSetDocument('toString')).toBeUndefined();
  });
});

describe('the news of a rule set', () => {
  it('come from the terminal and are a day old at most, unless a document says otherwise', () => {
    const parsed = withNews({});
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
    expect(parsed.value.phases[2]?.news).toMatchObject({
      source: 'terminalCalendar',
      staleAfterMinutes: 1440,
      symbols: {},
    });
  });

  it('are data: source, staleness, and the symbols of a currency', () => {
    const symbols = { USD: ['EURUSD', 'XAUUSD'] };
    const parsed = withNews({ source: 'file', staleAfterMinutes: 60, symbols });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
    const news = parsed.value.phases[2]?.news;
    expect(news).toMatchObject({ source: 'file', staleAfterMinutes: 60, symbols });
  });

  it.each<[string, Json, string]>([
    ['a source nobody knows', { source: 'rumour' }, 'phases.2.news.source'],
    ['no staleness at all', { staleAfterMinutes: 0 }, 'phases.2.news.staleAfterMinutes'],
    ['a month and more', { staleAfterMinutes: 43_201 }, 'phases.2.news.staleAfterMinutes'],
    ['a list for a map', { symbols: ['EURUSD'] }, 'phases.2.news.symbols'],
    ['a currency of four letters', { symbols: { EURO: ['EURUSD'] } }, 'phases.2.news.symbols.EURO'],
    ['a currency of no symbol', { symbols: { USD: [] } }, 'phases.2.news.symbols.USD'],
    ['a symbol with a blank', { symbols: { USD: ['EUR USD'] } }, 'phases.2.news.symbols.USD.0'],
  ])('are refused with path and remedy: %s', (_, change, path) => {
    const parsed = withNews(change);
    const found = parsed.ok ? undefined : parsed.errors.find((error) => error.path === path);
    expect(found?.remedy).toBeTruthy();
  });
});
