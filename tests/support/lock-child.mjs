/** Holds the instance lock of the directory in argv[2] until it is killed. */
import { acquireInstanceLock } from '../../dist/journal/instance-lock.js';

acquireInstanceLock(process.argv[2]);
process.stdout.write('locked\n');
setInterval(() => undefined, 60_000);
