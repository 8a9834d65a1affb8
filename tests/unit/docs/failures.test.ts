import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const FAILURES = Array.from({ length: 15 }, (_, index) => index + 1);

/** `failure 7, tests/…: what it shows`, in the order of the page. */
const listed = (): readonly string[] =>
  read('docs/failures.md')
    .split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const number = /^\d+/.exec(section)?.[0];
      const tests = [...section.matchAll(/^- `(tests\/[^`]+)`: (.+)$/gm)];
      return tests.map(([, file, title]) => `failure ${number}, ${file}: ${title}`);
    });

/** The same from the tests: a title that begins with the number. What a table fills in is `…`. */
const tagged = (): readonly string[] =>
  readdirSync(join(root, 'tests'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const titles = [...read(join('tests', name)).matchAll(/(['"`])failure (\d+): (.+?)\1,/g)];
      return titles.map(([, , number, title = '']) => {
        const shown = title.replaceAll(/%[sj]/g, '…').replaceAll("\\'", "'");
        return `failure ${number}, tests/${name}: ${shown}`;
      });
    });

describe('docs/failures.md', () => {
  it('names every test of a failure, and no other', () => {
    expect([...listed()].sort()).toEqual([...tagged()].sort());
  });

  it('has fifteen of them, each with a test that runs everywhere', () => {
    const numbers = [...read('docs/failures.md').matchAll(/^## (\d+)\. /gm)];
    expect(numbers.map(([, number]) => Number(number))).toEqual(FAILURES);
    const anywhere = listed().filter((line) => !line.includes(', tests/ea/'));
    const shown = new Set(anywhere.map((line) => Number(/\d+/.exec(line)?.[0])));
    expect([...shown].sort((a, b) => a - b)).toEqual(FAILURES);
  });
});
