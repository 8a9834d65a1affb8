import { closeSync, mkdirSync, openSync, rmSync, symlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeBackup } from '../../../../src/journal/backup.ts';
import { restoreBackup } from '../../../../src/journal/restore.ts';
import { RuntimeWorld } from '../../../support/runtime-world.ts';
import { canMount, smallDisk } from '../../../support/small-disk.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';
import { deals, ledgerFile, ledgerLines } from '../../../support/terminal-ledger.ts';

const someTrades = (world: RuntimeWorld, count: number): Promise<void> =>
  world.play(`${count} deals`, () => world.entries('deal.booked').length >= count);
const anOpenPosition = (world: RuntimeWorld): Promise<void> =>
  world.play('an open position', () => world.guard.positions.length > 0);

describe('recovery with a real terminal', () => {
  it('terminal restart: finds its position again, and goes on', async () => {
    const world = await RuntimeWorld.start();
    await anOpenPosition(world);
    const [open] = world.guard.positions;
    await world.restartTerminal();
    await world.runtime.system.quiescent();
    expect(world.guard.positions).toEqual([open]);
    expect(world.entries('recovery.completed').at(-1)?.actions).toEqual([]);
    await world.playOut();
    await world.expectAgreement();
  });

  it('journal restored from an old backup: books what is newer, and repeats no order', async () => {
    const world = await RuntimeWorld.start();
    await someTrades(world, 3);
    const backup = join(temporaryDirectory(), 'backup');
    await takeBackup({ dataDir: world.dataDir, target: backup, takenAtMs: 0 });
    await world.play('more deals', () => world.entries('deal.booked').length >= 7);
    await anOpenPosition(world);
    const { balance } = world.guard;
    await world.stop();
    for (const name of ['journal.db', 'audit.db']) {
      for (const suffix of ['', '-wal', '-shm']) {
        rmSync(join(world.dataDir, `${name}${suffix}`), { force: true });
      }
    }
    await restoreBackup({ from: backup, dataDir: world.dataDir, stamp: 'x' });
    const second = await RuntimeWorld.start({ dataDir: world.dataDir });
    expect(second.guard).toMatchObject({ balance, positions: [{}] });
    await second.runtime.system.quiescent();
    const actions = second.entries('recovery.completed').at(-1)?.actions ?? [];
    expect(actions.filter((action) => action.startsWith('booked deal')).length).toBeGreaterThan(3);
    expect(second.guard.holds).toEqual([]);
    await second.playOut();
    await second.stop();
    const opened = deals(ledgerLines(ledgerFile(world.dataDir))).filter(
      (deal) => deal['entry'] === 'in',
    );
    const magics = opened.map((deal) => deal['magic']);
    expect(new Set(magics).size).toBe(magics.length);
    expect(second.entries('deal.booked').length).toBe(opened.length * 2 + 1);
  });
});

/** Writes until the file system has no page left. */
const fill = (file: string): void => {
  const handle = openSync(file, 'w');
  try {
    for (const size of [65_536, 4_096, 64, 1]) {
      try {
        for (;;) writeSync(handle, Buffer.alloc(size));
      } catch {
        // Full for this size; smaller ones may still fit.
      }
    }
  } finally {
    closeSync(handle);
  }
};

if (!canMount) console.warn('skipped: no small file system can be mounted by this process');

interface FullDisk {
  readonly world: RuntimeWorld;
  /** Intents that were written down before the disk was full. */
  readonly planned: number;
  readonly makeRoom: () => void;
}

/** A world whose journal's disk is full while a position is open. */
const openOnFullDisk = async (): Promise<FullDisk> => {
  const disk = smallDisk(16_384);
  const dataDir = join(disk, 'data');
  mkdirSync(dataDir);
  symlinkSync(temporaryDirectory(), join(dataDir, 'terminal'));
  const world = await RuntimeWorld.start({ dataDir });
  await anOpenPosition(world);
  const ballast = join(disk, 'ballast');
  fill(ballast);
  const planned = world.entries('intent.planned').length;
  return { world, planned, makeRoom: () => rmSync(ballast) };
};

/** The same, and its close has left unrecorded. */
const closedUnrecorded = async (): Promise<FullDisk> => {
  const { world, planned, makeRoom } = await openOnFullDisk();
  const opening = world.signal();
  world.tell('risk-guard', opening);
  await world.until('the hold', () => world.guard.holds.includes('journal'));
  world.tell('risk-guard', {
    ...opening,
    barAt: opening.barAt + 1,
    signal: { type: 'close', leg: 7, reason: 'by hand' },
  } as never);
  await world.play('the account to be flat', () => world.guard.positions.length === 0);
  expect(world.entries('intent.planned').length, 'nothing was written').toBe(planned);
  expect(world.codes()).toContain('journal.bypassed');
  return { world, planned, makeRoom };
};

const expectWritten = async (world: RuntimeWorld, planned: number): Promise<void> => {
  await world.until('the journal to be back', () => world.guard.mode === 'active');
  await world.runtime.system.quiescent();
  const written = world.entries('intent.planned').slice(planned);
  expect(written.map(({ intent }) => intent.type)).toEqual(['close']);
  await world.playOut();
  await world.expectAgreement();
};

describe.runIf(canMount)('a disk that is full while a position is open', () => {
  it('opens nothing, closes all the same, and writes the close down when there is room', async () => {
    const { world, planned, makeRoom } = await closedUnrecorded();
    makeRoom();
    await expectWritten(world, planned);
  });

  it('writes the close down from the terminal, when the executor died before there was room', async () => {
    const { world, planned, makeRoom } = await closedUnrecorded();
    await world.crash('executor');
    await world.until('the executor to live again', () => world.isRunning(world.path('executor')));
    makeRoom();
    await expectWritten(world, planned);
  });

  it('finds its position again and closes it when the whole desk restarts on a full disk', async () => {
    const { world, planned, makeRoom } = await openOnFullDisk();
    await world.crash('connection');
    await world.until(
      'the position to be known again',
      () => world.codes().includes('link.epochUnrecorded') && world.guard.positions.length > 0,
    );
    world.tell('risk-guard', { type: 'operator.kill', reason: 'enough' });
    // The market may stand still from the close on: the proof that all is flat cannot be written down.
    world.terminal.play(() => world.guard.positions.length > 0);
    await world.until('the account to be flat', () => world.guard.positions.length === 0);
    expect(world.entries('intent.planned').length, 'nothing was written').toBe(planned);
    makeRoom();
    await world.until('the journal to be back', () => !world.guard.holds.includes('journal'));
    await world.playOut();
    await world.expectAgreement();
  });

  it('keeps what a reconciliation could not write down, and crashes nobody', async () => {
    const { world, planned, makeRoom } = await closedUnrecorded();
    const names = ['connection', 'risk-guard', 'executor', 'recovery'] as const;
    const lives = names.map((name) => world.incarnation(world.path(name)));
    world.tell('connection', { type: 'reconciliation.wanted' });
    await world.until('the reconciliation to fail', () =>
      world.codes().includes('recovery.notDurable'),
    );
    expect(names.map((name) => world.incarnation(world.path(name)))).toEqual(lives);
    makeRoom();
    await expectWritten(world, planned);
    expect(names.map((name) => world.incarnation(world.path(name)))).toEqual(lives);
  });
});
