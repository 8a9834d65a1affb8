import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openAuditDb } from '../../../src/audit/audit-db.ts';
import { entry, note, stored } from '../../support/entries.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

describe('the audit database', () => {
  const opened = () => {
    const file = join(temporaryDirectory(), 'audit.db');
    const audit = openAuditDb({ file });
    onTestFinished(() => audit.close());
    return { file, audit };
  };

  it('skips what it has seen and refuses a batch after a gap', () => {
    const { audit } = opened();
    const entries = stored(['a', 'b', 'c', 'd'].map((code) => entry(note(code))));
    audit.project(entries.slice(0, 2));
    audit.project(entries.slice(0, 3));
    expect(audit.cursor()).toBe(3);
    expect(() => audit.project(stored([entry(note('x'))], 7))).toThrow(
      expect.objectContaining({ _tag: 'AuditGap', cursor: 3, firstSeq: 7 }),
    );
    expect(audit.cursor()).toBe(3);
  });

  it('names the account in every table of facts', () => {
    const { file } = opened();
    const db = new Database(file, { readonly: true });
    onTestFinished(() => {
      db.close();
    });
    const tables = db
      .prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'projection_cursor'",
      )
      .pluck()
      .all();
    expect(tables).toHaveLength(8);
    for (const table of tables) {
      const columns = db.pragma(`table_info(${table})`) as readonly { readonly name: string }[];
      expect(columns.map((column) => column.name)).toContain('account_id');
    }
  });

  it('refuses damaged, foreign and newer files and says what to do', () => {
    const directory = temporaryDirectory();
    const text = join(directory, 'text.db');
    writeFileSync(text, 'not a database, but long enough to have a header '.repeat(40));
    expect(() => openAuditDb({ file: text })).toThrow('bulwark audit rebuild');
    const foreign = join(directory, 'foreign.db');
    new Database(foreign).exec('CREATE TABLE other (a)').close();
    expect(() => openAuditDb({ file: foreign })).toThrow('not an audit database');
    const { file, audit } = opened();
    audit.close();
    const db = new Database(file);
    db.pragma('user_version = 99');
    db.close();
    expect(() => openAuditDb({ file })).toThrow('A newer Bulwark wrote it');
  });
});
