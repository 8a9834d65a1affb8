import { parseArgs } from 'node:util';
import { ACTIONS, type ChaosReport, runChaos } from './campaign.ts';

const HELP = `Kills, stops and cuts off real processes at random moments, and compares what is left.

  npm run chaos -- --kills 200 --seed 1

  --kills N   kills to do in all; a run has about a dozen; default 12
  --seed S    seed of moments, actions and markets; default 1. The machine's own timing is not under it.
  --run N     only the N-th run of that seed, to see again what it found
  --json      one line of JSON on stdout at the end
  --help

Each run replays a market through the runtime and the simulated terminal, two processes with a TCP
proxy between them. It does: ${ACTIONS.join(', ')}.
Afterwards the terminal's ledger and the audit database have to agree, no intent may be executed twice
or be lost, no position may have been without a stop, and the account above its floors. What a run
with disagreements left is kept, and its folder named.

Exit code: 0 only with zero disagreements, 1 otherwise, 2 for a mistake in the command line.
`;

class UsageError extends Error {}

const wholeNumber = (flag: string, text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new UsageError(`${flag}: ${text} is not a whole number from 1 on`);
};

const lastLine = ({ runs, kills, actions, disagreements, neverFull }: ChaosReport): string => {
  const done = [...actions].sort().map(([action, count]) => `${count} ${action}`);
  const disk = neverFull ? '; no disk was ever full, because none may be mounted here' : '';
  return `${kills} kills in ${runs} runs (${done.join(', ')}): ${disagreements.length} disagreements${disk}`;
};

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '12' },
      seed: { type: 'string', default: '1' },
      run: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupted = true;
    });
  }
  const kills = wholeNumber('--kills', values.kills);
  const seed = wholeNumber('--seed', values.seed);
  const only = values.run === undefined ? {} : { only: wholeNumber('--run', values.run) };
  const report = await runChaos({ kills, seed, ...only, say, isOver: () => interrupted });
  if (values.json) {
    const actions = Object.fromEntries(report.actions);
    process.stdout.write(`${JSON.stringify({ ...report, actions })}\n`);
  }
  say(lastLine(report));
  return report.disagreements.length === 0 ? 0 : 1;
};

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError || error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
