import { describe, expect, it } from 'vitest';
import { directoryChecks } from '../../../src/cli/doctor/directory-checks.ts';
import { canMount, smallDisk } from '../../support/small-disk.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

if (!canMount) console.warn('SKIPPED: small file systems need the right to mount them');

const room = (dataDir: string) =>
  directoryChecks(dataDir).find(({ what }) => what.includes('MiB are free there'));

describe('the room for a journal', () => {
  it.runIf(canMount)('is blamed where it can hardly grow, and warned of where it is little', () => {
    expect(room(smallDisk(1_024))).toMatchObject({
      status: 'fail',
      what: expect.stringMatching(/^[01] MiB are free there: nothing opens/),
      next: 'make room',
    });
    expect(room(smallDisk(600 * 1_024))).toMatchObject({ status: 'warn', next: 'make room soon' });
  });

  it('is told as it is', () => {
    expect(room(temporaryDirectory())?.what).toMatch(/^\d+ MiB are free there/);
  });
});
