import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import accepts from '@fastify/accepts';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { fastifySSE as sse } from '@fastify/sse';
import files from '@fastify/static';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import fresh from 'fresh';
import { builtBeside } from '../domain/built-file.ts';
import type { Backstage } from './backstage.ts';
import { guardDoors } from './gatekeeper.ts';
import { INSPECTOR_LIMITS } from './inspector-limits.ts';
import { ProblemError, sendProblem } from './problem.ts';
import { accountRoutes } from './routes/account-routes.ts';
import { commandRoutes } from './routes/command-routes.ts';
import { liveRoutes } from './routes/live-routes.ts';
import { recordRoutes } from './routes/record-routes.ts';
import { sessionRoutes } from './routes/session-routes.ts';
import { systemRoutes } from './routes/system-routes.ts';

/** Nothing but our own files, and no frame around us. */
const SECURITY = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  // Plain HTTP on loopback; whoever puts TLS in front of it sets this there.
  strictTransportSecurity: false,
  referrerPolicy: { policy: 'no-referrer' },
} as const;

const etagOf = (body: string): string =>
  `W/"${createHash('sha1').update(body).digest('base64url')}"`;

/** A reader that has the same already gets no body (RFC 9110, section 13.1.2). */
const tagAnswers = (app: FastifyInstance): void => {
  app.addHook('onSend', async (request, reply, payload) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const isTagged = isRead && reply.statusCode === 200;
    if (!isTagged || typeof payload !== 'string') return payload;
    const etag = etagOf(payload);
    reply
      .header('etag', etag)
      .header('cache-control', 'private, no-cache')
      .header('vary', 'accept');
    if (!fresh(request.headers, { etag })) return payload;
    reply.code(304).removeHeader('content-length');
    return '';
  });
};

const answerProblems = (app: FastifyInstance, stage: Backstage): void => {
  app.setErrorHandler((error: FastifyError | ProblemError, _request, reply) => {
    if (error instanceof ProblemError) return sendProblem(reply, error.problem);
    const status = error.statusCode ?? 500;
    if (status >= 500) {
      const detail = error.message.slice(0, 300);
      stage.note({ severity: 'warning', code: 'inspector.error', detail });
    }
    return sendProblem(reply, {
      status,
      code: status === 429 ? 'tooManyRequests' : status >= 500 ? 'internal' : 'badRequest',
      title: status === 429 ? 'Too many requests' : status >= 500 ? 'Failed' : 'Not understood',
      // What broke inside is for the log, not for a stranger.
      detail:
        status >= 500 ? 'The inspector could not answer; its event log says why.' : error.message,
    });
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, {
      status: 404,
      code: 'notFound',
      title: 'Not found',
      detail: `There is nothing at ${request.method} ${request.url.split('?')[0]?.slice(0, 100)}.`,
      remedy: 'GET /docs lists everything.',
    }),
  );
};

const documentApi = async (app: FastifyInstance, version: string): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Bulwark inspector',
        version,
        description:
          'What a running Bulwark is doing and has done, and the commands of a person. Money, ' +
          'prices and volumes are decimal texts; instants are ISO 8601 UTC in session time.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
};

const PAGE_FOLDER = (): string => fileURLToPath(builtBeside(import.meta.url, 'page/'));

/** The page: its own files are named by their content and may be kept for ever. */
const servePage = async (app: FastifyInstance): Promise<void> => {
  const root = PAGE_FOLDER();
  if (!existsSync(root)) return;
  app.addHook('onRoute', (route) => {
    if (route.url === '/' || route.url.startsWith('/assets/')) {
      route.config = { ...route.config, access: 'public' };
    }
  });
  await app.register(files, {
    root: `${root}assets`,
    prefix: '/assets/',
    immutable: true,
    maxAge: '365d',
    schemaHide: true,
  });
  app.get('/', { config: { access: 'public' }, schema: { hide: true } }, (_, reply) =>
    reply.header('cache-control', 'no-cache').sendFile('index.html', root),
  );
};

/** The whole web server, ready to listen or to be asked directly. */
export const buildServer = async (stage: Backstage): Promise<FastifyInstance> => {
  const app = fastify({
    bodyLimit: INSPECTOR_LIMITS.bodyBytes,
    routerOptions: { maxParamLength: 300 },
    // Refused before there is a route: no handler of ours is asked.
    frameworkErrors: (error, _request, reply) => {
      void sendProblem(reply as FastifyReply, {
        status: error.statusCode ?? 400,
        code: 'badRequest',
        title: 'Not understood',
        detail: 'The address cannot be read, or is too long.',
      });
    },
    // A stream of a page that is open must not hold the shutdown up.
    forceCloseConnections: true,
    requestTimeout: 30_000,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: 'array' } },
  });
  await app.register(helmet, SECURITY);
  await app.register(cookie);
  await app.register(accepts);
  await app.register(rateLimit, {
    max: stage.data.requestsPerMinute,
    timeWindow: 60_000,
  });
  guardDoors(app, stage.data, stage.control);
  tagAnswers(app);
  answerProblems(app, stage);
  await app.register(sse);
  await documentApi(app, stage.data.version);
  await app.register((scope, _options, done) => {
    sessionRoutes(scope, stage);
    systemRoutes(scope, stage);
    accountRoutes(scope, stage);
    recordRoutes(scope, stage);
    commandRoutes(scope, stage);
    liveRoutes(scope, stage);
    done();
  });
  await servePage(app);
  await app.ready();
  return app;
};
