import { AUDIT_TABLES, type AuditTable, type AuditTableName } from '../audit/tables.ts';
import { INSPECTOR_LIMITS } from './inspector-limits.ts';

/**
 * JSON Schemas of what comes in and goes out: they validate, serialise, and are the OpenAPI document.
 * Money, prices and volumes are decimal texts; instants ISO 8601 UTC in session time.
 */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly default?: string | number;
}

export const text = (description: string): JsonSchema => ({ type: 'string', description });
export const maybe = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  type: [...[schema.type ?? 'string'].flat(), 'null'],
});
export const count = (description: string): JsonSchema => ({
  type: 'integer',
  minimum: 0,
  description,
});
export const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
/** An object of exactly these properties; all of them are there. */
export const record = (
  properties: Readonly<Record<string, JsonSchema>>,
  description?: string,
): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  ...(description === undefined ? {} : { description }),
});
/** Described by its source's types; passed on as it is. */
export const open = (description: string): JsonSchema => ({
  type: 'object',
  additionalProperties: true,
  description,
});

export const PROBLEM: JsonSchema = {
  type: 'object',
  description: 'A problem (RFC 9457)',
  additionalProperties: true,
  properties: {
    type: text('urn:bulwark:problem:CODE'),
    title: text('What kind of problem'),
    status: { type: 'integer' },
    code: text('For programs'),
    detail: text('What happened'),
    remedy: text('What to do next'),
  },
};

const PROBLEMS = { '4xx': PROBLEM, '5xx': PROBLEM } as const;
export const answers = (ok: JsonSchema): Readonly<Record<string, JsonSchema>> => ({
  200: ok,
  ...PROBLEMS,
});

const cellOf = (type: string): JsonSchema => {
  if (type === 'time') return { type: ['string', 'null'], description: 'ISO 8601, UTC' };
  if (type === 'decimal') return { type: ['string', 'number', 'null'], description: 'decimal' };
  return { type: ['string', 'null'] };
};
/** A row of one of the audit's tables. */
export const rowOf = (table: AuditTableName): JsonSchema => {
  const { columns }: AuditTable = AUDIT_TABLES[table];
  return record(
    Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, cellOf(type)])),
  );
};
export const pageOf = (table: AuditTableName): JsonSchema =>
  record({
    rows: list(rowOf(table)),
    next: maybe(text('Cursor of the next page; null at the end')),
  });

export const ACCOUNT_QUERY = {
  account: { ...text('Login; needed where several accounts run'), maxLength: 20 },
} as const;
const INSTANT = { maxLength: 32, pattern: '^\\d{4}-\\d\\d-\\d\\d(T[\\d:.]+Z)?$' } as const;
export const TIME_QUERY = {
  from: { ...text('Not before this instant, ISO 8601 UTC'), ...INSTANT },
  to: { ...text('Not after this instant, ISO 8601 UTC'), ...INSTANT },
} as const;
export const PAGE_QUERY = {
  ...ACCOUNT_QUERY,
  ...TIME_QUERY,
  limit: {
    type: 'integer',
    minimum: 1,
    maximum: INSPECTOR_LIMITS.rowsPerPage,
    default: 100,
    description: 'Rows of a page',
  },
  cursor: { ...text('`next` of the page before'), maxLength: 300 },
} as const satisfies Readonly<Record<string, JsonSchema>>;

export const query = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  type: 'object',
  properties,
  additionalProperties: false,
});
