import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Backstage } from '../backstage.ts';
import { SESSION_COOKIE } from '../gatekeeper.ts';
import { INSPECTOR_LIMITS } from '../inspector-limits.ts';
import { ProblemError } from '../problem.ts';
import { answers, list, record, text } from '../schemas.ts';

/** Who one is here, and how to become somebody: by the printed link, or by a token. */
const LEVEL = record({
  level: { type: 'string', enum: ['stranger', 'reader', 'writer'] },
  mayRead: { type: 'boolean' },
  accounts: list(text('Login; empty for who may not read')),
});
const CONFIG = {
  access: 'public',
  rateLimit: { max: INSPECTOR_LIMITS.loginsPerMinute, timeWindow: 60_000 },
} as const;

const refused = (detail: string): ProblemError =>
  new ProblemError({
    status: 401,
    code: 'unauthorized',
    title: 'Who are you?',
    detail,
    remedy: 'Use the token in the file api-token of the data directory.',
  });

const welcome = (reply: FastifyReply, id: string): FastifyReply =>
  reply.setCookie(SESSION_COOKIE, id, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    maxAge: INSPECTOR_LIMITS.sessionMs / 1_000,
  });

export const sessionRoutes = (app: FastifyInstance, stage: Backstage): void => {
  const { control, data } = stage;
  app.get(
    '/session',
    {
      config: { access: 'public' },
      schema: { tags: ['session'], summary: 'Who one is here', response: answers(LEVEL) },
    },
    ({ level }, reply) => {
      const mayRead = control.allows(level, 'read');
      return reply.send({ level, mayRead, accounts: mayRead ? data.accounts : [] });
    },
  );
  app.post<{ Body: { readonly token: string } }>(
    '/session',
    {
      config: CONFIG,
      schema: {
        tags: ['session'],
        summary: 'Exchanges a token for a session of this browser',
        body: record({ token: { ...text('Read or write token'), maxLength: 512 } }),
        response: answers(LEVEL),
      },
    },
    ({ body }, reply) => {
      const level = control.levelOfToken(body.token);
      if (level === 'stranger') throw refused('This is no token of this runtime.');
      return welcome(reply, control.openSession(level)).send({
        level,
        mayRead: true,
        accounts: data.accounts,
      });
    },
  );
  app.delete(
    '/session',
    {
      config: { access: 'public' },
      schema: { tags: ['session'], summary: 'Ends the session of this browser' },
    },
    (request, reply) => {
      const id = request.cookies[SESSION_COOKIE];
      if (id !== undefined) control.closeSession(id);
      return reply.clearCookie(SESSION_COOKIE, { path: '/' }).code(204).send();
    },
  );
  app.get<{ Querystring: { readonly code: string } }>(
    '/login',
    {
      config: CONFIG,
      schema: {
        tags: ['session'],
        summary: 'The printed link: good once, for a quarter of an hour',
        querystring: record({ code: { ...text('Code'), maxLength: 128 } }),
      },
    },
    ({ query: { code } }, reply) => {
      if (!control.redeem(code)) throw refused('This link was used before, or is too old.');
      return welcome(reply, control.openSession('writer')).redirect('/', 303);
    },
  );
};
