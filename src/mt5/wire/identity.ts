import { WIRE_LIMITS } from './limits.ts';

/** Who is at the other end: one instance of the EA on one account of one server. */
export interface PeerIdentity {
  readonly login: string;
  readonly server: string;
  readonly instanceId: string;
}

// The server's name is the broker's and may hold spaces; the last slash starts the instance.
const IDENTITY = /^(\d{1,20})@([^\p{C}/@]{1,96})\/([\w.-]{1,64})$/u;

/** `<login>@<server>/<instanceId>`, the routing id of a peer's socket. */
export const formatIdentity = (peer: PeerIdentity): string =>
  `${peer.login}@${peer.server}/${peer.instanceId}`;

/** Undefined when the text is not a peer's identity. */
export const parseIdentity = (text: string): PeerIdentity | undefined => {
  if (Buffer.byteLength(text) > WIRE_LIMITS.identityBytes) return undefined;
  const match = IDENTITY.exec(text);
  if (match === null) return undefined;
  const [, login = '', server = '', instanceId = ''] = match;
  return { login, server, instanceId };
};
