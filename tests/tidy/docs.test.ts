import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BUDGETS } from '../../src/actors/tree.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];
const architecture = read('ARCHITECTURE.md');

/** Cells of the rows of a Markdown table whose header begins with the given cells. */
const tableOf = (text: string, ...header: readonly string[]): readonly (readonly string[])[] => {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${header.join(' | ')} |`));
  if (start === -1) return [];
  const rest = lines.slice(start + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, end === -1 ? undefined : end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
};
const codeSpans = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);

describe('every document', () => {
  it('names only files that exist', () => {
    const path = /^(?:src|tests|docs|scripts|mql5|ops)(?:\/[\w.-]+)*$/;
    const missing = DOCUMENTS.flatMap((document) =>
      codeSpans(read(document))
        .filter((code) => path.test(code) && !existsSync(join(root, code)))
        .map((code) => `${document}: ${code}`),
    );
    expect(missing).toEqual([]);
  });

  it('links only to files that exist', () => {
    const broken = DOCUMENTS.flatMap((document) =>
      [...read(document).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .map(([, target = '']) => normalize(join(dirname(document), target)))
        .filter((target) => !existsSync(join(root, target)))
        .map((target) => `${document}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('links only to headings that exist', () => {
    const anchorsOf = (path: string): readonly string[] =>
      [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replaceAll(/[^\w\s-]/g, '')
          .replaceAll(/\s/g, '-'),
      );
    const broken = DOCUMENTS.flatMap((document) =>
      [...read(document).matchAll(/\]\(([^)#\s]*\.md)?#([^)\s]+)\)/g)]
        .map(([, file, anchor = '']) => ({
          file: file === undefined ? document : normalize(join(dirname(document), file)),
          anchor,
        }))
        .filter(({ file, anchor }) => !anchorsOf(file).includes(anchor))
        .map(({ file, anchor }) => `${document}: ${file}#${anchor}`),
    );
    expect(broken).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  it('states the budgets of the tree, all of them and no others', () => {
    const stated = tableOf(architecture, 'supervisor', 'restarts').map(
      ([name = '', intensity, periodMs]) =>
        [name, { intensity: Number(intensity), periodMs: Number(periodMs) }] as const,
    );
    expect(Object.fromEntries(stated)).toEqual(BUDGETS);
  });

  it('numbers the invariants S1 to S12 and I1 to I4, each enforced somewhere', () => {
    const rows = [...architecture.matchAll(/^\| ([SI]\d+) \| (.+)$/gm)];
    const wanted = [
      ...Array.from({ length: 12 }, (_, index) => `S${index + 1}`),
      ...Array.from({ length: 4 }, (_, index) => `I${index + 1}`),
    ];
    expect(rows.map(([, id]) => id)).toEqual(wanted);
    expect(rows.filter(([row]) => !/`src\//.test(row)).map(([, id]) => id)).toEqual([]);
  });

  it('names functions that their files have', () => {
    const steps = tableOf(architecture, 'step', 'file', 'function').map(
      ([, file = '', names = '']) => ({
        file: codeSpans(file)[0] ?? '',
        names: codeSpans(names),
      }),
    );
    const prose = [
      ...architecture.matchAll(/`(#?\w+)`(?: and `(#\w+)`)? (?:in|of)\s+`(src\/[^`]+)`/g),
    ];
    const named = [
      ...steps,
      ...prose.map(([, one = '', two, file = '']) => ({
        file,
        names: two === undefined ? [one] : [one, two],
      })),
    ];
    expect(named.length).toBeGreaterThan(10);
    const missing = named.flatMap(({ file, names }) =>
      names.filter((name) => !read(file).includes(name)).map((name) => `${file}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('maps every folder of src, and no other', () => {
    const mapped = tableOf(architecture, 'folder')
      .map(([folder = '']) => codeSpans(folder)[0] ?? '')
      .filter((folder) => folder.startsWith('src/'));
    const holdsFiles = (folder: string): boolean =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).some((entry) =>
        entry.isFile(),
      );
    const top = readdirSync(join(root, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `src/${entry.name}`)
      .filter(holdsFiles);
    expect(top.filter((folder) => !mapped.includes(folder))).toEqual([]);
    expect(mapped.filter((folder) => !existsSync(join(root, folder)))).toEqual([]);
  });
});
