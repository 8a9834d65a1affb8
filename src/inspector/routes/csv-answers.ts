import type { FastifyReply, FastifyRequest } from 'fastify';
import { csvCell, csvRecord } from '../../audit/csv.ts';
import type { CellType, SqlValue } from '../../audit/tables.ts';
import { ProblemError } from '../problem.ts';
import { answers, type JsonSchema, text } from '../schemas.ts';

/** Tables that are JSON for programs and CSV for whoever asks for it (RFC 9110, section 12.5.1). */
export type CsvColumns = Readonly<Record<string, CellType>>;

const JSON_TYPE = 'application/json';
const CSV_TYPE = 'text/csv';

/** What the caller likes best of both; JSON where it has no preference. */
export const wantsCsv = (request: FastifyRequest): boolean => {
  const liked = request.accepts().type([JSON_TYPE, CSV_TYPE]);
  if (liked !== false) return liked === CSV_TYPE;
  throw new ProblemError({
    status: 406,
    code: 'notAcceptable',
    title: 'Not acceptable',
    detail: `There is no answer of the type ${String(request.headers.accept).slice(0, 100)}.`,
    remedy: `Accept ${JSON_TYPE} or ${CSV_TYPE}.`,
  });
};

export const sendCsv = (
  reply: FastifyReply,
  columns: CsvColumns,
  rows: readonly object[],
): FastifyReply => {
  const cells = Object.entries(columns);
  const lines = rows.map((row) => {
    const values = row as Readonly<Record<string, SqlValue | undefined>>;
    return csvRecord(cells.map(([name, type]) => csvCell(values[name] ?? null, type)));
  });
  return reply
    .header('content-type', `${CSV_TYPE}; charset=utf-8; header=present`)
    .serializer((body: unknown) => String(body))
    .send(csvRecord(cells.map(([name]) => name)) + lines.join(''));
};

/** The answers of such a table, both types named in the OpenAPI document. */
export const tableAnswers = (ok: JsonSchema): Readonly<Record<string, object>> => ({
  ...answers(ok),
  200: {
    description: 'The rows',
    content: {
      [JSON_TYPE]: { schema: ok },
      [CSV_TYPE]: { schema: text('RFC 4180, with a header') },
    },
  },
});
