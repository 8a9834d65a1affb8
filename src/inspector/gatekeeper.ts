import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access, AccessControl, Level } from './access.ts';
import { sendProblem } from './problem.ts';
import type { InspectorThreadData } from './protocol.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Default: read. */
    readonly access?: Access;
  }
  interface FastifyRequest {
    level: Level;
  }
}

export const SESSION_COOKIE = 'bulwark_session';

const hostNameOf = (header: string): string =>
  header
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();

const LOOPBACK_NAMES: readonly string[] = ['127.0.0.1', 'localhost', '::1'];

/** A page of another site can make a browser send requests here, under a name that it bought: only
 * names that are ours are answered. */
const isOurHost = (header: string | undefined, data: InspectorThreadData): boolean => {
  if (header === undefined) return false;
  const name = hostNameOf(header);
  return [...LOOPBACK_NAMES, data.host.toLowerCase(), ...data.allowedHosts].includes(name);
};

/** Whatever changes something has to come from our own page, or from no page at all. */
const isOurOrigin = ({ method, headers }: FastifyRequest): boolean => {
  if (method === 'GET' || method === 'HEAD') return true;
  const { origin, host } = headers;
  if (origin === undefined) return headers['sec-fetch-site'] !== 'cross-site';
  return origin === `http://${host}` || origin === `https://${host}`;
};

const bearerOf = (header: string | undefined): string | undefined =>
  /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header ?? '')?.[1];

const refuse = (reply: FastifyReply, level: Level, access: Access): FastifyReply => {
  if (level !== 'stranger') {
    return sendProblem(reply, {
      status: 403,
      code: 'forbidden',
      title: 'Not allowed',
      detail: `This needs the write token; yours may only read (${access} is asked for).`,
      remedy: 'Use the token in the file api-token of the data directory.',
    });
  }
  reply.header('www-authenticate', 'Bearer realm="bulwark"');
  return sendProblem(reply, {
    status: 401,
    code: 'unauthorized',
    title: 'Who are you?',
    detail: access === 'write' ? 'Commands need the write token.' : 'Reading needs a token here.',
    remedy: 'Send Authorization: Bearer TOKEN, or log in on the page.',
  });
};

/** Runs before everything else: whose host, whose page, whose token. */
export const guardDoors = (
  app: FastifyInstance,
  data: InspectorThreadData,
  control: AccessControl,
): void => {
  app.decorateRequest('level', 'stranger');
  app.addHook('onRequest', async (request, reply) => {
    if (!isOurHost(request.headers.host, data)) {
      return sendProblem(reply, {
        status: 421,
        code: 'wrongHost',
        title: 'Wrong host',
        detail: 'The Host header names somebody else.',
        remedy: 'Use the address that was printed, or add the name to api.allowedHosts.',
      });
    }
    if (!isOurOrigin(request)) {
      return sendProblem(reply, {
        status: 403,
        code: 'wrongOrigin',
        title: 'Wrong origin',
        detail: 'A page of another site sent this request.',
      });
    }
    const bearer = bearerOf(request.headers.authorization);
    const session = request.cookies[SESSION_COOKIE];
    request.level = control.levelOf({
      ...(bearer === undefined ? {} : { bearer }),
      ...(session === undefined ? {} : { session }),
    });
    const access = request.routeOptions.config.access ?? 'read';
    if (!control.allows(request.level, access)) return refuse(reply, request.level, access);
    return undefined;
  });
};
