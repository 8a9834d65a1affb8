import type { MessagePort } from 'node:worker_threads';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromLog, LogThreadData, ToLog } from './log-line.ts';
import { LogWriter } from './log-writer.ts';

/**
 * The thread that writes the log: redaction, JSON and a slow or full disk are paid for here, beside
 * trading. It holds nothing but lines on their way, so it may be ended at any instant.
 */
const serve = (port: MessagePort, data: LogThreadData): void => {
  const say = (message: FromLog): void => port.postMessage(message);
  const writer = new LogWriter(data, {
    onFailed: (reason) => say({ type: 'failed', reason }),
    onResumed: (lost) => say({ type: 'resumed', lost }),
  });
  port.on('message', (message: ToLog) => {
    if (message.type === 'close') {
      writer.close();
      say({ type: 'closed' });
      port.close();
      return;
    }
    for (const line of message.lines) writer.write(line);
    const [last] = message.lines.slice(-1);
    if (message.left > 0 && last !== undefined) writer.writeLeft(message.left, last.wallAt);
    say({ type: 'taken', lines: message.lines.length });
  });
  say({ type: 'ready' });
};

if (parentPort === null) throw new Error('log-worker.js must be started as a worker thread');
serve(parentPort, workerData);
