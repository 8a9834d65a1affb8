import type { FastifyReply } from 'fastify';

/** RFC 9457. `code` is for programs, `remedy` says what to do next. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly remedy?: string;
  readonly [extension: string]: unknown;
}

export const PROBLEM_TYPE = 'application/problem+json';

/** Thrown by routes; the error handler answers with it. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

export const sendProblem = (reply: FastifyReply, problem: Problem): FastifyReply =>
  reply
    .code(problem.status)
    .header('content-type', PROBLEM_TYPE)
    .serializer(JSON.stringify)
    .send({ type: `urn:bulwark:problem:${problem.code}`, ...problem });

export const notFound = (what: string, remedy: string): ProblemError =>
  new ProblemError({ status: 404, code: 'notFound', title: 'Not found', detail: what, remedy });

export const badRequest = (detail: string, remedy?: string): ProblemError =>
  new ProblemError({
    status: 400,
    code: 'badRequest',
    title: 'The request is not understood',
    detail,
    ...(remedy === undefined ? {} : { remedy }),
  });

export const unavailable = (detail: string): ProblemError =>
  new ProblemError({
    status: 503,
    code: 'unavailable',
    title: 'Not available now',
    detail,
    remedy: 'Try again in a moment.',
  });
