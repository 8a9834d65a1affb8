import { onTestFinished } from 'vitest';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { RuntimePeer } from './runtime-peer.ts';
import type { EaUnderTest, EaWorld, Setting } from './world.ts';
import { QUIET, Truth } from './world.ts';

export interface Bench {
  readonly peer: RuntimePeer;
  readonly ea: EaUnderTest;
  readonly truth: Truth;
  readonly directory: string;
}
export interface BenchOptions extends Partial<Setting> {
  readonly restarts?: boolean;
  /** Another socket to dial than the peer's own, a proxy's for instance. */
  readonly dial?: (endpoint: string) => Promise<string>;
}

export const TAKEOVER = 'the operator';

/** A runtime and an EA of this test alone; both end with it. */
export const openBench = async (world: EaWorld, options: BenchOptions = {}): Promise<Bench> => {
  const { restarts = false, dial, ...setting } = options;
  const directory = temporaryDirectory();
  const peer = await RuntimePeer.open();
  const endpoint = (await dial?.(peer.gateway.endpoint)) ?? peer.gateway.endpoint;
  const ea = await world.start(
    { directory, endpoint, market: QUIET, instanceId: 'ea-1', takeoverToken: TAKEOVER, ...setting },
    restarts,
  );
  onTestFinished(() => ea.stop());
  return { peer, ea, truth: new Truth(directory), directory };
};

/** The same with a session begun: lease held, symbols subscribed, a quote of each seen. */
export const liveBench = async (world: EaWorld, options: BenchOptions = {}): Promise<Bench> => {
  const bench = await openBench(world, options);
  await bench.peer.begin();
  await bench.peer.elapse(bench.ea, 10_000);
  return bench;
};
