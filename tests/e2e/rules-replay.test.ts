import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { sandbox } from '../support/cli-sandbox.ts';
import { balanceDeal, encoded, htmlReport, SPANISH, tradeDeal } from '../support/mt5-report.ts';

interface Report {
  readonly rules: string;
  readonly phase: string;
  readonly days: readonly Record<string, string | null>[];
  readonly breach: Record<string, string | null> | null;
  readonly passedAt: string | null;
  readonly verdict: string;
  readonly equitySource: string;
  readonly progress: Record<string, unknown>;
}

describe('rules replay', () => {
  const box = sandbox();
  afterAll(box.close);
  const file = (name: string, content: string | Buffer): string => {
    writeFileSync(box.path(name), content);
    return name;
  };
  const events = (name: string, entries: readonly object[]): string =>
    file(name, entries.map((entry) => JSON.stringify(entry)).join('\r\n'));
  const replay = async (args: readonly string[], initial = '100000') => {
    const named = ['--phase', 'challenge', '--initial', initial];
    const run = await box.run(['rules', 'replay', ...named, '--json', ...args]);
    const report = run.stdout === '' ? undefined : (JSON.parse(run.stdout) as Report);
    return { ...run, report };
  };

  it("tells the breach of FTMO's example at the reset instant, and fails on it when asked", async () => {
    const history = events('monday.ndjson', [
      { at: '2024-01-08T10:00:00Z', type: 'deal', profit: '4000.00', balance: 204_000 },
      { at: Date.parse('2024-01-08T22:00:00Z'), type: 'equity', equity: 191_000 },
      { at: '2024-01-09T09:00:00Z', type: 'equity', equity: 200_000 },
    ]);
    const args = ['--rules', 'ftmo-2step', '--file', history];
    const [ran, failed] = await Promise.all([
      replay(args, '200000'),
      replay([...args, '--fail-on-breach'], '200000'),
    ]);
    expect([ran.code, failed.code]).toEqual([0, 1]);
    expect(ran.stdout).toBe(failed.stdout);
    expect(ran.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(ran.report).toMatchObject({
      rules: 'ftmo-2step',
      phase: 'challenge',
      verdict: 'breached',
      equitySource: 'observed',
      passedAt: null,
      breach: {
        at: '2024-01-08T23:00:00.000Z',
        rule: 'daily',
        equity: '191000.00',
        floor: '194000.00',
      },
    });
    expect(ran.report?.days[1]).toEqual({
      date: '2024-01-09',
      opensAt: '2024-01-08T23:00:00.000Z',
      anchor: '204000.00',
      dailyFloor: '194000.00',
      totalFloor: '180000.00',
      minEquity: '191000.00',
      balanceAtClose: '204000.00',
    });
  });

  it('passes an observed account, and an unobserved one never', async () => {
    const days = (observed: boolean) =>
      ['08', '09', '10', '11'].flatMap((day, index) => [
        { at: `2024-01-${day}T09:00:00Z`, type: 'open', symbol: 'EURUSD', volume: 1 },
        ...(observed
          ? [{ at: `2024-01-${day}T10:00:00Z`, type: 'equity', equity: 99_000 + index * 2500 }]
          : []),
        {
          at: `2024-01-${day}T11:00:00Z`,
          type: 'close',
          symbol: 'EURUSD',
          volume: 1,
          profit: 2507,
          commission: -5,
          swap: -2,
        },
      ]);
    const rules = ['--rules', 'ftmo-2step', '--fail-on-breach', '--file'];
    const [seen, unseen] = await Promise.all([
      replay([...rules, events('seen.ndjson', days(true))]),
      replay([...rules, events('unseen.ndjson', days(false))]),
    ]);
    expect([seen.code, unseen.code]).toEqual([0, 0]);
    expect(seen.report).toMatchObject({
      verdict: 'passed',
      passedAt: '2024-01-11T11:00:00.000Z',
      breach: null,
      progress: { tradingDays: 4, profit: '10000.00', target: '10000.00' },
    });
    expect(unseen.report).toMatchObject({
      verdict: 'inconclusive',
      passedAt: null,
      equitySource: 'closedOnly',
    });
  });

  it("reads a Spanish report by the server's clock in the weeks in which only America has summer time", async () => {
    // 01:30 on the server is 22:30 UTC then: 23:30 in Prague, still the day before.
    const report = htmlReport(SPANISH, [
      balanceDeal('2024.03.19 10:00:00', '100 000.00', '100 000.00'),
      tradeDeal({ time: '2024.03.19 11:00:00', direction: 'in', balance: '100 000.00' }),
      tradeDeal({
        time: '2024.03.20 01:30:00',
        direction: 'out',
        profit: '1 500.00',
        balance: '101 500.00',
      }),
      tradeDeal({ time: '2024.03.20 02:30:00', direction: 'in', balance: '101 500.00' }),
    ]);
    const name = file('informe.html', encoded(report, 'utf-16le'));
    const args = ['--rules', 'ftmo-2step', '--file', name, '--server-tz'];
    const [newYork, fixed] = await Promise.all([
      replay([...args, 'ny+7']),
      replay([...args, 'UTC+2']),
    ]);
    const closes = (found: typeof newYork) =>
      found.report?.days.map(({ date, anchor, balanceAtClose }) => [date, anchor, balanceAtClose]);
    expect(closes(newYork)).toEqual([
      ['2024-03-19', '100000.00', '101500.00'],
      ['2024-03-20', '101500.00', '101500.00'],
    ]);
    expect(closes(fixed)).toEqual([
      ['2024-03-19', '100000.00', '100000.00'],
      ['2024-03-20', '100000.00', '101500.00'],
    ]);
    expect(newYork.report).toMatchObject({ equitySource: 'closedOnly', verdict: 'inProgress' });
  });

  it('takes a rule set of the user, and refuses one with mistakes by path and remedy', async () => {
    const shown = await box.run(['rules', 'show', 'e8-one', '--json']);
    const own = JSON.parse(shown.stdout) as { id: string; phases: { total: object }[] };
    const good = file('own.json', JSON.stringify({ ...own, id: 'my-firm' }));
    const total = { ...own.phases[0]?.total, ratchet: 'daily', strickt: true };
    const wrong = { ...own, phases: [{ ...own.phases[0], total }, own.phases[1]] };
    const bad = file('bad.json', JSON.stringify(wrong));
    const entries = [{ at: '2024-01-08T10:00:00Z', type: 'equity', equity: '94000.01' }];
    const history = events('own.ndjson', entries);
    const [valid, invalid, walked, refused] = await Promise.all([
      box.run(['rules', 'validate', good, '--json']),
      box.run(['rules', 'validate', bad]),
      replay(['--rules', good, '--file', history]),
      replay(['--rules', bad, '--file', history]),
    ]);
    expect(valid.code).toBe(0);
    expect(JSON.parse(valid.stdout)).toMatchObject({ valid: true, id: 'my-firm' });
    expect(walked.report).toMatchObject({ rules: 'my-firm', breach: { rule: 'daily' } });
    for (const run of [invalid, refused]) {
      expect([run.code, run.stdout]).toEqual([2, '']);
      expect(run.stderr).toMatch(/phases\.0\.total\.ratchet: .*Use one of: none, atReset/);
      expect(run.stderr).toMatch(/phases\.0\.total\.strickt: .*"strict"/);
    }
  });

  it('lists the rule sets', async () => {
    const list = await box.run(['rules', 'list', '--json']);
    const found = JSON.parse(list.stdout) as { id: string; phases: string[] }[];
    expect(found).toHaveLength(9);
    expect(found[0]).toMatchObject({
      id: 'ftmo-2step',
      phases: ['challenge', 'verification', 'funded'],
    });
  });

  it('refuses bad input with place and remedy, and ends with 2', async () => {
    const line = '{"at":"2024-01-08T10:00:00Z","type":"equity","equity":100000}';
    const earlier = line.replace('T10', 'T09');
    const history = (name: string, text: string | Buffer) => ['--file', file(name, text)];
    const rules = ['--rules', 'ftmo-2step'];
    const refusals: readonly (readonly [readonly string[], RegExp])[] = [
      [[...rules, ...history('cut.ndjson', `${line}\n{"at":`)], /cut\.ndjson:2: .*not JSON/],
      [[...rules, ...history('back.ndjson', `${line}\n${earlier}`)], /back\.ndjson:2: .*Sort/],
      [[...rules, ...history('empty.ndjson', '')], /empty\.ndjson: the file is empty/],
      [[...rules, '--bogus'], /--bogus/],
    ];
    const runs = await Promise.all(refusals.map(([args]) => replay(args)));
    for (const [index, run] of runs.entries()) {
      expect(run.stderr).toMatch(refusals[index]?.[1] ?? /never/);
      expect([run.code, run.stdout]).toEqual([2, '']);
      expect(run.stderr).not.toMatch(/^\s+at /m);
    }
  });
});
