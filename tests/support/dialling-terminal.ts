import { ambientClock } from '../../src/actors/kernel/ambient-clock.ts';
import type { CurveClientKeys } from '../../src/mt5/wire/curve.ts';
import type { EaFrame, EaMessageOf } from '../../src/mt5/wire/messages.ts';
import { testDealer } from './link-ends.ts';
import { MINUTE, MONDAY, scriptedMarket, ticksOf } from './scripted-market.ts';
import { TerminalBench } from './terminal-bench.ts';

/** Real time: the stamps of a free terminal are compared with this machine's clock. */
const stampedNow = (frame: EaFrame, serverOffsetMs: number): EaFrame => {
  const now = ambientClock.now();
  const ts = { msc: now, server: now + serverOffsetMs, gmt: now, mono: now };
  return { ...frame, envelope: { ...frame.envelope, ts } };
};

/**
 * The simulated terminal's EA on a real socket, as the account `5012345@Sim`: it greets whoever
 * listens, with a greeting that a test may change, and answers what it is asked.
 */
export const diallingTerminal = async (options: {
  readonly port: number;
  readonly serverOffsetMs: number;
  readonly curve?: CurveClientKeys;
  readonly hello?: (hello: EaMessageOf<'hello'>) => EaMessageOf<'hello'>;
}): Promise<void> => {
  const { port, curve, hello = (unchanged) => unchanged, serverOffsetMs } = options;
  const bench = new TerminalBench({
    market: scriptedMarket(ticksOf([[0, 130_000]])),
    model: { clock: 'free' },
  });
  bench.model.runFree({ sliceToMs: MONDAY + MINUTE, maxTicks: 10 });
  const send = (frames: readonly EaFrame[]): void => {
    for (const frame of frames) {
      const { body } = frame;
      const told = body.kind === 'hello' ? { ...frame, body: hello(body) } : frame;
      void dealer.send(stampedNow(told, serverOffsetMs));
    }
  };
  const dealer = await testDealer([`tcp://127.0.0.1:${port}`], {
    identity: '5012345@Sim/ea-1',
    ...(curve === undefined ? {} : { curve }),
    onConnected: () => send(bench.model.connect()),
    onFrame: (frame) => send(bench.model.receive(frame)),
  });
};
