import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { directoryChecks } from '../../../src/cli/doctor/directory-checks.ts';
import { canMount, smallDisk } from '../../support/small-disk.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

if (!canMount) console.warn('SKIPPED: a small disk can be mounted by root on Linux only');
const MIB = 1_024;

describe('the doctor looks at the data directory', () => {
  it.skipIf(!canMount).each([
    ['warns of', 512, 'warn', '512 MiB are free there', 'make room soon'],
    ['blames', 32, 'fail', '32 MiB are free there: nothing opens', 'make room'],
  ])('%s a disk with %d MiB left, whether the folder exists or not', (...row) => {
    const [, mib, status, what, next] = row;
    const disk = smallDisk(mib * MIB);
    for (const dataDir of [disk, join(disk, 'not', 'yet')]) {
      const found = directoryChecks(dataDir).find((it) => it.what.includes('MiB are free'));
      expect(found).toMatchObject({ area: 'directory', status, next });
      expect(found?.what).toContain(what);
    }
  });

  it('finds nothing wrong with a folder of its own, and warns of one that others can write', () => {
    const dataDir = temporaryDirectory();
    chmodSync(dataDir, 0o700);
    const wrong = () => directoryChecks(dataDir).filter(({ status }) => status !== 'ok');
    expect(wrong()).toEqual([]);
    chmodSync(dataDir, 0o777);
    expect(wrong()).toMatchObject([{ status: 'warn', next: `chmod 700 ${dataDir}` }]);
  });
});
