import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { explainFailure } from '../../../src/cli/commands.ts';
import { runRulesList, runRulesShow, runRulesValidate } from '../../../src/cli/rules-command.ts';
import type { RulesReplayOptions } from '../../../src/cli/rules-replay-command.ts';
import { runRulesReplay } from '../../../src/cli/rules-replay-command.ts';
import {
  BUILTIN_RULE_SET_IDS,
  builtinRuleSetDocument,
} from '../../../src/risk/builtin-rule-sets.ts';
import { capturedIo } from '../../support/captured-io.ts';

const folder = mkdtempSync(join(tmpdir(), 'bulwark-rules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const EQUITY = '{"at":"2024-01-08T10:00:00Z","type":"equity","equity":"100000"}\n';
const GOOD = { rules: 'ftmo-2step', phase: 'challenge', initial: '100000' };

const replay = async (options: RulesReplayOptions) => {
  const { written, io } = capturedIo();
  try {
    return { code: await runRulesReplay(options, io), ...written };
  } catch (error) {
    const { text, code } = explainFailure(error);
    return { code, ...written, err: written.err + text };
  }
};

describe('bulwark rules replay', () => {
  it.each<[string, RulesReplayOptions, RegExp]>([
    ['no rules', { ...GOOD, rules: undefined }, /--rules is missing.*rules list/],
    ['an unknown rule set', { ...GOOD, rules: 'ftmo-2stp' }, /Did you mean "ftmo-2step"/],
    ['a missing file of rules', { ...GOOD, rules: 'mine.json' }, /mine\.json cannot be read/],
    ['no phase', { ...GOOD, phase: undefined }, /--phase is missing.*challenge, verification/],
    ['an unknown phase', { ...GOOD, phase: 'final' }, /no phase "final".*funded/],
    ['no initial balance', { ...GOOD, initial: undefined }, /--initial is missing/],
    ['no amount', { ...GOOD, initial: '100k' }, /"100k" is no amount/],
    ['a debt', { ...GOOD, initial: '-1' }, /positive/],
    ['no file', GOOD, /--file is missing/],
    ['a missing file', { ...GOOD, file: join(folder, 'none.csv') }, /does not exist/],
    ['a zone of Mars', { ...GOOD, file: 'x.csv', serverTz: 'Mars' }, /--server-tz.*ny\+7/],
    ['another table', { ...GOOD, file: file('a.csv', 'a,b\n1,2') }, /Fecha\/Hora/],
    ['a picture of a report', { ...GOOD, file: file('a.html', '<html></html>') }, /Spanish/],
  ])('refuses %s with its remedy', async (_, options, says) => {
    const run = await replay(options);
    expect(run.err).toMatch(says);
    expect([run.code, run.out]).toEqual([2, '']);
  });

  it('says which zone it assumed for a report, and nothing for events in UTC', async () => {
    const deals = 'Time,Deal,Type,Profit\n2024.01.08 10:00:00,1,buy,5.00\n';
    const report = await replay({ ...GOOD, file: file('deals.csv', deals) });
    expect(report.err).toMatch(/ny\+7/);
    const told = await replay({ ...GOOD, file: file('deals.csv', deals), serverTz: 'UTC' });
    const events = await replay({ ...GOOD, file: file('good.ndjson', EQUITY) });
    expect([told.err, events.err]).toEqual(['', '']);
  });

  it('tells a doubt, a pause and a time limit in words', async () => {
    const line = (at: string, fields: object): string => JSON.stringify({ at, ...fields });
    const paused = file(
      'paused.ndjson',
      line('2024-01-08T10:00:00Z', { type: 'equity', equity: 96_900 }),
    );
    const hyper = await replay({ ...GOOD, rules: 'the5ers-hyper-growth', file: paused });
    expect(hyper.out).toMatch(/paused +2024-01-08T10:00:00.000Z until 2024-01-08T22:00:00.000Z/);
    const late = file(
      'late.ndjson',
      [
        line('2024-01-08T10:00:00Z', { type: 'equity', equity: 100_000 }),
        line('2024-03-08T10:00:00Z', { type: 'equity', equity: 100_000 }),
      ].join('\n'),
    );
    const classic = await replay({ ...GOOD, rules: 'classic-8-5', file: late });
    expect(classic.out).toMatch(/BREACHED at 2024-02-06T23:00:00.000Z: maxDays, equity 100000\.00/);
    const lost = file(
      'lost.ndjson',
      [
        line('2024-01-08T08:00:00Z', { type: 'open', symbol: 'A' }),
        line('2024-01-08T08:30:00Z', { type: 'close', symbol: 'B' }),
        line('2024-01-08T09:00:00Z', { type: 'equity', equity: 95_500 }),
        line('2024-01-08T10:00:00Z', { type: 'close', symbol: 'A', profit: 2000 }),
        line('2024-01-09T10:00:00Z', { type: 'equity', equity: 102_000 }),
      ].join('\n'),
    );
    const doubtful = await replay({ ...GOOD, file: lost });
    expect(doubtful.out).toMatch(
      /may have been 95500\.00 against the daily floor 97000\.00.*INCONCLUSIVE\.\n$/s,
    );
  });
});

describe('bulwark rules list, show and validate', () => {
  it('list every rule set for people and for programs', () => {
    const people = capturedIo();
    expect(runRulesList({}, people.io)).toBe(0);
    expect(people.written.out.trimEnd().split('\n')).toHaveLength(BUILTIN_RULE_SET_IDS.length);
    const programs = capturedIo();
    runRulesList({ json: true }, programs.io);
    const found = JSON.parse(programs.written.out) as { id: string }[];
    expect(found.map(({ id }) => id)).toEqual(BUILTIN_RULE_SET_IDS);
  });

  it.each(BUILTIN_RULE_SET_IDS)('show %s whole, and with every source', (id) => {
    const people = capturedIo();
    expect(runRulesShow(id, {}, people.io)).toBe(0);
    const document = builtinRuleSetDocument(id) as { sources: Record<string, string> };
    for (const source of Object.values(document.sources)) {
      expect(people.written.out).toContain(source);
    }
    const programs = capturedIo();
    runRulesShow(id, { json: true }, programs.io);
    expect(JSON.parse(programs.written.out)).toEqual(document);
  });

  it('show payouts, scaling, weekends and breaks of a funded phase in words', () => {
    const { written, io } = capturedIo();
    runRulesShow('ftmo-2step', {}, io);
    for (const words of [
      /payout +every 14 days, 80 % of the profit/,
      /scaling +25 % more after 4 months, 10 % profit and 2 payouts, up to 2000000/,
      /weekend +flat/,
      /breaks +flat before closures of over 2 h/,
    ]) {
      expect(written.out).toMatch(words);
    }
  });

  it('refuse a document with every mistake of it, and end with 2', () => {
    const { written, io } = capturedIo();
    const bad = file('bad.json', JSON.stringify({ id: 'X', phases: [] }));
    expect(runRulesValidate(bad, { json: true }, io)).toBe(2);
    const told = JSON.parse(written.out) as { valid: boolean; errors: { path: string }[] };
    expect(told.valid).toBe(false);
    const paths = told.errors.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['id', 'phases', 'reset.zone', 'sources']));
    for (const path of paths) expect(written.err).toContain(`${bad}, ${path}: `);
  });

  it('refuse what is no JSON', () => {
    const { written, io } = capturedIo();
    expect(runRulesValidate(file('no.json', '{'), { json: true }, io)).toBe(2);
    const told = JSON.parse(written.out) as { valid: boolean; errors: { path: string }[] };
    expect(told).toMatchObject({ valid: false, errors: [{ path: '(document)' }] });
    expect(written.err).toMatch(/no\.json, \(document\): it is not JSON/);
  });
});
