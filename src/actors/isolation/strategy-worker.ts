import type { MessagePort } from 'node:worker_threads';
import { parentPort } from 'node:worker_threads';
import { createEngine, type Engine } from './engine.ts';
import type { ThreadReply, ThreadRequest } from './engine-protocol.ts';
import { loadDefinition } from './load-definition.ts';

/**
 * A thread that runs users' strategies. It may be terminated at any instant, so it holds nothing
 * but engines, which can be rebuilt. It gets one request at a time and answers each exactly once.
 */
const serve = (port: MessagePort): void => {
  const engines = new Map<number, Engine>();
  const reply = (message: ThreadReply): void => port.postMessage(message);

  const handle = async (request: ThreadRequest): Promise<void> => {
    switch (request.type) {
      case 'open': {
        const { engine: id, spec } = request;
        const engine = createEngine(await loadDefinition(spec.source, id), spec);
        engines.set(id, engine);
        reply({ type: 'opened', warmupBars: engine.warmupBars });
        return;
      }
      case 'ask': {
        const engine = engines.get(request.engine);
        if (engine === undefined) throw new Error('this strategy is not open in this worker');
        reply({ type: 'answered', answer: engine.answer(request.request) });
        return;
      }
      case 'close':
        engines.delete(request.engine);
        return;
    }
  };
  port.on('message', (request: ThreadRequest) => {
    handle(request).catch((error: unknown) => {
      engines.delete(request.engine);
      const message = error instanceof Error ? error.message : String(error);
      const stack = error instanceof Error ? (error.stack ?? message) : message;
      reply({ type: 'threw', message, stack });
    });
  });
  reply({ type: 'ready' });
};

if (parentPort === null) throw new Error('strategy-worker.js must be started as a worker thread');
serve(parentPort);
