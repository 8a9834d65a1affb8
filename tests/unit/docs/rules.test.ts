import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { renderReplayJson } from '../../../src/cli/replay-view.ts';
import { runRulesReplay } from '../../../src/cli/rules-replay-command.ts';
import { BUILTIN_RULE_SET_IDS, builtinRuleSet } from '../../../src/risk/builtin-rule-sets.ts';
import { ANCHORS, MEASURES, ON_BREACH, RATCHETS, WITHDRAWALS } from '../../../src/risk/rule-set.ts';
import { equityAt, walked } from '../../support/account-history.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const text = readFileSync(
  fileURLToPath(new URL('../../../docs/rules.md', import.meta.url)),
  'utf8',
);
/** Blocks between fences, by what stands behind the opening fence. */
const blocks = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, kind, body]) => ({
  kind,
  body: body ?? '',
}));
const row = (key: string): string =>
  text.split('\n').find((line) => line.startsWith(`| \`${key}\` |`)) ?? '';

describe('docs/rules.md', () => {
  it('shows an example that gives what it says', async () => {
    const events = blocks.find(({ kind }) => kind === 'ndjson')?.body ?? '';
    const at = blocks.findIndex(({ body }) => body.includes('--file monday.ndjson'));
    const words = (blocks[at]?.body ?? '').trim().split(' ');
    const flag = (name: string): string => words[words.indexOf(name) + 1] ?? '';
    const file = join(temporaryDirectory(), flag('--file'));
    writeFileSync(file, events);
    const { written, io } = capturedIo();
    const code = await runRulesReplay(
      { rules: flag('--rules'), phase: flag('--phase'), initial: flag('--initial'), file },
      io,
    );
    expect(code).toBe(0);
    expect(written.out).toBe(blocks[at + 1]?.body);
  });

  it('lists every rule set with its title and phases, and no other', () => {
    const listed = text
      .split('\n')
      .filter((line) => /^\| `[a-z0-9-]+` \| .* \| .*challenge/.test(line));
    const wanted = BUILTIN_RULE_SET_IDS.map((id) => {
      const ruleSet = builtinRuleSet(id);
      const phases = ruleSet?.phases.map(({ name }) => name).join(', ');
      return `| \`${id}\` | ${ruleSet?.title} | ${phases} |`;
    });
    expect(listed).toEqual(wanted);
  });

  it.each([
    ['measure', MEASURES],
    ['anchor', ANCHORS],
    ['ratchet', RATCHETS],
    ['withdrawal', WITHDRAWALS],
    ['onBreach', ON_BREACH],
  ])('names every value of %s', (key, values) => {
    const named = [...row(key).matchAll(/`(\w+)`/g)].map(([, name]) => name).slice(1);
    expect(named).toEqual([...values]);
  });

  it('names every key of the report, and no other', () => {
    const json = renderReplayJson(walked([equityAt('2024-01-08T10:00:00Z', 90_000)]));
    const report = JSON.parse(json) as Record<string, Record<string, unknown>>;
    for (const key of Object.keys(report)) expect(text).toContain(`\`${key}\``);
    const progress = [...row('progress').matchAll(/`(\w+)`/g)].map(([, name]) => name).slice(1);
    expect(progress).toEqual(Object.keys(report['progress'] ?? {}));
  });
});
