import { type DealerLink, type DealerOptions, openDealer } from '../wire/dealer-link.ts';
import { formatIdentity } from '../wire/identity.ts';
import type { EaFrame, RuntimeFrame } from '../wire/messages.ts';
import type { TerminalOptions } from './options.ts';

/** Who speaks for an EA at its end of the link. */
export interface LinkHost {
  readonly connected: (endpoint: string) => void;
  readonly disconnected: (endpoint: string) => void;
  readonly receive: (frame: RuntimeFrame) => void;
  readonly unknownKind: (kind: string, id: string | undefined) => void;
  readonly unreadable: (why: string) => void;
}

/** Dials a runtime for an account's EA. Rejects with LinkMisconfigured. */
export const openEaLink = (
  host: LinkHost,
  options: Pick<TerminalOptions, 'endpoint' | 'instanceId' | 'curve' | 'reconnect'> & {
    readonly account: Pick<TerminalOptions['account'], 'login' | 'server'>;
  },
  ports: Pick<DealerOptions, 'clock' | 'defer' | 'random'> & {
    readonly log: (line: string) => void;
  },
): Promise<DealerLink> => {
  const { login, server } = options.account;
  const { clock, defer, random, log } = ports;
  return openDealer({
    endpoints: options.endpoint.split(','),
    identity: formatIdentity({ login, server, instanceId: options.instanceId }),
    ...(options.curve === undefined ? {} : { curve: options.curve }),
    ...(options.reconnect === undefined ? {} : { backoff: options.reconnect }),
    ...{ clock, defer, random },
    onFault: (error) => log(`link: ${String(error)}`),
    onFrame: (frame) => host.receive(frame),
    onConnected: (endpoint) => host.connected(endpoint),
    onDisconnected: (endpoint) => host.disconnected(endpoint),
    onMalformed: (info) => log(`malformed message: ${JSON.stringify(info)}`),
    onUnreadable: (why) => host.unreadable(why),
    onUnknownKind: ({ kind, id }) => host.unknownKind(kind, id),
  });
};

/** Sends an EA's frames. One that did not leave is a hole in the session, which the host mends: a new
 * session begins with a snapshot. */
export class FrameOutlet {
  readonly #onHole: (why: string) => void;
  #link: DealerLink | undefined;

  constructor(onHole: (why: string) => void) {
    this.#onHole = onHole;
  }

  attach(link: DealerLink): void {
    this.#link = link;
  }
  get isConnected(): boolean {
    return this.#link?.connected() === true;
  }

  send(frames: readonly EaFrame[]): void {
    const link = this.#link;
    if (link === undefined) return;
    for (const frame of frames) {
      link.send(frame).then(
        (outcome) => {
          if (outcome === 'queueFull' || outcome === 'tooLarge') this.#onHole(outcome);
        },
        (error: unknown) => this.#onHole(String(error)),
      );
    }
  }
}
