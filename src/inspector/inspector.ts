import { Worker } from 'node:worker_threads';
import type { Behaviour, KernelEvent } from '../actors/kernel/types.ts';
import type { Operator } from '../actors/operator-types.ts';
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
  | { readonly type: 'live.due' }
  | { readonly type: 'thread.said'; readonly said: FromThread }
  | { readonly type: 'thread.ended'; readonly reason: string };

export interface InspectorState {
  readonly worker: Worker;
  readonly onlooker: Onlooker;
  readonly port: number;
  readonly release: () => void;
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

const threadFile = (): URL => {
  const here = import.meta.url;
  const built = here.endsWith('.ts')
    ? here.replace(/\/src\/inspector\/[^/]*$/, '/dist/inspector/')
    : here.replace(/[^/]*$/, '');
  return new URL('inspector-worker.js', built);
};

/** Starts the thread and waits until its port is open. */
const open = (data: InspectorThreadData): Promise<{ worker: Worker; said: FromThread }> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(threadFile(), { workerData: data, name: 'inspector', env: {} });
    const fail = (error: Error): void => reject(error);
    worker.once('error', fail);
    worker.once('message', (said: FromThread) => {
      worker.off('error', fail);
      if (said.type === 'refused') {
        reject(new InspectorRefused(said.code, said.message));
        void worker.terminate();
      } else resolve({ worker, said });
    });
  });

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
  init: async (context) => {
    const { worker, said } = await open(data);
    const onlooker = new Onlooker(ports);
    const silence = [
      ports.onEvent((event) => onlooker.hear(event)),
      ports.onTold((told) => onlooker.tell(told)),
    ];
    worker.on('message', (message: FromThread) =>
      context.self.send({ type: 'thread.said', said: message }),
    );
    worker.on('error', (error) =>
      context.self.send({ type: 'thread.ended', reason: error.message }),
    );
    worker.on('exit', (code) =>
      context.self.send({ type: 'thread.ended', reason: `its thread exited with code ${code}` }),
    );
    if (said.type === 'listening') ports.onListening(said);
    context.after(0, { type: 'live.due' });
    return {
      worker,
      onlooker,
      port: said.type === 'listening' ? said.port : 0,
      release: () => {
        for (const stop of silence) stop();
        onlooker.close();
        worker.removeAllListeners();
      },
    };
  },
  receive: (state, message, context) => {
    switch (message.type) {
      case 'live.due':
        post(state, { type: 'live', view: state.onlooker.view(), news: state.onlooker.takeNews() });
        context.after(INSPECTOR_LIMITS.liveEveryMs, { type: 'live.due' });
        return state;
      case 'thread.said':
        hear(state, message.said, ports);
        return state;
      case 'thread.ended':
        throw new Error(message.reason);
    }
  },
  terminate: async (state) => {
    state.release();
    await state.worker.terminate();
  },
  summary: ({ port, worker }) => ({ port, threadId: worker.threadId }),
});

const post = ({ worker }: InspectorState, message: ToThread): void => worker.postMessage(message);

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
