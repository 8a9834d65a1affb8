import type { Clock } from '../domain/ports.ts';
import { INSPECTOR_LIMITS } from './inspector-limits.ts';
import { unavailable } from './problem.ts';
import type { AnswerTo, Question } from './protocol.ts';

/** Questions to the runtime's thread and their answers, by number; none waits for ever. */
export interface Questions {
  readonly ask: <Q extends Question>(question: Q) => Promise<AnswerTo<Q>>;
  readonly resolve: (id: number, value: unknown) => void;
  readonly reject: (id: number, message: string) => void;
}

export const createQuestions = (
  clock: Clock,
  send: (id: number, question: Question) => void,
): Questions => {
  const waiting = new Map<number, (settle: { value: unknown } | { error: Error }) => void>();
  let lastId = 0;
  return {
    ask: <Q extends Question>(question: Q) =>
      new Promise<AnswerTo<Q>>((resolve, reject) => {
        lastId += 1;
        const id = lastId;
        const timer = clock.schedule(INSPECTOR_LIMITS.questionMs, () => {
          waiting.delete(id);
          reject(unavailable('The runtime did not answer in time.'));
        });
        waiting.set(id, (settled) => {
          waiting.delete(id);
          timer.cancel();
          if ('error' in settled) reject(settled.error);
          else resolve(settled.value as AnswerTo<Q>);
        });
        send(id, question);
      }),
    resolve: (id, value) => waiting.get(id)?.({ value }),
    reject: (id, message) => waiting.get(id)?.({ error: unavailable(message) }),
  };
};
