import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

describe('docs/security.md', () => {
  it('names for every hostile peer a test of either side that exists', () => {
    const [, section = ''] = read('docs/security.md').split('## Hostile peers');
    const rows = section.split('\n').filter((line) => /^\| [^|]+ \| `tests/.test(line));
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) {
      const named = [...row.matchAll(/`(tests\/[\w./-]+)`: ([^|]+?) (?=\|)/g)];
      expect(named, row).toHaveLength(2);
      for (const [, path = '', title = ''] of named) expect(read(path), title).toContain(title);
    }
  });

  it('names the tests of hostile peers, all of them', () => {
    const text = read('docs/security.md');
    for (const path of [
      'tests/unit/actors/connection/hostile-peers.test.ts',
      'tests/ea/expert-hostile.test.ts',
      'tests/conformance/link/hostile-suite.ts',
    ])
      for (const [, , title = ''] of read(path).matchAll(/^ +it\((['"])(.+?)\1, async/gm))
        expect(text).toContain(title);
  });
});
