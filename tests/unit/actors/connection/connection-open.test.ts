import { describe, expect, it, onTestFinished } from 'vitest';
import { oneAtATime } from '../../../../src/actors/connection/connection-open.ts';
import { ambientClock, ambientDefer } from '../../../../src/actors/kernel/ambient-clock.ts';
import { type Gateway, type GatewayOptions, openGateway } from '../../../../src/mt5/gateway.ts';

const options = (port: number): GatewayOptions => ({
  ...{ host: '127.0.0.1', port, clock: ambientClock, defer: ambientDefer },
  ...{ onFault: () => undefined, onFrame: () => undefined, onMalformed: () => undefined },
});
const open = oneAtATime(openGateway);
const opened = async (port: number): Promise<Gateway> => {
  const gateway = await open(options(port));
  onTestFinished(() => gateway.close());
  return gateway;
};

describe('the port of an account', () => {
  it('is taken over from a life that was killed and closed nothing', async () => {
    const first = await opened(0);
    const second = await opened(first.port);
    expect(second.port).toBe(first.port);
  });

  it('is taken over although that life was still opening it', async () => {
    const { port } = await opened(0);
    const gateways = await Promise.all([opened(port), opened(port)]);
    expect(gateways.map((gateway) => gateway.port)).toEqual([port, port]);
  });

  it('is free for the next life when opening it failed once', async () => {
    const foreign = await openGateway(options(0));
    await expect(opened(foreign.port)).rejects.toMatchObject({ _tag: 'GatewayPortInUse' });
    await foreign.close();
    expect((await opened(foreign.port)).port).toBe(foreign.port);
  });
});
