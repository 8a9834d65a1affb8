import { ambientClock, ambientDefer } from '../../src/actors/kernel/ambient-clock.ts';
import { type Gateway, openGateway } from '../../src/mt5/gateway.ts';
import { type DealerLink, openDealer } from '../../src/mt5/wire/dealer-link.ts';
import type { EaFrame, RuntimeFrame } from '../../src/mt5/wire/messages.ts';

/**
 * A man in the middle with good intentions: the terminal dials it, and it dials the runtime under the
 * same name. What passes may be changed, repeated, or held back; held back, both ends keep their TCP
 * connection and hear nothing, which is what a half-open link is.
 */
export interface LinkTap {
  readonly endpoint: string;
  /** Rewrites what the terminal says from now on. */
  rewrite: (frame: EaFrame) => readonly EaFrame[];
  /** Nothing passes while this is true. */
  held: boolean;
  /** Messages that passed, both ways. */
  readonly passed: () => number;
  /** Kinds of what the runtime said. */
  readonly kindsToTerminal: ReadonlySet<RuntimeFrame['body']['kind']>;
  /** Says something to the terminal in the runtime's name, in the session that runs. */
  readonly tellTerminal: (body: RuntimeFrame['body']) => void;
  readonly close: () => Promise<void>;
}

export const openLinkTap = async (runtime: string): Promise<LinkTap> => {
  const dealers = new Map<string, Promise<DealerLink>>();
  let last: { readonly identity: string; readonly frame: RuntimeFrame } | undefined;
  let passed = 0;
  const kindsToTerminal = new Set<RuntimeFrame['body']['kind']>();
  const ports = {
    clock: ambientClock,
    defer: ambientDefer,
    onFault: () => undefined,
    onMalformed: () => undefined,
  };
  const pass = (frames: readonly EaFrame[], dealer: DealerLink): void => {
    if (tap.held) return;
    for (const frame of frames) {
      passed += 1;
      void dealer.send(frame);
    }
  };
  const dealerFor = (identity: string): Promise<DealerLink> => {
    const known = dealers.get(identity);
    if (known !== undefined) return known;
    const up: { resolve: () => void } = { resolve: () => undefined };
    const connected = new Promise<void>((resolve) => {
      up.resolve = resolve;
    });
    const opened = openDealer({
      ...ports,
      endpoints: [runtime],
      identity,
      random: () => 0.1,
      onConnected: () => up.resolve(),
      onDisconnected: () => undefined,
      onFrame: (frame) => {
        if (tap.held) return;
        last = { identity, frame };
        passed += 1;
        kindsToTerminal.add(frame.body.kind);
        void gateway.send(identity, frame);
      },
    }).then(async (dealer) => {
      await connected;
      return dealer;
    });
    dealers.set(identity, opened);
    return opened;
  };
  const gateway: Gateway = await openGateway({
    ...ports,
    host: '127.0.0.1',
    port: 0,
    onFrame: (identity, frame) => {
      void dealerFor(identity).then((dealer) => pass(tap.rewrite(frame), dealer));
    },
  });
  const tap: LinkTap = {
    endpoint: gateway.endpoint,
    rewrite: (frame) => [frame],
    held: false,
    passed: () => passed,
    kindsToTerminal,
    tellTerminal: (body) => {
      if (last === undefined) return;
      const { identity, frame } = last;
      void gateway.send(identity, { envelope: { ...frame.envelope, re: null }, body });
    },
    close: async () => {
      for (const dealer of dealers.values()) await (await dealer).close();
      await gateway.close();
    },
  };
  return tap;
};
