import { type Context, Reply } from 'zeromq';
import { LinkMisconfigured } from './errors.ts';

/** Keys are Z85 text of 40 characters, as `zmq_curve_keypair` and zeromq.js give them. */
export interface CurveServerKeys {
  readonly secretKey: string;
  /** Public keys of the EAs that may connect. Nobody else gets through the handshake. */
  readonly clientKeys: readonly string[];
}
export interface CurveClientKeys {
  readonly serverKey: string;
  readonly publicKey: string;
  readonly secretKey: string;
}

const Z85 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';
const KEY_CHARACTERS = 40;

/** The 32 bytes of a key, or undefined when the text is not one. */
export const decodeKey = (text: string): Uint8Array | undefined => {
  if (text.length !== KEY_CHARACTERS) return undefined;
  const bytes = Buffer.alloc((KEY_CHARACTERS / 5) * 4);
  for (let group = 0; group < KEY_CHARACTERS / 5; group += 1) {
    let value = 0;
    for (const character of text.slice(group * 5, group * 5 + 5)) {
      const digit = Z85.indexOf(character);
      if (digit < 0) return undefined;
      value = value * 85 + digit;
    }
    if (value > 0xff_ff_ff_ff) return undefined;
    bytes.writeUInt32BE(value, group * 4);
  }
  return bytes;
};

/** The text of 32 bytes, as `decodeKey` reads it. Throws a RangeError for any other number of them. */
export const encodeKey = (bytes: Uint8Array): string => {
  if (bytes.length !== (KEY_CHARACTERS / 5) * 4) throw new RangeError('a key has 32 bytes');
  const buffer = Buffer.from(bytes);
  let text = '';
  for (let at = 0; at < buffer.length; at += 4) {
    let value = buffer.readUInt32BE(at);
    let group = '';
    for (let digit = 0; digit < 5; digit += 1) {
      group = Z85.charAt(value % 85) + group;
      value = Math.floor(value / 85);
    }
    text += group;
  }
  return text;
};

/** Throws `LinkMisconfigured`, without the key's text, when a key cannot be one. */
export const requireKeys = (field: string, keys: readonly string[]): void => {
  keys.forEach((key, index) => {
    if (decodeKey(key) !== undefined) return;
    throw new LinkMisconfigured({
      field: keys.length === 1 ? field : `${field}[${index}]`,
      detail: 'not a CURVE key (40 characters of Z85)',
      remedy: 'Make a pair with zmq_curve_keypair and copy it whole.',
    });
  });
};

const ZAP_ENDPOINT = 'inproc://zeromq.zap.01';
export const ZAP_DOMAIN = 'bulwark';

/**
 * Answers libzmq's question "may this key come in?" (ZAP, RFC 27). Without a handler libzmq admits
 * every client that knows the server's public key. There is one handler per context, which is why
 * a guarded gateway has a context of its own. ZAP does not see the peer's identity: that a key
 * belongs to an account is checked later, by the token in `hello`.
 */
export const startKeyGuard = async (options: {
  readonly context: Context;
  readonly clientKeys: readonly string[];
  readonly onRefused: (address: string) => void;
  readonly onFault: (error: unknown) => void;
}): Promise<{ readonly close: () => void }> => {
  const admitted = new Set(
    options.clientKeys.map((key) => Buffer.from(decodeKey(key) ?? []).toString('hex')),
  );
  const socket = new Reply({ context: options.context, linger: 0 });
  await socket.bind(ZAP_ENDPOINT);
  const answer = async (): Promise<void> => {
    while (!socket.closed) {
      const request = await socket.receive();
      const [version, requestId, , address, , mechanism, key] = request;
      const allowed =
        String(version) === '1.0' &&
        String(mechanism) === 'CURVE' &&
        key !== undefined &&
        admitted.has(key.toString('hex'));
      if (!allowed) options.onRefused(String(address));
      const verdict = allowed ? ['200', 'OK'] : ['400', 'key not admitted'];
      await socket.send(['1.0', requestId ?? '', ...verdict, '', '']);
    }
  };
  answer().catch((error: unknown) => {
    if (!socket.closed) options.onFault(error);
  });
  return { close: () => socket.close() };
};
