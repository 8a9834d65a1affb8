import type { FastifyInstance } from 'fastify';
import { performanceByHour, performanceByPair, performanceOf } from '../../audit/performance.ts';
import type { AuditRow } from '../../audit/queries.ts';
import { accountNamed, accountOf, type Backstage, instantOf, viewOf } from '../backstage.ts';
import { thinned } from '../equity-curve.ts';
import { INSPECTOR_LIMITS } from '../inspector-limits.ts';
import {
  ACCOUNT_QUERY,
  answers,
  count,
  list,
  maybe,
  open,
  query,
  record,
  TIME_QUERY,
  text,
} from '../schemas.ts';
import { type CsvColumns, sendCsv, tableAnswers, wantsCsv } from './csv-answers.ts';

/** The account as it stands, its rules, and how it has done. */
interface AccountQuery {
  readonly account?: string;
  readonly from?: string;
  readonly to?: string;
}
const NUMBER = { type: ['number', 'null'], description: 'null: not defined' } as const;
const FIGURES = {
  trades: count('Closed trades'),
  wins: count('Net above zero'),
  losses: count('Net below zero'),
  winRate: NUMBER,
  gross: text('Before costs'),
  costs: text('Commission and swap; negative costs money'),
  net: text('What it changed the balance by'),
  averageWin: maybe(text('Mean of the wins')),
  averageLoss: maybe(text('Mean of the losses')),
  best: maybe(text('Best trade')),
  worst: maybe(text('Worst trade')),
  profitFactor: NUMBER,
  expectancy: maybe(text('Mean per trade')),
} as const;
const decimals = (names: readonly string[]): CsvColumns =>
  Object.fromEntries(names.map((name) => [name, 'decimal']));
const PAIR_COLUMNS: CsvColumns = { symbol: 'text', ...decimals(Object.keys(FIGURES)) };
const HOUR_COLUMNS = decimals(['weekday', 'hour', 'trades', 'wins', 'net']);
const POINT_COLUMNS: CsvColumns = {
  at: 'time',
  ...decimals(['balance', 'equity', 'dailyFloor', 'totalFloor']),
};
const HOUR = record({
  weekday: { type: 'integer', minimum: 0, maximum: 6, description: '0 is Sunday' },
  hour: { type: 'integer', minimum: 0, maximum: 23, description: 'UTC' },
  trades: count('Closed trades opened in that hour'),
  wins: count('Net above zero'),
  net: text('Net of them'),
});
const POINT = record({
  at: text('Session time'),
  balance: text('Balance'),
  equity: text('Equity'),
  dailyFloor: text('Daily floor'),
  totalFloor: text('Total floor'),
});

const tradesOf = (stage: Backstage, { account, from }: AccountQuery) => {
  const accountId = accountNamed(stage, account);
  const fromMs = instantOf('from', from);
  const since = fromMs === undefined ? {} : { fromMs };
  return stage.records.queries().trades({ accountId, ...since });
};

const registerAccount = (app: FastifyInstance, stage: Backstage): void => {
  app.get<{ Querystring: AccountQuery }>(
    '/account',
    {
      schema: {
        tags: ['account'],
        summary: 'Balance, equity, floors, mode, positions and orders, as the guard knows them now',
        querystring: query(ACCOUNT_QUERY),
        response: answers(open('See AccountStatus')),
      },
    },
    (request, reply) => {
      const account = accountOf(stage, request.query.account);
      const sentence = viewOf(stage).sentences[account.login] ?? '';
      return reply.send({ sentence, ...account });
    },
  );
  app.get<{ Querystring: AccountQuery }>(
    '/rules',
    {
      schema: {
        tags: ['account'],
        summary: 'The rule set, its phase, both floors, headroom and progress',
        querystring: query(ACCOUNT_QUERY),
        response: answers(open('Rules and progress')),
      },
    },
    (request, reply) => {
      const { login, rules, currency, floors, equity, balance, progress, evaluation } = accountOf(
        stage,
        request.query.account,
      );
      const figures = { rules, currency, balance, equity, floors, progress, evaluation };
      return reply.send({ account: login, ...figures });
    },
  );
};

const registerPerformance = (app: FastifyInstance, stage: Backstage): void => {
  const { to: _to, ...since } = TIME_QUERY;
  const querystring = query({ ...ACCOUNT_QUERY, ...since });
  const tags = ['performance'];
  app.get<{ Querystring: AccountQuery }>(
    '/performance/summary',
    {
      schema: {
        tags,
        summary: 'What the closed trades came to',
        querystring,
        response: answers(record(FIGURES)),
      },
    },
    (request, reply) => reply.send(performanceOf(tradesOf(stage, request.query))),
  );
  app.get<{ Querystring: AccountQuery }>(
    '/performance/by_pair',
    {
      schema: {
        tags,
        summary: 'The same, by symbol',
        querystring,
        response: tableAnswers(
          record({ rows: list(record({ symbol: text('Symbol'), ...FIGURES })) }),
        ),
      },
    },
    (request, reply) => {
      const rows = performanceByPair(tradesOf(stage, request.query));
      return wantsCsv(request) ? sendCsv(reply, PAIR_COLUMNS, rows) : reply.send({ rows });
    },
  );
  app.get<{ Querystring: AccountQuery }>(
    '/performance/by_hour',
    {
      schema: {
        tags,
        summary: 'Closed trades by weekday and hour of their opening (UTC)',
        querystring,
        response: tableAnswers(record({ rows: list(HOUR) })),
      },
    },
    (request, reply) => {
      const rows = performanceByHour(tradesOf(stage, request.query));
      return wantsCsv(request) ? sendCsv(reply, HOUR_COLUMNS, rows) : reply.send({ rows });
    },
  );
};

const pointOf = (row: AuditRow<'account_snapshots'>) => ({
  at: String(row.at),
  balance: String(row.balance),
  equity: String(row.equity),
  dailyFloor: String(row.daily_floor),
  totalFloor: String(row.total_floor),
});

const registerCurve = (app: FastifyInstance, stage: Backstage): void => {
  app.get<{ Querystring: AccountQuery & { readonly points: number } }>(
    '/equity/curve',
    {
      schema: {
        tags: ['account'],
        summary: 'Equity and balance against both floors, oldest first',
        description: 'Thinned to about `points`; the lowest equity of each stretch is kept.',
        querystring: query({
          ...ACCOUNT_QUERY,
          ...TIME_QUERY,
          points: {
            type: 'integer',
            minimum: 10,
            maximum: INSPECTOR_LIMITS.curvePoints,
            default: 500,
            description: 'Most points',
          },
        }),
        response: tableAnswers(record({ rows: list(POINT) })),
      },
    },
    (request, reply) => {
      const { account, from, to, points } = request.query;
      const accountId = accountNamed(stage, account);
      const { rows } = stage.records.pages().page('account_snapshots', {
        accountId,
        fromMs: instantOf('from', from),
        toMs: instantOf('to', to),
        limit: INSPECTOR_LIMITS.csvRows,
      });
      const curve = thinned(rows.map(pointOf).reverse(), points);
      return wantsCsv(request) ? sendCsv(reply, POINT_COLUMNS, curve) : reply.send({ rows: curve });
    },
  );
};

export const accountRoutes = (app: FastifyInstance, stage: Backstage): void => {
  registerAccount(app, stage);
  registerPerformance(app, stage);
  registerCurve(app, stage);
};
