import { Worker } from 'node:worker_threads';
import type { ActorContext, Behaviour, KernelEvent, TaskResult } from '../actors/kernel/types.ts';
import type { Operator } from '../actors/operator/operator-types.ts';
import { builtBeside } from '../domain/built-file.ts';
import { INSPECTOR_LIMITS } from './inspector-limits.ts';
import { Onlooker, type Sight, type Told } from './onlooker.ts';
import type { FromThread, InspectorThreadData, Question, ToThread } from './protocol.ts';

/** What the inspector stands on; all of it outlives any of its lives. */
export interface InspectorPorts extends Sight {
  readonly operator: Operator;
  /** Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  /** Both return the end of listening. */
  readonly onEvent: (listener: (event: KernelEvent) => void) => () => void;
  readonly onTold: (listener: (told: Told) => void) => () => void;
  readonly note: (notice: {
    readonly severity: 'info' | 'warning';
    readonly code: string;
    readonly detail: string;
  }) => void;
  readonly onListening: (place: { readonly port: number; readonly loginCode: string }) => void;
}

export type InspectorMessage =
  | { readonly type: 'thread.opened'; readonly opened: TaskResult<OpenThread> }
  | { readonly type: 'live.due' }
  /** `incarnation` is the life of the actor that the thread belongs to. */
  | { readonly type: 'thread.said'; readonly incarnation: number; readonly said: FromThread }
  | { readonly type: 'thread.ended'; readonly incarnation: number; readonly reason: string };

export interface InspectorState {
  readonly onlooker: Onlooker;
  readonly release: () => void;
  /** Null until its port is open. */
  readonly thread: OpenThread | null;
}
interface OpenThread {
  readonly worker: Worker;
  readonly port: number;
  readonly loginCode: string;
}

/** The port is taken, or cannot be opened: the inspector crashes with it, and is tried again. */
export class InspectorRefused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'InspectorRefused';
    this.code = code;
  }
}

/** Starts the thread and waits until its port is open. The thread ends with the actor's life,
 * however that ends. */
const open = (data: InspectorThreadData, signal: AbortSignal): Promise<OpenThread> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(builtBeside(import.meta.url, 'inspector-worker.js'), {
      workerData: data,
      name: 'inspector',
      env: {},
      execArgv: [],
    });
    signal.addEventListener('abort', () => void worker.terminate(), { once: true });
    const failed = (error: Error): void => reject(error);
    const ended = (code: number): void => reject(new Error(`its thread exited with code ${code}`));
    worker.once('error', failed).once('exit', ended);
    worker.once('message', (said: FromThread) => {
      worker.off('error', failed).off('exit', ended);
      if (said.type === 'listening') {
        resolve({ worker, port: said.port, loginCode: said.loginCode });
        return;
      }
      void worker.terminate();
      const refusal = said.type === 'refused' ? said : { code: 'failed', message: said.type };
      reject(new InspectorRefused(refusal.code, refusal.message));
    });
  });

type Context = ActorContext<InspectorMessage>;

/**
 * The observer that shows the system and takes a person's commands. Its web server lives in a
 * thread of its own; this actor draws the picture four times a second, answers the thread's
 * questions, and dies with the thread, for its supervisor to start both again. Trading never waits
 * for it.
 */
export const inspector = (
  data: InspectorThreadData,
  ports: InspectorPorts,
): Behaviour<InspectorMessage, InspectorState> => ({
  init: (context) => {
    const onlooker = new Onlooker(ports);
    const silence = [
      ports.onEvent((event) => onlooker.hear(event)),
      ports.onTold((told) => onlooker.tell(told)),
    ];
    context.task(
      'opening the port',
      (signal) => open(data, signal),
      (opened) => ({ type: 'thread.opened', opened }),
    );
    const release = (): void => {
      for (const stop of silence) stop();
      onlooker.close();
    };
    return { onlooker, release, thread: null };
  },
  receive: (state, message, context) => {
    switch (message.type) {
      case 'thread.opened': {
        if (!message.opened.ok) throw message.opened.error;
        const thread = message.opened.value;
        listen(thread.worker, context);
        ports.onListening(thread);
        context.after(0, { type: 'live.due' });
        return { ...state, thread };
      }
      case 'live.due':
        post(state, { type: 'live', view: state.onlooker.view(), news: state.onlooker.takeNews() });
        context.after(INSPECTOR_LIMITS.liveEveryMs, { type: 'live.due' });
        return state;
      case 'thread.said':
        if (message.incarnation === context.incarnation) hear(state, message.said, ports);
        return state;
      case 'thread.ended':
        // The end of an earlier life's thread is no news.
        if (message.incarnation !== context.incarnation) return state;
        throw new Error(message.reason);
    }
  },
  terminate: async (state) => {
    state.release();
    state.thread?.worker.removeAllListeners();
    await state.thread?.worker.terminate();
  },
  summary: ({ thread }) => ({ port: thread?.port ?? null }),
});

const listen = (worker: Worker, { self, incarnation }: Context): void => {
  const ended = (reason: string): void => self.send({ type: 'thread.ended', incarnation, reason });
  worker.on('message', (said: FromThread) => self.send({ type: 'thread.said', incarnation, said }));
  worker.on('error', ({ message }) => ended(message));
  worker.on('exit', (code) => ended(`its thread exited with code ${code}`));
};

const post = ({ thread }: InspectorState, message: ToThread): void =>
  thread?.worker.postMessage(message);

const hear = (state: InspectorState, said: FromThread, ports: InspectorPorts): void => {
  if (said.type === 'note') {
    ports.note({ severity: said.severity, code: said.code, detail: said.detail });
    return;
  }
  if (said.type !== 'ask') return;
  const { id, question } = said;
  answer(state, question, ports).then(
    (value) => post(state, { type: 'answer', id, value }),
    (error: unknown) => post(state, { type: 'failed', id, message: String(error) }),
  );
};

const answer = async (
  { onlooker }: InspectorState,
  question: Question,
  { metrics, operator }: InspectorPorts,
): Promise<unknown> => {
  switch (question.type) {
    case 'actor':
      return onlooker.actor(question.path);
    case 'metrics':
      return metrics();
    case 'operator': {
      const { origin, by, account, command } = question;
      return operator.execute({ origin, by, account, command });
    }
  }
};
