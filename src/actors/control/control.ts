import { Worker } from 'node:worker_threads';
import { builtBeside } from '../../domain/built-file.ts';
import type { Clock } from '../../domain/ports.ts';
import type { ActorContext, Behaviour } from '../kernel/types.ts';
import type { Operator, OperatorReply } from '../operator/operator-types.ts';
import type { Brake } from './brake.ts';
import { prepareEndpoint } from './control-endpoint.ts';
import { CONTROL_LIMITS } from './control-limits.ts';
import { type FromMain, stopsTrading, type ToMain } from './control-protocol.ts';
import type { ControlThreadData } from './control-worker.ts';

/**
 * The control socket as an actor: it owns the thread that listens, and hands what comes in to the
 * operator's door. A thread that dies takes the actor with it, and both are started again.
 */
export type ControlMessage =
  /** `incarnation` is the life of the actor that owned the thread. */
  | { readonly type: 'thread.died'; readonly incarnation: number; readonly detail: string }
  | { readonly type: 'status.due' };

export interface ControlOptions {
  readonly dataDir: string;
  readonly brake: Brake;
  readonly wall: Clock;
  /** The door is there when the tree is: it comes after this actor's birth. */
  readonly operator: () => Operator | undefined;
  readonly successor: ControlThreadData['successor'];
}
export interface ControlState {
  readonly endpoint: string;
  readonly worker: Worker;
}
type Order = Extract<ToMain, { readonly type: 'order' }>;

/** Wall time between two tries of an order that nobody was there to take. */
const RETRY_MS = 250;
const CLOSE_MS = 2_000;

export const control = (options: ControlOptions): Behaviour<ControlMessage, ControlState> => ({
  init: (context) => start(options, context),
  receive: (state, message, context) => {
    if (message.type === 'thread.died') {
      if (message.incarnation === context.incarnation) throw new Error(message.detail);
      return state;
    }
    leaveStatus(options, state.worker);
    context.after(CONTROL_LIMITS.statusEveryMs, { type: 'status.due' });
    return state;
  },
  terminate: async ({ worker }) => {
    if (worker.threadId < 0) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.removeAllListeners('error');
    post(worker, { type: 'close' });
    const timer = options.wall.schedule(CLOSE_MS, () => void worker.terminate());
    await ended;
    timer.cancel();
  },
  summary: ({ endpoint }) => ({ endpoint }),
});

const post = (worker: Worker, message: FromMain): void => worker.postMessage(message);

const start = (
  options: ControlOptions,
  context: ActorContext<ControlMessage>,
): Promise<ControlState> => {
  const { dataDir, brake, successor } = options;
  brake.reset();
  const endpoint = prepareEndpoint(dataDir);
  const workerData: ControlThreadData = { dataDir, endpoint, brake: brake.memory, successor };
  const worker = new Worker(builtBeside(import.meta.url, 'control-worker.js'), {
    name: 'control',
    workerData,
    execArgv: [],
  });
  const died = (detail: string): void =>
    context.self.send({ type: 'thread.died', incarnation: context.incarnation, detail });
  worker.on('exit', (code) => died(`the control thread ended with code ${code}`));
  return new Promise((resolve, reject) => {
    worker.on('error', (error) => {
      reject(error);
      died(`the control thread failed: ${String(error)}`);
    });
    worker.on('message', (message: ToMain) => {
      if (message.type === 'order') {
        serve(options, worker, message);
        return;
      }
      resolve({ endpoint: message.endpoint, worker });
      context.after(0, { type: 'status.due' });
    });
  });
};

/** Read, and said so: from here on the order is ours. */
const serve = (options: ControlOptions, worker: Worker, order: Order): void => {
  const { number } = order;
  post(worker, { type: 'taken', number });
  void carryOut(options, order).then((reply) => {
    if (reply === undefined) {
      // Nobody is there yet, and a file has nobody who would try again.
      options.wall.schedule(RETRY_MS, () => serve(options, worker, order));
      return;
    }
    if (stopsTrading(order.request.command)) options.brake.release();
    post(worker, { type: 'answer', number, reply });
  });
};

const carryOut = async (
  { operator }: ControlOptions,
  { origin, request }: Order,
): Promise<OperatorReply | undefined> => {
  const door = operator();
  if (door === undefined) return undefined;
  const { account, by, command } = request;
  const base = { origin, account, command };
  const reply = await door.execute(by === undefined ? base : { ...base, by });
  return origin === 'file' && !reply.ok ? undefined : reply;
};

/** What is answered while the main thread is too busy to be asked. */
const leaveStatus = ({ operator, wall }: ControlOptions, worker: Worker): void => {
  const result = operator()?.status();
  if (result === undefined) return;
  post(worker, { type: 'status', at: wall.now(), reply: { ok: true, done: [], result } });
};
