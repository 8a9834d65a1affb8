import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { OperatorCommand, OperatorReply } from '../../actors/operator/operator-types.ts';
import { accountNamed, type Backstage } from '../backstage.ts';
import { INSPECTOR_LIMITS } from '../inspector-limits.ts';
import { sendProblem } from '../problem.ts';
import { ACCOUNT_QUERY, answers, list, maybe, open, query, record, text } from '../schemas.ts';

/** What a person may order. Everything goes through the operator's one door, as on the CLI. */
const REASON = { ...text('Why, for the record'), minLength: 1, maxLength: 200 } as const;
const DONE = record({
  done: list(record({ account: maybe(text('Login')), text: text('What was done') })),
  result: { type: ['object', 'array', 'null'], additionalProperties: true },
});
const ANSWERS = answers(DONE);

interface AccountQuery {
  readonly account?: string;
}

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  INVALID: 400,
  REASON_MISSING: 400,
  WRONG_ACCOUNT_TYPED: 400,
  UNKNOWN_ACCOUNT: 404,
  UNKNOWN_SYMBOL: 404,
  UNKNOWN_STRATEGY: 404,
  UNKNOWN_ACTOR: 404,
  NO_ANSWER: 504,
};

const sendReply = (reply: FastifyReply, answer: OperatorReply): FastifyReply => {
  if (answer.ok) return reply.send({ done: answer.done, result: answer.result });
  const [first] = answer.refusals;
  const code = first?.code ?? 'INVALID';
  return sendProblem(reply, {
    status: STATUS_BY_CODE[code] ?? 409,
    code,
    title: 'The command was refused',
    detail: answer.refusals.map(({ cause }) => cause).join(' '),
    remedy: first?.remedy ?? '',
    refusals: answer.refusals,
    done: answer.done,
  });
};

const orderTo = async (
  stage: Backstage,
  request: FastifyRequest,
  command: OperatorCommand,
): Promise<OperatorReply> => {
  const { account } = request.query as AccountQuery;
  return stage.ask({
    type: 'operator',
    origin: 'api',
    by: request.ip,
    account: account === 'all' ? account : accountNamed(stage, account),
    command,
  });
};

const WRITE = {
  config: {
    access: 'write',
    rateLimit: { max: INSPECTOR_LIMITS.commandsPerMinute, timeWindow: 60_000 },
  },
} as const;
const QUERY = query(ACCOUNT_QUERY);

const BODIES = {
  halt: 'Opens nothing more; what is open stays with its stops',
  resume: "Lifts an operator's halt, and nothing else",
  flatten: 'Halts, cancels every order, closes every position',
  kill: 'Flattens and locks; only rearm leads out',
} as const;

const registerModes = (app: FastifyInstance, stage: Backstage): void => {
  for (const [type, summary] of Object.entries(BODIES)) {
    app.post<{ Body: { readonly reason: string } }>(
      `/commands/${type}`,
      {
        ...WRITE,
        schema: {
          tags: ['commands'],
          summary,
          querystring: QUERY,
          body: record({ reason: REASON }),
          response: ANSWERS,
        },
      },
      async (request, reply) => {
        const { reason } = request.body;
        const command = { type: type as keyof typeof BODIES, reason };
        return sendReply(reply, await orderTo(stage, request, command));
      },
    );
  }
  app.post<{ Body: { readonly reason: string; readonly account: string } }>(
    '/commands/rearm',
    {
      ...WRITE,
      schema: {
        tags: ['commands'],
        summary: 'Leaves a lock; needs the login typed, a reason and a green reconciliation',
        querystring: QUERY,
        body: record({
          account: { ...text("The account's login, typed by a person"), maxLength: 20 },
          reason: REASON,
        }),
        response: ANSWERS,
      },
    },
    async (request, reply) => {
      const { reason, account: typed } = request.body;
      return sendReply(reply, await orderTo(stage, request, { type: 'rearm', typed, reason }));
    },
  );
};

const registerParts = (app: FastifyInstance, stage: Backstage): void => {
  const id = { ...text('Strategy id, e.g. atr-breakout:EURUSD'), maxLength: 200 };
  for (const verb of ['enable', 'disable'] as const) {
    app.post<{ Params: { readonly id: string } }>(
      `/strategies/:id/${verb}`,
      {
        ...WRITE,
        schema: {
          tags: ['commands'],
          summary: verb === 'enable' ? 'Starts a strategy again' : 'Stops a strategy',
          params: record({ id }),
          querystring: QUERY,
          response: ANSWERS,
        },
      },
      async (request, reply) => {
        const command = { type: `strategy.${verb}`, id: request.params.id } as const;
        return sendReply(reply, await orderTo(stage, request, command));
      },
    );
  }
  app.post<{ Params: { readonly path: string } }>(
    '/actors/:path/restart',
    {
      ...WRITE,
      schema: {
        tags: ['commands'],
        summary: 'Ends an actor and lets its supervisor start it again',
        params: record({ path: { ...text('Path'), maxLength: 300 } }),
        querystring: QUERY,
        response: ANSWERS,
      },
    },
    async (request, reply) => {
      const command = { type: 'actor.restart', path: request.params.path } as const;
      return sendReply(reply, await orderTo(stage, request, command));
    },
  );
};

export const commandRoutes = (app: FastifyInstance, stage: Backstage): void => {
  registerModes(app, stage);
  registerParts(app, stage);
  app.get<{ Querystring: AccountQuery & { readonly symbol?: string } }>(
    '/why',
    {
      schema: {
        tags: ['system'],
        summary: 'Why a symbol, or every symbol, is not trading now',
        querystring: query({
          ...ACCOUNT_QUERY,
          symbol: { ...text('Symbol; without it all'), maxLength: 32 },
        }),
        response: answers(record({ rows: list(open('See SymbolExplanation')) })),
      },
    },
    async (request, reply) => {
      const { symbol } = request.query;
      const answer = await orderTo(stage, request, {
        type: 'why',
        ...(symbol === undefined ? {} : { symbol }),
      });
      return answer.ok ? reply.send({ rows: answer.result }) : sendReply(reply, answer);
    },
  );
};
