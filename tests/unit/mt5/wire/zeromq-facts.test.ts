import { createConnection, createServer, type Socket as TcpSocket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { curveKeyPair, Dealer, Router, type SocketOptions } from 'zeromq';

/**
 * What the gateway's settings rest on, measured against the library itself: when one of these
 * fails after an upgrade of zeromq.js, read `gateway.ts` again before changing the test.
 */
const router = async (options: SocketOptions<Router>): Promise<Router> => {
  const socket = new Router({ linger: 0, ...options });
  onTestFinished(() => socket.close());
  await socket.bind('tcp://127.0.0.1:*');
  return socket;
};
const dealer = (endpoint: string | null): Dealer => {
  const socket = new Dealer({ linger: 0, routingId: 'ea' });
  onTestFinished(() => socket.close());
  socket.connect(endpoint ?? '');
  return socket;
};
const within = async <T>(ms: number, promise: Promise<T>): Promise<T | 'nothing'> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'nothing'>((resolve) => {
    timer = setTimeout(() => resolve('nothing'), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};
const codeOf = (error: unknown): string => (error as { code: string }).code;

/** A cable between two ends that can be cut so that neither end hears of it. */
const cable = async (target: string | null) => {
  const port = Number(target?.split(':')[2]);
  const pairs: { readonly near: TcpSocket; readonly far: TcpSocket }[] = [];
  const server = createServer((near) => {
    const far = createConnection(port, '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const end of [near, far]) end.on('error', () => undefined);
    pairs.push({ near, far });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    for (const { near, far } of pairs) {
      near.destroy();
      far.destroy();
    }
    server.close();
  });
  const address = server.address();
  const own = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `tcp://127.0.0.1:${own}`,
    /** The EA's end breaks, the runtime's end stays open and silent: a half-open link. */
    breakNearEnd: () => {
      for (const { near, far } of pairs) {
        near.unpipe(far);
        far.unpipe(near);
        near.destroy();
      }
    },
  };
};

describe('zeromq.js', () => {
  it('blocks every send behind one to an absent peer when mandatory lacks sendTimeout 0', async () => {
    // A ROUTER without any peer is not writable, so this send waits for one instead of failing.
    const socket = await router({ mandatory: true });
    const stuck = socket.send(['absent', 'x']);
    stuck.catch(() => undefined);
    expect(await within(100, stuck)).toBe('nothing');
    expect(() => socket.send(['other', 'x'])).toThrow(expect.objectContaining({ code: 'EBUSY' }));
  });

  it('says EHOSTUNREACH at once with sendTimeout 0, send after send', async () => {
    const socket = await router({ mandatory: true, sendTimeout: 0 });
    const sends = [1, 2, 3].map(() => socket.send(['absent', 'x']).catch(codeOf));
    expect(await within(1_000, Promise.all(sends))).toEqual(Array(3).fill('EHOSTUNREACH'));
  });

  it('drops a message for an absent peer in silence when not mandatory', async () => {
    const socket = await router({ sendTimeout: 0 });
    expect(await within(1_000, socket.send(['absent', 'x']))).toBeUndefined();
  });

  const afterHalfOpen = async (handover: boolean) => {
    const socket = await router({ handover, mandatory: true, sendTimeout: 0 });
    const { endpoint, breakNearEnd } = await cable(socket.lastEndpoint);
    const ea = dealer(endpoint);
    await ea.send('before');
    expect(String((await socket.receive())[1])).toBe('before');
    const reconnected = new Promise<void>((resolve) => {
      ea.events.on('handshake', () => resolve());
    });
    breakNearEnd();
    await reconnected;
    await ea.send('after');
    return within(handover ? 5_000 : 300, socket.receive());
  };

  it('never hears an EA again after a half-open link without handover', async () => {
    expect(await afterHalfOpen(false)).toBe('nothing');
  });

  it('hears the EA again after a half-open link with handover', async () => {
    expect(String((await afterHalfOpen(true)).at(1))).toBe('after');
  });

  it('admits any key that knows the server, where nobody answers ZAP', async () => {
    const server = curveKeyPair();
    const socket = new Router({ linger: 0 });
    onTestFinished(() => socket.close());
    socket.curveServer = true;
    socket.curveSecretKey = server.secretKey;
    await socket.bind('tcp://127.0.0.1:*');
    const stranger = new Dealer({ linger: 0, routingId: '5012345@Demo/ea-1' });
    onTestFinished(() => stranger.close());
    const { publicKey, secretKey } = curveKeyPair();
    stranger.curveServerKey = server.publicKey;
    stranger.curvePublicKey = publicKey;
    stranger.curveSecretKey = secretKey;
    stranger.connect(socket.lastEndpoint ?? '');
    await stranger.send('let me in');
    const [identity] = await socket.receive();
    // Nor is the name bound to the key: it calls itself what it likes, so hello carries a token.
    expect(String(identity)).toBe('5012345@Demo/ea-1');
  });

  it('refuses a second receive while one is pending', async () => {
    const socket = await router({});
    socket.receive().catch(() => undefined);
    expect(() => socket.receive()).toThrow(expect.objectContaining({ code: 'EBUSY' }));
  });

  it('binds when told to unbindSync, which is why the gateway closes instead', async () => {
    const socket = await router({});
    const endpoint = socket.lastEndpoint ?? '';
    expect(() => socket.unbindSync(endpoint)).toThrow(/in use/);
  });
});
