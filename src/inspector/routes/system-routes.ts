import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Backstage, viewOf } from '../backstage.ts';
import { type HealthReport, healthOf } from '../health.ts';
import { notFound } from '../problem.ts';
import type { ActorDetail } from '../protocol.ts';
import { answers, list, maybe, open, record, text } from '../schemas.ts';
import { chartNames, chartSvg } from '../statecharts.ts';

/** The system itself: health, metrics, the tree, an actor, the charts. */
const PROBE = record({ ok: { type: 'boolean' }, detail: text('In words') });
const HEALTH = record({
  live: { type: 'boolean', description: 'The runtime draws its picture' },
  ready: { type: 'boolean', description: 'Every account is reconciled and its link is live' },
  probes: { type: 'object', additionalProperties: PROBE, description: 'By name' },
});
const TREE_LINE = record({
  path: text('Path; its parent is what comes before the last dot'),
  type: text('worker or supervisor'),
  status: text('running, restarting, parked, administrativelyDown, …'),
  incarnation: { type: 'integer' },
  restarts: { type: 'integer' },
  mailboxDepth: { type: 'integer' },
  budget: maybe(open('Restarts allowed, and left, of a supervisor')),
});
const PATH = { ...text('Path of an actor'), maxLength: 300 } as const;

const registerHealth = (app: FastifyInstance, stage: Backstage): void => {
  const schema = (summary: string) => ({
    tags: ['system'],
    summary,
    response: { 200: HEALTH, 503: HEALTH },
  });
  const send = (reply: FastifyReply, report: HealthReport, isGood: boolean): FastifyReply =>
    reply.code(isGood ? 200 : 503).send(report);
  app.get('/health', { schema: schema('Everything that is probed') }, (_, reply) =>
    send(reply, healthOf(stage), true),
  );
  app.get(
    '/health/live',
    { config: { access: 'public' }, schema: schema('503 unless the runtime shows itself') },
    (_, reply) => {
      const { live, ready } = healthOf(stage);
      return send(reply, { live, ready, probes: {} }, live);
    },
  );
  app.get(
    '/health/ready',
    { config: { access: 'public' }, schema: schema('503 unless every account may trade') },
    (_, reply) => {
      const { live, ready } = healthOf(stage);
      return send(reply, { live, ready, probes: {} }, ready);
    },
  );
};

const registerActors = (app: FastifyInstance, stage: Backstage): void => {
  app.get(
    '/tree',
    {
      schema: {
        tags: ['system'],
        summary: 'The supervision tree, depth first, in start order',
        response: answers(record({ rows: list(TREE_LINE) })),
      },
    },
    (_, reply) => reply.send({ rows: viewOf(stage).tree }),
  );
  app.get<{ Params: { readonly path: string } }>(
    '/actors/:path',
    {
      schema: {
        tags: ['system'],
        summary: 'One actor: state, mailbox, charts, last moves and messages, crashes, budget',
        params: record({ path: PATH }),
        response: answers(open('See ActorDetail')),
      },
    },
    async (request, reply) => {
      const { path } = request.params;
      const detail: ActorDetail | null = await stage.ask({ type: 'actor', path });
      if (detail === null) {
        throw notFound(`Nothing lives at ${path}.`, 'GET /tree lists every path.');
      }
      return reply.send(detail);
    },
  );
};

const registerCharts = (app: FastifyInstance, stage: Backstage): void => {
  app.get(
    '/statecharts',
    {
      schema: {
        tags: ['system'],
        summary: 'Names of the drawn charts, and the active states of those that live somewhere',
        response: answers(record({ names: list(text('Name')), live: list(open('Chart')) })),
      },
    },
    (_, reply) => reply.send({ names: chartNames(), live: viewOf(stage).charts }),
  );
  app.get<{ Params: { readonly name: string } }>(
    '/statecharts/:name.svg',
    {
      schema: {
        tags: ['system'],
        summary: 'The drawing of a chart; each state is a group with data-state',
        params: record({ name: { ...text('Name'), maxLength: 64 } }),
      },
    },
    (request, reply) => {
      const { name } = request.params;
      const svg = chartSvg(name);
      if (svg === undefined) throw notFound(`No chart ${name}.`, 'GET /statecharts lists them.');
      return reply.header('content-type', 'image/svg+xml; charset=utf-8').send(svg);
    },
  );
};

export const systemRoutes = (app: FastifyInstance, stage: Backstage): void => {
  registerHealth(app, stage);
  registerActors(app, stage);
  registerCharts(app, stage);
  app.get(
    '/metrics',
    {
      schema: {
        tags: ['system'],
        summary: 'Prometheus text format; docs/metrics.md says what each means',
      },
    },
    async (_, reply) => {
      const body = await stage.ask({ type: 'metrics' });
      return reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send(body);
    },
  );
};
