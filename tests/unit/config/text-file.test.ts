import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import { readNewsFile } from '../../../src/config/news-file.ts';
import { readTextFile } from '../../../src/config/text-file.ts';
import { builtinRuleSetDocument } from '../../../src/risk/builtin-rule-sets.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

/** As editors and shells write it; PowerShell redirects into UTF-16 with a mark. */
const ENCODINGS: Readonly<Record<string, (text: string) => Buffer>> = {
  'UTF-8': (text) => Buffer.from(text, 'utf8'),
  'UTF-8 with a mark': (text) => Buffer.from(`\ufeff${text}`, 'utf8'),
  'UTF-16 with a mark': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'UTF-16 of the other order': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  'UTF-16 without a mark': (text) => Buffer.from(text, 'utf16le'),
};

describe.each(Object.entries(ENCODINGS))('a file in %s', (_, encode) => {
  const fileWith = (name: string, content: string): string => {
    const file = join(temporaryDirectory(), name);
    writeFileSync(file, encode(content));
    return file;
  };

  it('is read as its text', () => {
    expect(readTextFile(fileWith('a.txt', '{ "año": 1 }\n'))).toBe('{ "año": 1 }\n');
  });

  it('may be the rule set and the calendar of a configuration', async () => {
    const set = fileWith('mine.json', JSON.stringify(builtinRuleSetDocument('e8-one')));
    const cwd = temporaryDirectory();
    const config = JSON.stringify({ rules: { set, phase: 'challenge' } });
    writeFileSync(join(cwd, 'bulwark.config.json'), encode(config));
    const loaded = await loadConfig({ env: {}, cwd });
    expect(loaded.config.rules.ruleSet.id).toBe('e8-one');
    const day = '2024-01-02T06:00:00Z';
    const news = { updatedAt: day, from: day, until: day, releases: [] };
    expect(readNewsFile(fileWith('news.json', JSON.stringify(news)))).toMatchObject({ ok: true });
  });
});
