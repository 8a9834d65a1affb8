import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { REDUCED_GUARANTEES } from '../../../src/mt5/jsonapi/bridge-options.ts';

const text = readFileSync(
  fileURLToPath(new URL('../../../docs/json-api.md', import.meta.url)),
  'utf8',
);

describe('docs/json-api.md', () => {
  it('names every guarantee that is reduced, and no other', () => {
    const section = text.split('## ')[1] ?? '';
    const listed = section
      .split('\n')
      .flatMap((line) => (line.startsWith('- ') ? [line.slice(2)] : []));
    expect(listed).toEqual(REDUCED_GUARANTEES);
  });
});
