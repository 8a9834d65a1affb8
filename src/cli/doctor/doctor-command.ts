import { resolve } from 'node:path';
import * as Redacted from 'effect/Redacted';
import { ambientClock } from '../../actors/kernel/ambient-clock.ts';
import type { RuntimeStatus } from '../../actors/operator/operator-view.ts';
import type { Config } from '../../config/config.ts';
import { isFault } from '../../domain/faults.ts';
import type { EaMessageOf } from '../../mt5/wire/messages.ts';
import { CliError } from '../cli-error.ts';
import { type CommandIo, EXIT, type ExitCode } from '../command-io.ts';
import { askRuntime, isListening, meantFolder } from '../control-client.ts';
import type { LinkKeys } from '../link-keys.ts';
import { zoneOf } from '../run-plan.ts';
import { directoryChecks } from './directory-checks.ts';
import { type Finding, fail, ok } from './finding.ts';
import { jsonApiChecks, reducedGuarantees } from './json-api-checks.ts';
import { keyChecks } from './key-checks.ts';
import { type Heard, listenForTerminal } from './listen.ts';
import { runtimeChecks } from './runtime-checks.ts';
import { clockChecks, helloChecks, replyChecks, switchChecks } from './terminal-checks.ts';
import { atFault, renderFindings } from './view.ts';

/** `bulwark doctor`: which of EA, network, key, terminal switch or account is at fault. */
export interface DoctorFlags {
  readonly json?: boolean | undefined;
  /** How long the EA is waited for, wall milliseconds. */
  readonly waitMs: number;
}

export const DOCTOR_WAIT = { defaultMs: 15_000, maxMs: 600_000 } as const;

export const runDoctor = async (
  flags: DoctorFlags,
  config: Config,
  io: CommandIo,
): Promise<ExitCode> => {
  if (flags.waitMs > DOCTOR_WAIT.maxMs) {
    throw new CliError('--wait is longer than ten minutes', 'wait shorter, and look again');
  }
  const findings = await diagnose(flags, config);
  const faults = atFault(findings);
  if (flags.json === true) {
    io.out.write(
      `${JSON.stringify({ healthy: faults.length === 0, atFault: faults, findings })}\n`,
    );
  } else {
    io.out.write(renderFindings(findings, 'isTTY' in io.out && io.out.isTTY === true));
  }
  return faults.length === 0 ? EXIT.ok : EXIT.failed;
};

const diagnose = async (flags: DoctorFlags, config: Config): Promise<readonly Finding[]> => {
  const { account, profile, terminal, link, strategies } = config;
  const dataDir = meantFolder(config.dataDir);
  const read = `profile ${profile}, account ${account.login}@${account.server}, ${strategies.length} strategies`;
  const keysFile = link.keysFile === undefined ? undefined : resolve(link.keysFile);
  const { keys, findings } = keyChecks(keysFile, ambientClock.now());
  const local = [ok('configuration', read), ...directoryChecks(dataDir), ...findings];
  const isBridged = link.kind === 'jsonapi';
  const reduced = isBridged ? reducedGuarantees() : [];
  if (isListening(dataDir)) {
    return [...local, ...(await askedRuntime(config, dataDir)), ...reduced];
  }
  if (isBridged) return [...local, ...(await jsonApiChecks(config, flags.waitMs)), ...reduced];
  if (terminal.kind === 'simulated') return [...local, ...(await freePort(config))];
  // Without its keys the port would let in nobody, or everybody.
  if (keysFile !== undefined && keys === null) return local;
  return [...local, ...(await heardTerminal(flags, config, keys))];
};

const askedRuntime = async (config: Config, dataDir: string): Promise<readonly Finding[]> => {
  try {
    const { reply } = await askRuntime(dataDir, { account: 'all', command: { type: 'status' } });
    if (reply.ok) {
      return runtimeChecks(reply.result as RuntimeStatus, config.account.login, dataDir);
    }
    const causes = reply.refusals.map(({ cause }) => cause).join(', ');
    return [fail('runtime', `it refused to say how it stands: ${causes}`, 'look at its log')];
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [fail('runtime', error.message, error.remedy)];
  }
};

/** The gateway's own errors name port, cause and remedy. */
const portTrouble = (error: unknown): Finding => {
  if (!isFault(error)) throw error;
  return fail('network', error.message, 'see which program has it, or change link.host, link.port');
};

const freePort = async ({ link }: Config): Promise<readonly Finding[]> => {
  const simulated = ok('ea', '`bulwark run` starts the simulated terminal itself');
  try {
    await listenForTerminal({ ...link, waitMs: 0, isWelcome: () => false, symbols: [] });
    return [ok('network', `${link.host}:${link.port} is free`), simulated];
  } catch (error) {
    return [portTrouble(error), simulated];
  }
};

const heardTerminal = async (
  { waitMs }: DoctorFlags,
  config: Config,
  keys: LinkKeys | null,
): Promise<readonly Finding[]> => {
  const { account, link, strategies } = config;
  const token = link.token === undefined ? [] : [Redacted.value(link.token)];
  const expected = { account, tokens: [...token, ...(keys?.clients ?? []).map((it) => it.token)] };
  const isWelcome = (hello: EaMessageOf<'hello'>): boolean =>
    helloChecks(hello, expected).every(({ status }) => status !== 'fail');
  const curve =
    keys === null
      ? {}
      : {
          curve: {
            secretKey: keys.server.secretKey,
            clientKeys: keys.clients.map((client) => client.publicKey),
          },
        };
  const traded = [...new Set(strategies.map(({ symbol }) => symbol))];
  let heard: Heard;
  try {
    const { host, port } = link;
    heard = await listenForTerminal({ host, port, ...curve, waitMs, isWelcome, symbols: traded });
  } catch (error) {
    return [portTrouble(error)];
  }
  const bound = ok('network', `${link.host}:${link.port} can be listened on`);
  const { greeting, reply } = heard;
  if (greeting === null) return [bound, silence(heard, waitMs, keys !== null)];
  const { hello, envelope } = greeting;
  const machine = { zone: zoneOf(config.market.serverTz), nowMs: ambientClock.now() };
  return [
    bound,
    ok('network', 'the EA reached this machine and finished its handshake'),
    ...helloChecks(hello, expected),
    ...switchChecks(hello),
    ...clockChecks(hello, envelope, machine),
    ...(isWelcome(hello) ? answers(reply, traded) : []),
  ];
};

const answers = (reply: Heard['reply'], traded: readonly string[]): readonly Finding[] =>
  reply === null
    ? [
        fail(
          'ea',
          'it greeted, and then answered nothing',
          'look at the "Experts" tab of the terminal',
        ),
      ]
    : replyChecks(reply, traded);

/** Why no greeting came, as far as it can be told from this side. */
const silence = (heard: Heard, waitMs: number, hasKeys: boolean): Finding => {
  const seconds = waitMs / 1000;
  if (heard.handshakeFailed !== null) {
    const what = `somebody connected and failed the handshake: ${heard.handshakeFailed}`;
    return fail(
      'key',
      what,
      hasKeys
        ? "compare InpServerKey with `bulwark keys show`, and see that the EA's key is admitted"
        : 'empty the key inputs of the EA, or set link.keysFile',
    );
  }
  if (heard.malformed !== null) {
    const what = `somebody connected who does not speak BWP/1: ${heard.malformed}`;
    return fail('ea', what, 'see that the EA is this release’s, and that no other program dials');
  }
  if (heard.hasAccepted) {
    const what = `somebody connected and said nothing in ${seconds} s`;
    return fail('ea', what, 'look at the line that the EA writes on its chart');
  }
  const what = `nobody connected in ${seconds} s: the EA does not run, may not, or cannot reach us`;
  const next =
    'on its chart: is the EA there, is this address in its InpEndpoints and on the allow list, does a firewall stand between (`mql5/INSTALL.md`)';
  return fail('ea', what, next);
};
