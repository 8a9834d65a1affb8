import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newsFileCalendar, readNewsFile } from '../../../src/config/news-file.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const document = {
  updatedAt: '2024-01-02T06:00:00Z',
  from: '2024-01-01T00:00:00Z',
  until: '2024-01-14T00:00:00Z',
  releases: [
    { at: '2024-01-05T13:30:00Z', currency: 'USD', impact: 'high', title: 'Nonfarm Payrolls' },
  ],
};
const fileWith = (content: unknown): string => {
  const file = join(temporaryDirectory(), 'news.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};

describe('a calendar of releases in a file', () => {
  it('is read with its instants in UTC', () => {
    const read = readNewsFile(fileWith(document));
    expect(read).toMatchObject({
      ok: true,
      calendar: {
        updatedAt: Date.parse('2024-01-02T06:00:00Z'),
        releases: [{ at: Date.parse('2024-01-05T13:30:00Z'), currency: 'USD' }],
      },
    });
  });

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['an instant without a zone', { ...document, updatedAt: '2024-01-02T06:00:00' }],
    ['an unknown impact', { ...document, releases: [{ ...document.releases[0], impact: 'huge' }] }],
  ])('is refused with %s', (_, content) => {
    const read = readNewsFile(fileWith(content));
    expect(read).toMatchObject({ ok: false, reason: expect.stringMatching(/is no calendar: ./) });
  });

  it('is read again when it changes, and is none while it is broken or gone', () => {
    const file = fileWith(document);
    const calendar = newsFileCalendar(file);
    expect(calendar()?.releases).toHaveLength(1);
    expect(calendar()).toBe(calendar());
    writeFileSync(file, JSON.stringify({ ...document, releases: [] }));
    utimesSync(file, 1_700_000_000, 1_700_000_000);
    expect(calendar()?.releases).toEqual([]);
    writeFileSync(file, 'broken');
    expect(calendar()).toBeNull();
    rmSync(file);
    expect(calendar()).toBeNull();
    expect(newsFileCalendar(undefined)()).toBeNull();
  });
});
