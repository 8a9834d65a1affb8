import type { MessagePort } from 'node:worker_threads';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { JournalRefused } from './errors.ts';
import { groupCommit } from './group-commit.ts';
import { durabilityOf, openWritable } from './journal-file.ts';
import { inspectWal } from './wal-tail.ts';
import type {
  AppendRequest,
  WriterReply,
  WriterRequest,
  WriterThreadData,
} from './writer-protocol.ts';

/**
 * The thread that owns journal.db. While one transaction waits for the disk, requests pile up on
 * the port; the next transaction takes all of them. So the number of fsyncs follows the disk and
 * not the number of calls, without a timer and without a delay for a lone append.
 */
const drain = (port: MessagePort, first: WriterRequest, limit: number) => {
  const requests: AppendRequest[] = [];
  let next: WriterRequest | undefined = first;
  while (next !== undefined) {
    if (next.type === 'close') return { requests, closing: true };
    requests.push(next);
    if (requests.length >= limit) break;
    next = receiveMessageOnPort(port)?.message;
  }
  return { requests, closing: false };
};

const serve = (port: MessagePort, options: WriterThreadData): void => {
  const send = (reply: WriterReply): void => port.postMessage(reply);
  // SQLite drops a torn tail without a word: look before it does.
  const tail = inspectWal(options.file);
  const db = openWritable(options);
  const writer = groupCommit(db);
  port.on('message', (first: WriterRequest) => {
    const { requests, closing } = drain(port, first, options.maxAppendsPerCommit);
    if (requests.length > 0) send({ type: 'results', results: writer.commit(requests) });
    if (!closing) return;
    // Closing the last connection also folds the WAL back into the file.
    db.close();
    port.close();
  });
  send({ type: 'opened', tail, durability: durabilityOf(db) });
};

const run = (port: MessagePort, options: WriterThreadData): void => {
  try {
    serve(port, options);
  } catch (error) {
    if (!(error instanceof JournalRefused)) throw error;
    const { reason, file, detail, remedy } = error;
    const refusal: WriterReply = { type: 'refused', reason, file, detail, remedy };
    port.postMessage(refusal);
    port.close();
  }
};

if (parentPort === null) throw new Error('writer-thread.js must be started as a worker thread');
run(parentPort, workerData);
