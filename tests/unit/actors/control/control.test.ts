import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  controlFile,
  killFile,
  prepareEndpoint,
  readPlace,
} from '../../../../src/actors/control/control-endpoint.ts';
import { CONTROL_LIMITS } from '../../../../src/actors/control/control-limits.ts';
import { askRuntime } from '../../../../src/cli/control-client.ts';
import { LOGIN } from '../../../support/runtime-spec.ts';
import { RuntimeWorld } from '../../../support/runtime-world.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const CONTROL = { control: { successor: null } };
const endpointOf = (world: RuntimeWorld): string => readPlace(world.dataDir)?.endpoint ?? '';
const ALL = { account: 'all', by: 'eva' } as const;

/** What the socket says to these bytes until it closes the connection. */
const sayRaw = (endpoint: string, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(endpoint, () => socket.write(bytes));
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });

describe('the control socket', () => {
  it('carries out orders and answers them, for its owner alone', async () => {
    const world = await RuntimeWorld.start(CONTROL);
    const mode = statSync(endpointOf(world)).mode & 0o777;
    expect([mode, statSync(controlFile(world.dataDir)).mode & 0o777]).toEqual([0o600, 0o600]);
    const command = { type: 'halt', reason: 'by socket' } as const;
    expect((await askRuntime(world.dataDir, { ...ALL, command })).reply).toMatchObject({
      ok: true,
      done: [{ account: LOGIN }],
    });
    expect(world.guard.holds).toEqual(['operator: by socket']);
    const { reply } = await askRuntime(world.dataDir, { ...ALL, command: { type: 'status' } });
    expect(reply).toMatchObject({ ok: true, result: { accounts: [{ mode: { name: 'halted' } }] } });
    await world.stop();
    expect(existsSync(controlFile(world.dataDir))).toBe(false);
    await expect(askRuntime(world.dataDir, { ...ALL, command })).rejects.toThrow(/no runtime runs/);
  });

  it('answers what it cannot read with a cause, and goes on for everybody else', async () => {
    const world = await RuntimeWorld.start(CONTROL);
    const endpoint = endpointOf(world);
    expect(await sayRaw(endpoint, 'hello\n')).toContain('the line is no JSON');
    const long = 'x'.repeat(CONTROL_LIMITS.requestBytes + 1);
    expect(await sayRaw(endpoint, long)).toContain('a line is longer');
    const { reply } = await askRuntime(world.dataDir, { ...ALL, command: { type: 'status' } });
    expect(reply.ok).toBe(true);
  });

  it('is started again with its thread', async () => {
    const world = await RuntimeWorld.start(CONTROL);
    const path = 'observers.control.host';
    world.runtime.system.ref(path).send({
      type: 'thread.died',
      incarnation: 1,
      detail: 'the test says so',
    } as never);
    await world.until('another life', () => world.incarnation(path) === 2 && world.isRunning(path));
    const { reply } = await askRuntime(world.dataDir, { ...ALL, command: { type: 'status' } });
    expect(reply.ok).toBe(true);
  });

  it('kills by a file, also one that lies there at the start, and rearms only without it', async () => {
    const world = await RuntimeWorld.start(CONTROL);
    await world.play('an open position', () => world.guard.positions.length > 0);
    writeFileSync(killFile(world.dataDir), 'smoke in the office\n');
    await world.until('the lock', () => world.guard.mode === 'locked');
    expect(world.guard.reason).toBe('operator: the KILL file: smoke in the office');
    await world.play('the terminal to be flat', () => world.guard.flatten.state === 'flat');
    await world.stop();

    rmSync(`${world.dataDir}/journal.db`);
    const again = await RuntimeWorld.start({ ...CONTROL, dataDir: world.dataDir });
    await again.until('the lock', () => again.guard.mode === 'locked');
    const rearm = { type: 'rearm', typed: LOGIN, reason: 'aired' } as const;
    const ask = () => askRuntime(again.dataDir, { account: LOGIN, by: 'eva', command: rearm });
    expect((await ask()).reply).toMatchObject({ ok: false, refusals: [{ code: 'KILL_FILE' }] });
    rmSync(killFile(again.dataDir));
    await again.until('it to be flat', () => again.guard.flatten.state === 'flat');
    await again.until('the gate', () => again.guard.gateOpen);
    expect((await ask()).reply).toMatchObject({ ok: true });
  });
});

describe('where the control socket is', () => {
  it('is in the temporary folder when the data directory has too long a name', () => {
    const deep = temporaryDirectory();
    expect(prepareEndpoint(deep).startsWith(deep)).toBe(true);
    const long = `${deep}/${'d'.repeat(120)}`;
    mkdirSync(long);
    const endpoint = prepareEndpoint(long);
    expect(Buffer.byteLength(endpoint)).toBeLessThanOrEqual(CONTROL_LIMITS.socketPathBytes);
    expect(statSync(dirname(endpoint)).mode & 0o777).toBe(0o700);
    rmSync(dirname(endpoint), { recursive: true });
  });

  it('is a named pipe on Windows, the same for everybody who means the folder', () => {
    const folder = temporaryDirectory();
    const pipe = prepareEndpoint(folder, 'win32');
    expect(pipe).toMatch(/^\\\\\.\\pipe\\bulwark-[0-9a-f]{16}$/);
    expect(prepareEndpoint(`${folder}/.`, 'win32')).toBe(pipe);
  });
});
