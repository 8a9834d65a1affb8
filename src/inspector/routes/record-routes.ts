import type { FastifyInstance } from 'fastify';
import { BadCursor, type Page } from '../../audit/pages.ts';
import { AUDIT_TABLES, type AuditTableName } from '../../audit/tables.ts';
import { accountNamed, type Backstage, instantOf } from '../backstage.ts';
import { INSPECTOR_LIMITS } from '../inspector-limits.ts';
import { badRequest, notFound } from '../problem.ts';
import {
  ACCOUNT_QUERY,
  answers,
  list,
  maybe,
  open,
  PAGE_QUERY,
  pageOf,
  query,
  record,
  rowOf,
  text,
} from '../schemas.ts';
import { sendCsv, tableAnswers, wantsCsv } from './csv-answers.ts';

/** What was recorded: signals, orders, trades, events, and the whole story of an order. */
interface PageQuery {
  readonly account?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly cursor?: string;
  readonly [filter: string]: string | number | undefined;
}
interface Listing {
  readonly url: string;
  readonly table: AuditTableName;
  readonly summary: string;
  /** Query parameter → column. */
  readonly filters: Readonly<Record<string, string>>;
  readonly fixed?: Readonly<Record<string, string>>;
}

const LISTINGS: readonly Listing[] = [
  {
    url: '/signals',
    table: 'signals',
    summary: 'What strategies wished for, with the verdict on each',
    filters: { symbol: 'symbol', strategy: 'strategy_id', verdict: 'verdict', code: 'denial_code' },
  },
  {
    url: '/orders',
    table: 'orders',
    summary: 'Orders with their states, refused ones too',
    filters: { symbol: 'symbol', strategy: 'strategy_id', state: 'state', code: 'denial_code' },
  },
  {
    url: '/trades/history',
    table: 'trades',
    summary: 'Closed trades',
    filters: { symbol: 'symbol', strategy: 'strategy_id', side: 'side' },
    fixed: { state: 'closed' },
  },
  {
    url: '/events',
    table: 'events',
    summary: 'Everything a person may want to find later',
    filters: { severity: 'severity', code: 'code', kind: 'kind', path: 'path' },
  },
];

const pageFor = (
  stage: Backstage,
  listing: Listing,
  { account, from, to, limit, cursor, ...given }: PageQuery,
  isCsv: boolean,
): Page<AuditTableName> => {
  const equal: Record<string, string> = { ...listing.fixed };
  for (const [name, column] of Object.entries(listing.filters)) {
    const value = given[name];
    if (value !== undefined) equal[column] = String(value);
  }
  try {
    return stage.records.pages().page(listing.table, {
      accountId: accountNamed(stage, account),
      fromMs: instantOf('from', from),
      toMs: instantOf('to', to),
      equal,
      // A file is wanted whole.
      limit: isCsv && cursor === undefined ? INSPECTOR_LIMITS.csvRows : limit,
      cursor,
    });
  } catch (error) {
    if (error instanceof BadCursor) throw badRequest(error.message, 'Begin without a cursor.');
    throw error;
  }
};

const registerListing = (app: FastifyInstance, stage: Backstage, listing: Listing): void => {
  const filters = Object.fromEntries(
    Object.keys(listing.filters).map((name) => [
      name,
      { ...text(`Only rows with this ${name}`), maxLength: 200 },
    ]),
  );
  app.get<{ Querystring: PageQuery }>(
    listing.url,
    {
      schema: {
        tags: ['records'],
        summary: listing.summary,
        description: 'Newest first, in pages. `Accept: text/csv` gives all rows as CSV.',
        querystring: query({ ...PAGE_QUERY, ...filters }),
        response: tableAnswers(pageOf(listing.table)),
      },
    },
    (request, reply) => {
      const isCsv = wantsCsv(request);
      const page = pageFor(stage, listing, request.query, isCsv);
      const { columns } = AUDIT_TABLES[listing.table];
      return isCsv ? sendCsv(reply, columns, page.rows) : reply.send(page);
    },
  );
};

const registerOpenTrades = (app: FastifyInstance, stage: Backstage): void => {
  app.get<{ Querystring: { readonly account?: string } }>(
    '/trades/open',
    {
      schema: {
        tags: ['records'],
        summary: 'Trades that are open, wholly or in part',
        querystring: query(ACCOUNT_QUERY),
        response: tableAnswers(record({ rows: list(rowOf('trades')) })),
      },
    },
    (request, reply) => {
      const accountId = accountNamed(stage, request.query.account);
      const rows = stage.records.queries().trades({ accountId, states: ['open', 'partlyClosed'] });
      const { columns } = AUDIT_TABLES.trades;
      return wantsCsv(request) ? sendCsv(reply, columns, rows) : reply.send({ rows });
    },
  );
};

const STEP = record({
  at: text('Session time, ISO 8601 UTC'),
  kind: text('What became durable'),
  what: open('The entry as the journal has it'),
});

/** bigint and the like as text. */
const plain = (value: unknown): Record<string, unknown> =>
  JSON.parse(
    JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}` : item)),
  ) as Record<string, unknown>;

const registerStory = (app: FastifyInstance, stage: Backstage): void => {
  app.get<{ Params: { readonly id: string }; Querystring: { readonly account?: string } }>(
    '/orders/:id/story',
    {
      schema: {
        tags: ['records'],
        summary: 'An order from its signal to its deals, step by step, with times',
        params: record({ id: { ...text('Intent id'), maxLength: 64 } }),
        querystring: query(ACCOUNT_QUERY),
        response: answers(
          record({
            order: rowOf('orders'),
            signal: maybe({ ...open('The signal it came from') }),
            steps: list(STEP),
          }),
        ),
      },
    },
    (request, reply) => {
      const accountId = accountNamed(stage, request.query.account);
      const { id } = request.params;
      const pages = stage.records.pages();
      const [order] = pages.page('orders', { accountId, equal: { intent_id: id }, limit: 1 }).rows;
      if (order === undefined) {
        throw notFound(`No order has the intent id ${id}.`, 'GET /orders lists them.');
      }
      const signalId = String(order.signal_id);
      const equal = { signal_id: signalId };
      const [signal] = pages.page('signals', { accountId, equal, limit: 1 }).rows;
      const steps = stage.records.journal().ofIntent(accountId, id);
      return reply.send({
        order,
        signal: signal ?? null,
        steps: steps.map(({ seq: _seq, accountId: _account, at, kind, ...what }) => ({
          at: new Date(at).toISOString(),
          kind,
          what: plain(what),
        })),
      });
    },
  );
};

export const recordRoutes = (app: FastifyInstance, stage: Backstage): void => {
  for (const listing of LISTINGS) registerListing(app, stage, listing);
  registerOpenTrades(app, stage);
  registerStory(app, stage);
};
