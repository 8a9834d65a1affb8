import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const here = new URL('.', import.meta.url);
const page = readFileSync(new URL('../../docs/simulation.md', here), 'utf8');
const sources = readdirSync(here).filter((name) => /^[a-z-]+\.ts$/.test(name));

/** Promises that a file may find broken. */
const promisesOf = (name: string): readonly string[] => {
  const text = readFileSync(new URL(name, here), 'utf8');
  const thrown = [...text.matchAll(/(?:new Violation|once)\(\s*'([SI]\d+|agreement)'/g)];
  return thrown.map(([, promise]) => `${promise} ${name}`);
};

describe('the page about the simulation', () => {
  it('names every promise that is checked and who checks it, and no other', () => {
    const rows = [...page.matchAll(/^\| (S\d+|I\d+|agreement) \| `([a-z-]+\.ts)` \|/gm)];
    const named = rows.map(([, promise, file]) => `${promise} ${file}`);
    const checked = sources.flatMap(promisesOf);
    expect([...named].sort()).toEqual([...new Set(checked)].sort());
  });
});
