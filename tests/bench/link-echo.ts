import { Dealer } from 'zeromq';
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
} from '../../src/actors/kernel/ambient-clock.ts';
import { type DealerLink, openDealer } from '../../src/mt5/wire/dealer-link.ts';
import { eaFrame } from '../support/wire-frames.ts';

/**
 * The terminal's side of the link benchmark, in a process of its own as in production. `raw` sends
 * back the bytes it got; `link` decodes each frame and answers with a frame of the same size.
 */
const [mode = '', endpoint = '', identity = ''] = process.argv.slice(2);

const echoRaw = async (): Promise<void> => {
  const socket = new Dealer({ routingId: identity, linger: 0 });
  socket.connect(endpoint);
  await socket.send('here');
  for await (const parts of socket) await socket.send(parts);
};

const echoLink = async (): Promise<void> => {
  const fail = (what: unknown): never => {
    console.error('the echo failed:', what);
    process.exit(1);
  };
  let seq = 0;
  const answer = (op: string): void => {
    seq += 1;
    void link.send(eaFrame({ kind: 'busy', op, maxMs: 1_000 }, { seq }));
  };
  const link: DealerLink = await openDealer({
    endpoints: [endpoint],
    identity,
    clock: ambientClock,
    defer: ambientDefer,
    random: ambientRandom.next,
    onFault: fail,
    onMalformed: fail,
    onConnected: () => answer('here'),
    onDisconnected: () => process.exit(0),
    onFrame: ({ body }) => answer(body.kind),
  });
};

// CPU time is asked for between measurements, so that start-up does not count.
process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => process.exit(0));
await (mode === 'raw' ? echoRaw() : echoLink());
