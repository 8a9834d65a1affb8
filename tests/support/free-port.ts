import { createServer } from 'node:net';

/**
 * A port of the loopback interface that nobody has. Below the range from which Linux takes the local
 * ports of connections (32768 on): a server that is killed and started again has to find its port
 * free, and somebody else's connection must not have taken it meanwhile.
 */
const FIRST = 20_000;
const COUNT = 12_000;
let next = (process.pid * 97) % COUNT;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < COUNT; tries += 1) {
    const port = FIRST + next;
    next = (next + 1) % COUNT;
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${FIRST} to ${FIRST + COUNT - 1} is free`);
};
