import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processStart } from '../../../src/actors/process-identity.ts';
import { shelveTerminal } from '../../../src/cli/terminal-shelf.ts';
import { loadLog, loginOfLog } from '../../../src/mt5/terminal/broker-log.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const folder = () => {
  const dataDir = temporaryDirectory();
  const at = (name: string): string => join(dataDir, name);
  const begin = (login: string): void => {
    mkdirSync(at('terminal'));
    loadLog(at('terminal'), JSON.stringify({ account: { login } }));
  };
  return { dataDir, at, begin };
};

describe('the built-in terminals of a data directory', () => {
  it('are put aside for another account, and taken up again for their own', () => {
    const { dataDir, at, begin } = folder();
    shelveTerminal(dataDir, '100');
    begin('100');
    shelveTerminal(dataDir, '100');
    expect(loginOfLog(at('terminal'))).toBe('100');
    shelveTerminal(dataDir, '200');
    expect([existsSync(at('terminal')), loginOfLog(at('terminal-100'))]).toEqual([false, '100']);
    begin('200');
    shelveTerminal(dataDir, '100');
    expect([loginOfLog(at('terminal')), loginOfLog(at('terminal-200'))]).toEqual(['100', '200']);
  });

  it('are found again when the process died between the two renames', () => {
    const { dataDir, at, begin } = folder();
    begin('200');
    shelveTerminal(dataDir, '100');
    begin('100');
    renameSync(at('terminal'), at('terminal-100'));
    shelveTerminal(dataDir, '200');
    expect(loginOfLog(at('terminal'))).toBe('200');
    shelveTerminal(dataDir, '200');
    expect(loginOfLog(at('terminal-100'))).toBe('100');
  });

  it('are left alone while the other account runs, or where two hold the same account', () => {
    const { dataDir, at, begin } = folder();
    begin('100');
    const note = { pid: process.pid, start: processStart(process.pid) };
    writeFileSync(at('terminal/process.json'), JSON.stringify(note));
    expect(() => shelveTerminal(dataDir, '200')).toThrow(/terminal of 100 still runs/);
    writeFileSync(at('terminal/process.json'), '{}');
    mkdirSync(at('terminal-100'));
    expect(() => shelveTerminal(dataDir, '200')).toThrow(/both hold the account 100/);
    expect(loginOfLog(at('terminal'))).toBe('100');
  });
});
