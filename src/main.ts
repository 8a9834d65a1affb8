#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildProgram, explainFailure } from './cli/commands.ts';

/** The composition root: it gives the commands the process, and nothing else. */

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
};

const packageVersion = (): string => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
};

/** The first signal asks for an orderly end; a second one does not wait for it. */
const onStopRequested = (stop: (signal: string) => void): (() => void) => {
  let asked = false;
  const listen = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(130);
    asked = true;
    stop(signal);
  };
  process.on('SIGINT', listen);
  process.on('SIGTERM', listen);
  process.on('SIGHUP', listen);
  return () => undefined;
};

/** The signal of a kill. SIGUSR1 belongs to Node's inspector, and Windows has neither. */
const onKillRequested = (kill: (signal: string) => void): (() => void) => {
  process.on('SIGUSR2', kill);
  return () => {
    process.off('SIGUSR2', kill);
  };
};

// Whoever reads the console may go away (a pipe, a closed window): that must not end trading.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const program = buildProgram(
  {
    io: { out: process.stdout, err: process.stderr },
    onStopRequested,
    onKillRequested,
    argv: process.argv.slice(2),
    program: { command: process.execPath, args: [fileURLToPath(import.meta.url)] },
    cpuSeconds,
    version: packageVersion(),
  },
  (code) => {
    process.exitCode = code;
  },
);

try {
  await program.parseAsync();
} catch (error) {
  const { text, code } = explainFailure(error);
  if (text !== '') process.stderr.write(`${text}\n`);
  process.exitCode = code;
}
