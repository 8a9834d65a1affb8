import { onTestFinished } from 'vitest';
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
} from '../../src/actors/kernel/ambient-clock.ts';
import { type Gateway, type GatewayOptions, openGateway } from '../../src/mt5/gateway.ts';
import type { DealerLink, DealerOptions } from '../../src/mt5/wire/dealer-link.ts';
import { openDealer } from '../../src/mt5/wire/dealer-link.ts';
import type { MalformedInfo } from '../../src/mt5/wire/malformed-reports.ts';
import type { EaFrame, RuntimeFrame } from '../../src/mt5/wire/messages.ts';
import type { SocketEvent } from '../../src/mt5/wire/socket-events.ts';
import { createInbox, type Inbox } from './inbox.ts';

/** Real sockets on 127.0.0.1, closed when the test ends; a fault in them fails the test. */
const faultsOf = (what: string) => {
  const faults: unknown[] = [];
  return {
    onFault: (error: unknown) => faults.push(error),
    check: () => {
      if (faults.length > 0) throw new Error(`${what} had a fault: ${String(faults[0])}`);
    },
  };
};

export const EA = '5012345@Demo/ea-1';

export interface TestGateway extends Gateway {
  readonly frames: Inbox<{ readonly identity: string; readonly frame: EaFrame }>;
  readonly malformed: Inbox<MalformedInfo & { readonly identity: string }>;
  readonly unknownKinds: Inbox<string>;
  readonly gone: Inbox<string>;
  readonly events: Inbox<SocketEvent>;
}

export const testGateway = async (extra: Partial<GatewayOptions> = {}): Promise<TestGateway> => {
  const frames = createInbox<{ identity: string; frame: EaFrame }>('frame from an EA');
  const malformed = createInbox<MalformedInfo & { identity: string }>('malformed report');
  const unknownKinds = createInbox<string>('unknown kind');
  const gone = createInbox<string>('disconnect notice');
  const events = createInbox<SocketEvent>('socket event');
  const { onFault, check } = faultsOf('the gateway');
  const gateway = await openGateway({
    host: '127.0.0.1',
    port: 0,
    clock: ambientClock,
    defer: ambientDefer,
    onFault,
    onFrame: (identity, frame) => frames.push({ identity, frame }),
    onMalformed: (identity, info) => malformed.push({ identity, ...info }),
    onUnknownKind: (_, { kind }) => unknownKinds.push(kind),
    onDisconnected: gone.push,
    onSocketEvent: events.push,
    ...extra,
  });
  onTestFinished(async () => {
    await gateway.close();
    check();
  });
  return { ...gateway, frames, malformed, unknownKinds, gone, events };
};

export interface TestDealer extends DealerLink {
  readonly frames: Inbox<RuntimeFrame>;
  readonly malformed: Inbox<MalformedInfo>;
  readonly up: Inbox<string>;
  readonly down: Inbox<string>;
}

export const testDealer = async (
  endpoints: readonly string[],
  extra: Partial<DealerOptions> = {},
): Promise<TestDealer> => {
  const frames = createInbox<RuntimeFrame>('frame from the runtime');
  const malformed = createInbox<MalformedInfo>('malformed report');
  const up = createInbox<string>('connection');
  const down = createInbox<string>('disconnection');
  const { onFault, check } = faultsOf('the dealer');
  const dealer = await openDealer({
    endpoints,
    identity: EA,
    clock: ambientClock,
    defer: ambientDefer,
    random: ambientRandom.next,
    backoff: { initialMs: 20, maxMs: 100 },
    onFault,
    onFrame: frames.push,
    onConnected: up.push,
    onDisconnected: down.push,
    onMalformed: malformed.push,
    ...extra,
  });
  onTestFinished(async () => {
    await dealer.close();
    check();
  });
  return { ...dealer, frames, malformed, up, down };
};
