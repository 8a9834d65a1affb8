import {
  ambientClock,
  ambientDefer,
  ambientRandom,
  ambientStopwatch,
} from '../actors/kernel/ambient-clock.ts';
import { onSignals, type TerminalPorts } from '../mt5/terminal/terminal-process.ts';
import type { CommandIo } from './command-io.ts';

/** The machine, for a terminal or a bridge that is a process of its own; it tells on stderr. */
export const terminalPorts = (io: CommandIo): TerminalPorts => ({
  clock: ambientClock,
  stopwatch: ambientStopwatch,
  defer: ambientDefer,
  random: ambientRandom.next,
  log: (line) => {
    io.err.write(`${line}\n`);
  },
  onStopRequested: onSignals,
});
