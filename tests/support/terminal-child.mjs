/** Runs a simulated terminal with the options in argv[2] (JSON) until it ends or is killed. */
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
  ambientStopwatch,
} from '../../dist/actors/kernel/ambient-clock.js';
import { onSignals, runTerminal } from '../../dist/mt5/terminal/terminal-process.js';

const options = JSON.parse(process.argv[2]);
const account = { ...options.account, balanceMinor: BigInt(options.account.balanceMinor) };
try {
  process.exitCode = await runTerminal(
    { ...options, account },
    {
      clock: ambientClock,
      stopwatch: ambientStopwatch,
      defer: ambientDefer,
      random: ambientRandom.next,
      log: (line) => process.stderr.write(`${line}\n`),
      onStopRequested: onSignals,
    },
  );
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
