import * as Schema from 'effect/Schema';
import { LOG_LEVELS } from '../domain/log-level.ts';
import { choice, integer, number, secret, text } from './fields.ts';

/** The sections of those who watch and tell: they decide nothing. */
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const token = (what: string) => Schema.optionalKey(secret(what));
export const api = Schema.Struct({
  host: text(/^\S{1,253}$/, 'a host name or address', 'the address of page and API', '127.0.0.1'),
  port: Schema.optionalKey(
    integer(0, 65_535, 'the TCP port of page and API, 0 for any free one', 8420),
  ),
  readToken: token('the secret without which nothing can be read; needed beyond loopback'),
  allowedHosts: Schema.Array(
    text(/^[A-Za-z0-9.-]{1,253}$/, 'a host name', 'a name under which the page is reached', 'desk'),
  )
    .check(Schema.isMaxLength(16))
    .annotate({ description: 'other names of the page, a list', examples: [['desk.example']] }),
  requestsPerMinute: integer(10, 1_000_000, 'requests per minute from one address', 1_200),
});

const severity = choice(['info', 'warning', 'error'], 'the mildest alert that is sent');
const url = (what: string, example: string) =>
  text(/^https?:\/\/\S{1,500}$/, 'an http or https address', what, example);
export const alerts = Schema.Struct({
  telegram: Schema.optionalKey(
    Schema.Struct({
      token: secret("the bot's token, from BotFather"),
      chatId: Schema.Int.annotate({
        description: 'the only chat that is written to and listened to',
        examples: [123_456_789],
      }),
      least: Schema.optionalKey(severity),
      apiBase: Schema.optionalKey(url('a server that speaks the Bot API', 'http://127.0.0.1:8081')),
    }),
  ),
  webhooks: Schema.Array(
    Schema.Struct({
      url: secret('the address that alerts are posted to'),
      secret: Schema.optionalKey(secret('the key that alerts are signed with')),
      least: Schema.optionalKey(severity),
    }),
  )
    .check(Schema.isMaxLength(8))
    .annotate({
      description: 'servers that alerts are posted to, a list',
      examples: [[{ url: 'https://desk.example/bulwark' }]] as never,
    }),
  heartbeat: Schema.optionalKey(
    Schema.Struct({
      url: secret('the address that is asked for while the runtime lives'),
      everyMs: integer(SECOND, HOUR, 'milliseconds between two requests', 60_000),
    }),
  ),
});

export const traces = Schema.Struct({
  endpoint: Schema.optionalKey(
    url(
      'the address that traces are posted to (OTLP over HTTP)',
      'http://127.0.0.1:4318/v1/traces',
    ),
  ),
  headers: Schema.optionalKey(
    secret('headers for the collector, as name=value with commas in between'),
  ),
  samplingRatio: number(0, 1, 'part of all traces that is kept, 0 to 1', 1),
});

export const LOG_LEVEL_NAMES = [...LOG_LEVELS, 'off'] as const;
export const log = Schema.Struct({
  level: choice(LOG_LEVEL_NAMES, 'the mildest line that is written to the log; off: none'),
  maxFileMb: integer(1, 1_000, 'megabytes after which the log goes on in a new file', 10),
  maxFiles: integer(2, 100, 'files of the log that are kept, the newest included', 5),
});

export const consoleView = Schema.Struct({
  refreshMs: integer(50, MINUTE, 'milliseconds between two pictures of the console', 250),
});
