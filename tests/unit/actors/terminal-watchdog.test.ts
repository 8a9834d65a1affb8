import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
} from '../../../src/actors/kernel/ambient-clock.ts';
import { createSystem } from '../../../src/actors/kernel/system.ts';
import { isAlive, processStart } from '../../../src/actors/process-identity.ts';
import {
  noRestarts,
  stopLeftover,
  terminalWatchdog,
  type WatchdogEvent,
  type WatchdogMessage,
} from '../../../src/actors/terminal-watchdog.ts';
import { anyBehaviour } from '../../../src/actors/tree.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const isLinux = process.platform === 'linux';
if (!isLinux) console.warn('SKIPPED: processes are found by their environment on Linux only');

/** A process that lives until it is told to end, and says which signal told it. */
const LIVING = `
process.on('SIGTERM', () => { console.log('asked to end'); process.exit(0); });
console.log('up');
setInterval(() => undefined, 1000);
`;
const STUBBORN = `process.on('SIGTERM', () => undefined); console.log('up'); setInterval(() => undefined, 1000);`;

interface Options {
  readonly dataDir?: string;
  readonly script?: string;
  readonly intensity?: number;
  readonly readyMs?: number;
  readonly readyText?: string;
  readonly frozenMs?: number;
  /** The runtime itself is being stopped. */
  readonly mayStop?: boolean;
}

const start = async ({
  dataDir = temporaryDirectory(),
  script = LIVING,
  intensity = 3,
  readyMs = 600_000,
  readyText,
  frozenMs = 600_000,
  mayStop = true,
}: Options = {}) => {
  const events: WatchdogEvent[] = [];
  const spent = noRestarts();
  const pids = new Set<number>();
  const system = createSystem({
    name: 'watchdog',
    clock: ambientClock,
    defer: ambientDefer,
    random: ambientRandom.next,
    root: {
      intensity: 5,
      children: [
        {
          type: 'worker',
          id: 'terminal-watchdog',
          shutdown: 10_000,
          start: () =>
            anyBehaviour(
              terminalWatchdog({
                command: process.execPath,
                args: ['-e', script],
                environment: process.env,
                dataDir,
                wall: ambientClock,
                restart: { intensity, periodMs: 60_000, backoffInitialMs: 1, backoffMaxMs: 4 },
                spent,
                readyMs,
                readyText: readyText ?? null,
                frozenMs,
                stopMs: 200,
                mayStop: () => mayStop,
                onEvent: (event) => {
                  events.push(event);
                  const pid = /pid (\d+)/.exec(event.detail)?.[1];
                  if (pid !== undefined) pids.add(Number(pid));
                },
              }),
            ),
        },
      ],
    },
  });
  const crashes: string[] = [];
  system.subscribe((event) => {
    if (event.type !== 'actor.crashed' || event.report.reason.type !== 'crash') return;
    crashes.push(event.report.reason.message);
  });
  onTestFinished(async () => {
    await system.shutdown();
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  await system.start();
  const summary = () =>
    system.info('terminal-watchdog')?.summary as
      | { pid: number | null; restarts: number; silentMs: number }
      | undefined;
  const waitFor = (what: string, look: () => boolean): Promise<void> =>
    vi.waitFor(
      () => {
        if (!look()) throw new Error(`still waiting for ${what}`);
      },
      { timeout: 30_000, interval: 5 },
    );
  const log = (): string => readFileSync(join(dataDir, 'process.log'), 'utf8');
  await waitFor('the process to be up', () => log().includes('up'));
  return {
    system,
    dataDir,
    events,
    crashes,
    summary,
    waitFor,
    log,
    pid: () => summary()?.pid ?? -1,
  };
};
const codes = (events: readonly { readonly code: string }[]) => events.map(({ code }) => code);

describe('the terminal watchdog', () => {
  it('starts the process, and asks it to end with the runtime', async () => {
    const { system, pid, log, events, dataDir } = await start();
    const first = pid();
    expect(isAlive(first)).toBe(true);
    await system.shutdown();
    expect([isAlive(first), log().includes('asked to end')]).toEqual([false, true]);
    expect(codes(events)).toEqual(['terminal.started']);
    expect(() => readFileSync(join(dataDir, 'process.json'))).toThrow();
  });

  it('failure 10: ends and restarts a process that is frozen, by its missing heartbeat', async () => {
    const { system, pid, summary, events, waitFor } = await start({ frozenMs: 3_000 });
    const first = pid();
    const beat = { type: 'heart.beat', mayBeSilentMs: 0 } as const;
    const beating = setInterval(
      () => system.ref<WatchdogMessage>('terminal-watchdog').send(beat),
      50,
    );
    onTestFinished(() => clearInterval(beating));
    await waitFor('silence to be counted and forgiven', () => (summary()?.silentMs ?? 0) > 0);
    process.kill(first, 'SIGSTOP');
    clearInterval(beating);
    await waitFor('another process', () => pid() > 0 && pid() !== first);
    expect(codes(events)).toEqual([
      'terminal.started',
      'terminal.frozen',
      'terminal.exited',
      'terminal.started',
    ]);
    expect(isAlive(first)).toBe(false);
  });

  it('forgives the silence that a terminal announced', async () => {
    const { system, summary, events, waitFor } = await start({ frozenMs: 1 });
    const beat = { type: 'heart.beat', mayBeSilentMs: 600_000 } as const;
    system.ref<WatchdogMessage>('terminal-watchdog').send(beat);
    await waitFor('a second of silence', () => (summary()?.silentMs ?? 0) >= 1_000);
    expect(codes(events)).toEqual(['terminal.started']);
  });

  it('takes a process that never gets ready for a frozen one', async () => {
    const { events, waitFor } = await start({ readyMs: 400 });
    await waitFor('it to be ended', () => codes(events).includes('terminal.frozen'));
    await waitFor('another start', () => codes(events).at(-1) === 'terminal.started');
  });

  it('takes its word for it that it is ready, and hears silence from then on', async () => {
    const { events, waitFor } = await start({ readyText: 'up', frozenMs: 1 });
    await waitFor('its next life', () => codes(events).length >= 5);
    expect(codes(events).slice(0, 5)).toEqual([
      'terminal.started',
      'terminal.ready',
      'terminal.frozen',
      'terminal.exited',
      'terminal.started',
    ]);
  });

  it('kills a process that does not end when it is asked', async () => {
    const { system, pid } = await start({ script: STUBBORN });
    const first = pid();
    await system.shutdown();
    expect(isAlive(first)).toBe(false);
  });

  it('leaves the process alone when only its account goes down: it is the last guard', async () => {
    const { system, pid, dataDir } = await start({ mayStop: false });
    const first = pid();
    await system.shutdown();
    expect(isAlive(first)).toBe(true);
    await stopLeftover({ dataDir, wall: ambientClock, stopMs: 200 });
    expect(isAlive(first)).toBe(false);
  });

  it('leaves the process alone when it crashes itself, and adopts it again', async () => {
    const { system, pid, events, waitFor } = await start();
    const first = pid();
    system.kill('terminal-watchdog');
    await waitFor(
      'its next life',
      () => system.info('terminal-watchdog')?.incarnation === 2 && pid() > 0,
    );
    expect([pid(), isAlive(first)]).toEqual([first, true]);
    expect(codes(events)).toEqual(['terminal.started', 'terminal.adopted']);
  });

  it.skipIf(!isLinux)(
    'finds the process without the note that a full disk or a kill kept from being written',
    async () => {
      const dataDir = temporaryDirectory();
      // No file can be written where a folder is.
      mkdirSync(join(dataDir, 'process.json'));
      const { system, pid, events, waitFor } = await start({ dataDir });
      const first = pid();
      expect(codes(events)).toEqual(['terminal.started', 'terminal.unnoted']);
      system.kill('terminal-watchdog');
      await waitFor(
        'its next life',
        () => system.info('terminal-watchdog')?.incarnation === 2 && pid() > 0,
      );
      expect([pid(), isAlive(first)]).toEqual([first, true]);
      expect(codes(events).at(-1)).toBe('terminal.adopted');
    },
  );

  it('restarts a process that was killed, an adopted one too', async () => {
    const { system, pid, summary, events, waitFor } = await start();
    const first = pid();
    process.kill(first, 'SIGKILL');
    await waitFor('the second process', () => pid() > 0 && pid() !== first);
    const second = pid();
    system.kill('terminal-watchdog');
    await waitFor(
      'its next life',
      () => codes(events).includes('terminal.adopted') && pid() === second,
    );
    process.kill(second, 'SIGKILL');
    await waitFor('the third process', () => pid() > 0 && pid() !== second);
    expect(summary()?.restarts).toBe(1);
    const ended = events.filter(({ code }) => code === 'terminal.exited');
    expect(ended.map(({ detail }) => detail.split(' ended')[0])).toEqual([
      `pid ${first}`,
      `pid ${second}`,
    ]);
  });

  it('gives up a process that ends again and again, and says what its last words were', async () => {
    const { crashes, waitFor } = await start({
      script: `console.log('up, and down'); process.exit(3)`,
      intensity: 2,
    });
    await waitFor('the end of its patience', () => crashes.length > 0);
    expect(crashes[0]).toContain('ended 3 time');
    expect(crashes[0]).toContain('exit code 3');
    expect(crashes[0]?.endsWith('Its last words: up, and down')).toBe(true);
  });

  it('has no new patience in its next life, and tells once that it is over', async () => {
    const { system, events, crashes } = await start({
      script: `console.log('up'); process.exit(3)`,
      intensity: 2,
    });
    await system.ended;
    const [supervised, patience] = [6, 2];
    expect(crashes).toHaveLength(supervised);
    const started = codes(events).filter((code) => code === 'terminal.started');
    expect(started).toHaveLength(patience + supervised);
    const told = events.filter(({ severity }) => severity === 'error');
    expect(told.map(({ code, detail }) => [code, detail])).toEqual([
      ['terminal.givenUp', crashes[0]],
    ]);
  });

  it('gives up at once a process that refuses what it was told to do', async () => {
    const script = `console.log('up'); process.exit(2)`;
    const { crashes, waitFor } = await start({ script });
    await waitFor('the end of its patience', () => crashes.length > 0);
    expect(crashes[0]).toContain('ended 1 time');
  });

  it.each([
    ['another process has its pid now', { pid: process.pid, start: 'long ago' }],
    ['it is gone', { pid: 2 ** 22 + 1, start: '1' }],
    ['the note is half written', undefined],
  ])('adopts nobody by an old note: %s', async (_, note) => {
    const dataDir = temporaryDirectory();
    writeFileSync(
      join(dataDir, 'process.json'),
      note === undefined ? '{"pid": 1' : JSON.stringify(note),
    );
    const { events, pid } = await start({ dataDir });
    expect(codes(events)).toEqual(['terminal.started']);
    const written = JSON.parse(readFileSync(join(dataDir, 'process.json'), 'utf8'));
    expect(written).toEqual({ pid: pid(), start: processStart(pid()) });
  });
});
