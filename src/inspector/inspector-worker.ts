import type { MessagePort } from 'node:worker_threads';
import { parentPort, workerData } from 'node:worker_threads';
import { ambientClock } from '../actors/kernel/ambient-clock.ts';
import { ambientRandomBytes } from '../actors/kernel/ambient-random-bytes.ts';
import { isLoopback } from '../mt5/gateway.ts';
import { AccessControl } from './access.ts';
import { type Backstage, Records } from './backstage.ts';
import { LiveFeed } from './live-feed.ts';
import type { FromThread, InspectorThreadData, ToThread } from './protocol.ts';
import { createQuestions } from './questions.ts';
import { buildServer } from './server.ts';

/**
 * The inspector's thread: the web server and its reading of the databases. It holds nothing that
 * could not be had again, so it may be ended at any instant.
 */
const newSecret = (): string => Buffer.from(ambientRandomBytes(32)).toString('base64url');

const run = async (port: MessagePort, data: InspectorThreadData): Promise<void> => {
  const say = (message: FromThread): void => port.postMessage(message);
  const feed = new LiveFeed();
  const questions = createQuestions(ambientClock, (id, question) =>
    say({ type: 'ask', id, question }),
  );
  const openReads = data.readToken === null && isLoopback(data.host);
  const { readToken, writeToken } = data;
  const control = new AccessControl({
    readToken,
    writeToken,
    openReads,
    clock: ambientClock,
    newSecret,
  });
  const stage: Backstage = {
    data,
    clock: ambientClock,
    control,
    feed,
    bootId: newSecret().slice(0, 8),
    ask: questions.ask,
    note: (notice) => say({ type: 'note', ...notice }),
    records: new Records(data),
  };
  port.on('message', (message: ToThread) => {
    switch (message.type) {
      case 'live':
        feed.update(message.view, message.news, ambientClock.now());
        break;
      case 'answer':
        questions.resolve(message.id, message.value);
        break;
      case 'failed':
        questions.reject(message.id, message.message);
        break;
    }
  });
  const app = await buildServer(stage);
  await app.listen({ host: data.host, port: data.port });
  const address = app.server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : data.port;
  say({ type: 'listening', port: listening, loginCode: control.loginCode });
};

if (parentPort === null) throw new Error('inspector-worker.js must be started as a worker thread');
const port = parentPort;
run(port, workerData).catch((error: unknown) => {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  const refused: FromThread = { type: 'refused', code: code ?? 'failed', message };
  port.postMessage(refused);
});
