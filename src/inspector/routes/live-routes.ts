import type { FastifyInstance } from 'fastify';
import type { Backstage } from '../backstage.ts';
import { INSPECTOR_LIMITS } from '../inspector-limits.ts';
import type { Delta } from '../live-feed.ts';
import { ProblemError } from '../problem.ts';

/**
 * The stream behind the page (SSE): `hello`, then `snapshot` or the deltas that were missed, then
 * deltas, at most four a second, and a `beat` each second, so that silence means something.
 */
const events = async function* (
  stage: Backstage,
  lastEventId: string | null,
  signal: AbortSignal,
): AsyncGenerator<{ id?: string; event: string; data: unknown }, void> {
  const { feed } = stage;
  const queue: Delta[] = [];
  let wake: () => void = () => undefined;
  const stop = feed.subscribe((delta) => {
    queue.push(delta);
    wake();
  });
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    yield { event: 'hello', data: { version: stage.data.version, boot: stage.bootId } };
    const [boot, id] = (lastEventId ?? '').split(':');
    const missed = boot === stage.bootId ? feed.since(Number(id)) : undefined;
    if (missed === undefined) {
      queue.length = 0;
      const data = { at: feed.at, view: feed.view ?? null, news: feed.news };
      yield { id: `${stage.bootId}:${feed.lastId}`, event: 'snapshot', data };
    } else queue.unshift(...missed.filter((delta) => !queue.includes(delta)));
    while (!signal.aborted) {
      const delta = queue.shift();
      if (delta !== undefined) {
        const { id: deltaId, ...data } = delta;
        yield { id: `${stage.bootId}:${deltaId}`, event: 'delta', data };
        continue;
      }
      const woken = new Promise<'news'>((resolve) => {
        wake = () => resolve('news');
      });
      let timer = { cancel: (): void => undefined };
      const silence = new Promise<'silence'>((resolve) => {
        timer = stage.clock.schedule(INSPECTOR_LIMITS.heartbeatMs, () => resolve('silence'));
      });
      const what = await Promise.race([woken, silence]);
      timer.cancel();
      if (what === 'silence') yield { event: 'beat', data: { at: feed.at } };
    }
  } finally {
    stop();
    signal.removeEventListener('abort', onAbort);
  }
};

export const liveRoutes = (app: FastifyInstance, stage: Backstage): void => {
  let streams = 0;
  app.get(
    '/live',
    {
      sse: { kind: 'only', heartbeat: false },
      schema: { tags: ['system'], summary: 'What changes, as it changes (server-sent events)' },
    },
    async (_, reply) => {
      if (streams >= INSPECTOR_LIMITS.streams) {
        throw new ProblemError({
          status: 503,
          code: 'tooManyStreams',
          title: 'Too many onlookers',
          detail: `${streams} pages are open already.`,
          remedy: 'Close one of them.',
        });
      }
      streams += 1;
      const gone = new AbortController();
      reply.sse.onClose(() => gone.abort());
      try {
        await reply.sse.send(events(stage, reply.sse.lastEventId, gone.signal));
      } finally {
        streams -= 1;
        gone.abort();
      }
    },
  );
};
