import { describe, expect, it } from 'vitest';
import { layersOfVariables, treeOf, variableOf } from '../../../src/config/environment.ts';
import { allPaths, type KeyNode, nodeAt, showPath } from '../../../src/config/key-tree.ts';

const named = allPaths().filter((path) => !path.includes('*'));
/** A text for each kind of key, and the value that it becomes. */
const SAMPLES: Readonly<Record<KeyNode['kind'], readonly [text: string, value: unknown]>> = {
  number: ['42', 42],
  mixed: ['42', 42],
  boolean: ['true', true],
  text: ['some text', 'some text'],
  secret: ['some text', 'some text'],
  list: ['[]', []],
  struct: ['{}', {}],
};
const read = (variables: Readonly<Record<string, string>>) =>
  layersOfVariables(variables, { origin: 'environment', baseDir: '/' });

describe('the variables', () => {
  it('exist for every key, and each sets that key and no other', () => {
    expect(named.length).toBeGreaterThan(50);
    expect(new Set(named.map(variableOf)).size).toBe(named.length);
    for (const path of named) {
      const [text, value] = SAMPLES[nodeAt(path)?.kind ?? 'struct'];
      const { layers, problems } = read({ [variableOf(path)]: text });
      expect(problems).toEqual([]);
      expect(layers.map(({ tree }) => tree)).toEqual([treeOf(path, value)]);
    }
  });

  it('are spelled as documented', () => {
    expect(variableOf(['risk', 'sizing', 'percent'])).toBe('BULWARK_RISK__SIZING__PERCENT');
    expect(variableOf(['link', 'heartbeatMs'])).toBe('BULWARK_LINK__HEARTBEAT_MS');
    expect(variableOf(['risk', 'slippagePoints', 'EURUSD'])).toBe(
      'BULWARK_RISK__SLIPPAGE_POINTS__EURUSD',
    );
  });

  it('may name keys of the user, in any case of letters', () => {
    const { layers } = read({ BULWARK_RISK__SLIPPAGE_POINTS__XAUUSD: '99' });
    expect(layers[0]?.tree).toEqual({ risk: { slippagePoints: { XAUUSD: 99 } } });
  });

  it('keep texts texts, even if they look like numbers', () => {
    const { layers } = read({ BULWARK_ACCOUNT__LOGIN: '5012345' });
    expect(layers[0]?.tree).toEqual({ account: { login: '5012345' } });
  });

  it('carry lists as JSON', () => {
    const { layers } = read({ BULWARK_STRATEGIES: '[{"use":"sma-cross","symbol":"EURUSD"}]' });
    expect(layers[0]?.tree).toEqual({ strategies: [{ use: 'sma-cross', symbol: 'EURUSD' }] });
  });

  it('that do not start with BULWARK_ are none of ours', () => {
    expect(read({ HOME: '/', BULWARKS: '1' })).toEqual({ layers: [], problems: [] });
  });
});

describe('every key', () => {
  it('says what it means, and gives an example or its choices', () => {
    const silent = allPaths().filter((path) => {
      const node = nodeAt(path.map((name) => (name === '*' ? 'X' : name)));
      if (node === undefined || node.kind === 'struct') return node === undefined;
      if (node.kind === 'secret') return node.what === '';
      const choices = 'choices' in node ? node.choices : [];
      const mayBeFree = showPath(path) === 'strategies';
      return (
        !mayBeFree && (node.what === '' || (node.example === undefined && choices.length === 0))
      );
    });
    expect(silent).toEqual([]);
  });
});
