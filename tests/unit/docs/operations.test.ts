import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { OPERATOR_REFUSALS } from '../../../src/actors/operator/operator-types.ts';
import { evaluationMachine } from '../../../src/machines/evaluation.machine.ts';
import { flattenMachine } from '../../../src/machines/flatten.machine.ts';
import { tradingModeMachine } from '../../../src/machines/trading-mode.machine.ts';
import { NOTICE_CODES } from '../../../src/mt5/wire/ea-messages.ts';
import { REFUSALS } from '../../../src/risk/codes.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const text = readFileSync(join(root, 'docs/operations.md'), 'utf8');
const rowsBelow = (heading: string): readonly (readonly string[])[] => {
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
};
const sourcesOf = (folder: string): string =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'))
    .join('\n');

/** Names of the leaves that a chart comes into; one that has not begun tells nothing. */
const leavesOf = (states: typeof evaluationMachine.states): readonly string[] =>
  Object.entries(states)
    .filter(([name]) => name !== 'notStarted')
    .flatMap(([name, { states: below }]) => {
      const leaves = Object.keys(below);
      return leaves.length === 0 ? [name] : leaves;
    });

/** Codes that the sources write as texts, and the kinds of entry and kernel event they pass on. */
const codesInSources = (): readonly string[] => {
  const actors = sourcesOf('src/actors') + sourcesOf('src/inspector');
  const literal = [
    ...actors.matchAll(/\bcode: '([a-z]\w*\.\w+)'/g),
    ...actors.matchAll(/\b(?:warned|refused)\(\s*'([a-z]\w*\.\w+)'/g),
    ...actors.matchAll(/'(?:info|warning|error)', '([a-z]\w*\.\w+)'/g),
  ].map(([, code = '']) => code);
  const projected = readFileSync(join(root, 'src/audit/project-events.ts'), 'utf8');
  const kinds = [...projected.matchAll(/^ {4}case '(\w+\.\w+)'/gm)].map(([, kind = '']) => kind);
  const runtime = readFileSync(join(root, 'src/actors/runtime-notices.ts'), 'utf8');
  const passedOn = /const noticeOf =[\s\S]+/.exec(runtime)?.[0] ?? '';
  const kernel = [...passedOn.matchAll(/case '([\w.]+)': \{/g)].map(([, type = '']) => type);
  const modes = Object.keys(tradingModeMachine.states).map((mode) => `mode.${mode}`);
  const { underWay, ...rest } = flattenMachine.states;
  const leaves = [...Object.keys(rest), ...Object.keys(underWay?.states ?? {})];
  const flattens = leaves.map((leaf) => `flatten.${leaf}`);
  // The first three are told under the code of their new state, the last as `balance.changed`.
  const renamed = ['mode.changed', 'flatten.changed', 'evaluation.changed', 'deal.booked'];
  const own = kinds.filter((kind) => !renamed.includes(kind));
  const evaluations = leavesOf(evaluationMachine.states).map((leaf) => `evaluation.${leaf}`);
  const notices = NOTICE_CODES.map((code) => `terminal.${code}`);
  const told = [...literal, ...own, ...kernel, ...modes, ...flattens, ...evaluations, ...notices];
  return [...told, 'balance.changed', 'journal.failed'];
};

describe('docs/operations.md', () => {
  it('explains every event code, and no other', () => {
    const explained = rowsBelow('Event codes').map(([code]) => code);
    expect([...explained].sort()).toEqual([...new Set(codesInSources())].sort());
  });

  it('explains every denial code in the words of the guard', () => {
    expect(Object.fromEntries(rowsBelow('Denial codes'))).toEqual(REFUSALS);
  });

  it('explains every refusal of an operator in the words of the answer', () => {
    const stopping = rowsBelow('Stopping trading').filter(([code = '']) => /^[A-Z_]+$/.test(code));
    expect(Object.fromEntries(stopping)).toEqual(OPERATOR_REFUSALS);
  });

  it('names the severity of each event', () => {
    const severities = rowsBelow('Event codes').map(([, severity]) => severity);
    expect([...new Set(severities)].sort()).toEqual(['error', 'info', 'warning']);
  });
});
