import type { Event, Observer } from 'zeromq';
import type { LinkPorts } from './link-ports.ts';
import { guarded } from './link-ports.ts';

/** What libzmq tells of connections. It names our own endpoint, never the peer's identity. */
export type SocketEvent =
  | { readonly type: 'accepted' | 'handshaken' | 'disconnected' | 'connectRefused' | 'closed' }
  | { readonly type: 'handshakeFailed'; readonly detail: string };

const meaning = (event: Event): SocketEvent | undefined => {
  switch (event.type) {
    case 'accept':
      return { type: 'accepted' };
    case 'handshake':
      return { type: 'handshaken' };
    case 'disconnect':
      return { type: 'disconnected' };
    case 'connect:retry':
      return { type: 'connectRefused' };
    case 'close':
      return { type: 'closed' };
    case 'handshake:error:auth':
    case 'handshake:error:protocol':
    case 'handshake:error:other':
      return { type: 'handshakeFailed', detail: event.error.message };
    default:
      return undefined;
  }
};

/** Reports events until the socket closes. */
export const watchSocket = (
  events: Observer,
  onFault: LinkPorts['onFault'],
  onEvent: (event: SocketEvent) => void,
): void => {
  const run = async (): Promise<void> => {
    while (!events.closed) {
      const event = await events.receive();
      if (event.type === 'end') return;
      const known = meaning(event);
      if (known !== undefined) guarded(onFault, () => onEvent(known));
    }
  };
  run().catch((error: unknown) => {
    // Closing the socket ends the wait for its next event with an error; that is its only end.
    if (!events.closed) onFault(error);
  });
};
