import * as Schema from 'effect/Schema';
import { TIMEFRAMES, type Timeframe } from '../domain/market.ts';
import { BALANCE_OPERATIONS } from '../domain/trading.ts';
import { parseServerTz } from '../mt5/venue-time.ts';
import { EXTERNAL_POLICIES } from '../risk/external-policy.ts';
import {
  choice,
  decimal,
  integer,
  judged,
  number,
  secret,
  signedDecimal,
  symbol,
  text,
} from './fields.ts';
import { alerts, api, consoleView, log, traces } from './observers-schema.ts';

/**
 * The configuration document as people write it: in a file, in the environment, on the command
 * line. A key ends in its unit (Ms, Points, Percent, Lots); money is a decimal text in the account's
 * currency; instants are ISO 8601 in UTC. Every description here reaches people as a remedy.
 */
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const isoInstant = (value: string): true | string => {
  const shaped = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/.test(value);
  if (shaped && Number.isFinite(Date.parse(value))) return true;
  return 'Expected an ISO 8601 instant in UTC';
};
const serverTz = (value: string): true | string => {
  const parsed = parseServerTz(value);
  return parsed.ok || `${parsed.reason}; ${parsed.remedy}`;
};

const account = Schema.Struct({
  login: text(/^\d{1,20}$/, 'digits', 'the login number, as text', '5012345'),
  server: text(/^\S.{0,63}$/, 'a server name', "the broker's server name", 'Bulwark-Sim'),
  currency: text(/^[A-Z]{3}$/, 'three capital letters', "the account's currency", 'USD'),
  currencyDigits: integer(0, 8, 'decimal digits of the account currency', 2),
  initialBalance: decimal(
    'the balance that the rules count from, in account currency',
    '100000.00',
  ),
  leverage: integer(1, 2000, 'leverage as 1:n', 100),
  marginMode: choice(['hedging', 'netting'], 'how the account holds opposite positions'),
  stopOutLevelPercent: number(0, 100, 'margin level (%) at which the broker closes positions', 50),
});

/** Which protocol the terminal's Expert Advisor speaks. */
export const LINK_KINDS = ['bwp', 'jsonapi'] as const;

const jsonApiPort = (what: string, example: number) =>
  integer(1, 65_535, `the TCP port on which that EA ${what}`, example);

const link = Schema.Struct({
  kind: choice(
    LINK_KINDS,
    'bwp is the Expert Advisor in mql5/, jsonapi one of the kind of MQL5-JSON-API',
  ),
  jsonApi: Schema.Struct({
    host: text(/^\S{1,253}$/, 'a host name or address', 'where that EA listens', '127.0.0.1'),
    sysPort: jsonApiPort('takes requests', 15_555),
    dataPort: jsonApiPort('sends replies', 15_556),
    livePort: jsonApiPort('streams quotes', 15_557),
    eventsPort: jsonApiPort('tells of trades', 15_558),
    answerMs: integer(100, 5 * MINUTE, 'milliseconds until an outcome is unknown', 5000),
    pollMs: integer(50, MINUTE, 'milliseconds between two looks at the account', 1000),
    settleMs: integer(
      SECOND,
      10 * MINUTE,
      'milliseconds after which a request that shows nowhere was not executed',
      60_000,
    ),
  }),
  host: text(/^\S{1,253}$/, 'a host name or address', 'the address to listen on', '127.0.0.1'),
  port: integer(0, 65_535, 'the TCP port to listen on, 0 for any free one', 15_560),
  heartbeatMs: integer(100, MINUTE, 'milliseconds between heartbeats', 1000),
  token: Schema.optionalKey(secret('the shared secret that a terminal must present')),
  takeoverToken: Schema.optionalKey(
    secret('what --takeover shows to a terminal that another controller holds'),
  ),
  keysFile: Schema.optionalKey(
    text(
      /^\S.*$/,
      'a file',
      "the link's CURVE keys, made by bulwark keys",
      '.bulwark/link-keys.json',
    ),
  ),
  reconnect: Schema.Struct({
    initialMs: integer(10, MINUTE, 'milliseconds before the first attempt to reconnect', 250),
    maxMs: integer(10, HOUR, 'longest milliseconds between attempts to reconnect', 10_000),
  }),
  settleMs: integer(
    0,
    MINUTE,
    'milliseconds (session time) before an unknown outcome may be absent',
    2000,
  ),
  leaseMs: integer(SECOND, 10 * MINUTE, 'milliseconds that a lease to open lives', 10_000),
  deadMan: Schema.Struct({
    policy: choice(
      ['none', 'tighten', 'flatten'],
      'what the terminal does by itself when we are silent for deadMan.afterMs',
    ),
    afterMs: integer(SECOND, 24 * HOUR, 'milliseconds of silence before that', 120_000),
  }),
});

const terminal = Schema.Struct({
  kind: choice(['simulated', 'external'], 'simulated is started here, external is a real MT5'),
  command: Schema.optionalKey(
    text(/^\S.*$/, 'a command', 'the program that starts the terminal', 'C:/MT5/terminal64.exe'),
  ),
  args: Schema.optionalKey(
    Schema.Array(Schema.String).annotate({
      description: "the command's arguments, a list of texts",
      examples: [['/portable']],
    }),
  ),
  restart: Schema.Struct({
    intensity: integer(0, 1000, 'restarts allowed within the period', 5),
    periodMs: integer(SECOND, 24 * HOUR, 'milliseconds in which restarts are counted', 60_000),
    backoffInitialMs: integer(0, MINUTE, 'milliseconds before the first restart', 500),
    backoffMaxMs: integer(0, HOUR, 'longest milliseconds before a restart', 10_000),
  }),
  readyMs: integer(SECOND, HOUR, 'milliseconds from its start until it is ready', 120_000),
  readyText: Schema.optionalKey(
    text(
      /^\S(.{0,198}\S)?$/,
      'a text of at most 200 characters',
      'what its output says when it is ready; without it, its first heartbeat',
      'terminal is up',
    ),
  ),
  frozenMs: integer(
    SECOND,
    HOUR,
    'milliseconds without a heartbeat after which it is frozen',
    30_000,
  ),
  calendar: Schema.optionalKey(
    text(/^\S.*$/, 'a file', 'its calendar of releases, a JSON file (simulated)', 'news.json'),
  ),
  latencyMs: integer(0, MINUTE, 'milliseconds from request to execution (simulated)', 250),
  rejectRate: number(0, 1, 'part of requests rejected, 0 to 1 (simulated)', 0.01),
  requoteRate: number(0, 1, 'part of requests requoted, 0 to 1 (simulated)', 0.01),
  partialFillRate: number(0, 1, 'part of requests half filled, 0 to 1 (simulated)', 0.01),
  operations: Schema.Array(
    Schema.Struct({
      at: judged(isoInstant, 'the market instant at which it is booked', '2024-03-18T07:00:00Z'),
      kind: choice(BALANCE_OPERATIONS, 'balance is a deposit or withdrawal'),
      amount: signedDecimal('what is added to the account, negative: taken', '-1600.00'),
      comment: Schema.optionalKey(text(/^.{0,31}$/, 'a short text', 'its comment', 'payout')),
    }),
  )
    .check(Schema.isMaxLength(64))
    .annotate({
      description: 'money that moves without a trade, a list (simulated)',
      examples: [[{ at: '2024-03-18T07:00:00Z', kind: 'balance', amount: '-1600.00' }]],
    }),
});

/** Who moves the session clock of a simulated terminal. */
export const CLOCK_KINDS = ['master', 'free'] as const;

const market = Schema.Struct({
  serverTz: judged(serverTz, "the server's time zone: ny+7, UTC±h or an IANA name", 'ny+7'),
  seed: integer(0, 4_294_967_295, 'the seed of the built-in market', 1),
  speed: Schema.Union([
    Schema.Finite.check(Schema.isBetween({ minimum: 0.1, maximum: 1_000_000 })),
    Schema.Literal('max'),
  ]).annotate({
    description: 'market seconds per second, or "max" for as fast as possible',
    examples: [120],
  }),
  clock: choice(
    CLOCK_KINDS,
    'master steps the session, so that a replay is exact; free runs it by the wall (simulated)',
  ),
  startAt: judged(
    isoInstant,
    'the instant at which the built-in market opens',
    '2024-03-04T07:00:00Z',
  ),
  symbols: Schema.Array(symbol('a symbol'))
    .check(Schema.isMinLength(1), Schema.isMaxLength(64), Schema.isUnique())
    .annotate({ description: 'symbols of the market, a list', examples: [['EURUSD', 'XAUUSD']] }),
});

const rules = Schema.Struct({
  set: text(/^\S.*$/, 'a name or a file', 'a built-in rule set or a JSON file', 'ftmo-2step'),
  phase: text(/^\S+$/, 'a phase name', 'the phase of the rule set', 'challenge'),
});

const percentAtRisk = number(0.01, 5, 'percent lost at the stop, 0.5 is half a percent', 0.5);
const slippage = integer(0, 1_000_000, 'points that a stop may slip', 20);
const maxPositions = integer(1, 1000, 'positions open at once', 6);
const sizingKind = { description: 'how the volume of an order is chosen' };
const sizing = Schema.Union([
  Schema.Struct({
    kind: Schema.Literal('riskPercent').annotate(sizingKind),
    percent: percentAtRisk,
    base: Schema.optionalKey(choice(['balance', 'initial', 'equity'], 'what the percent is of')),
  }),
  Schema.Struct({
    kind: Schema.Literal('fixedLots').annotate(sizingKind),
    volumeLots: decimal('the volume of every order in lots', '0.10'),
  }),
  Schema.Struct({
    kind: Schema.Literal('kelly').annotate(sizingKind),
    winRatePercent: number(0.01, 99.99, 'percent of trades that win', 52),
    payoffRatio: number(0.01, 100, 'what a winner gains per unit that a loser loses', 1.5),
    fractionPercent: number(1, 100, "percent of Kelly's own fraction to risk", 25),
    capPercent: number(0.01, 5, 'most percent at risk, whatever Kelly says', 1),
    base: Schema.optionalKey(choice(['balance', 'initial', 'equity'], 'what the percent is of')),
  }),
  Schema.Struct({
    kind: Schema.Literal('volatilityTarget').annotate(sizingKind),
    percent: percentAtRisk,
    base: Schema.optionalKey(choice(['balance', 'initial', 'equity'], 'what the percent is of')),
  }),
]);

const correlationGroup = Schema.Struct({
  name: text(/^\S.{0,39}$/, 'a name', 'the name of the group', 'dollar'),
  symbols: Schema.Array(symbol('a symbol'))
    .check(Schema.isMinLength(2), Schema.isMaxLength(64), Schema.isUnique())
    .annotate({
      description: 'symbols that move together, a list',
      examples: [['EURUSD', 'GBPUSD']],
    }),
  maxRiskPercent: number(0.01, 100, 'percent of the initial balance the group may lose', 3),
});

const risk = Schema.Struct({
  sizing,
  maxTradeRiskPercent: number(0.01, 100, 'percent of the initial balance one order may lose', 2.5),
  maxSymbolRiskPercent: number(0.01, 100, 'percent of the initial balance a symbol may lose', 100),
  correlationGroups: Schema.Array(correlationGroup)
    .check(Schema.isMaxLength(64))
    .annotate({
      description: 'groups of symbols that move together, a list',
      examples: [[{ name: 'dollar', symbols: ['EURUSD', 'GBPUSD'], maxRiskPercent: 3 }]],
    }),
  softDailyPercent: number(
    1,
    100,
    'percent of the daily amount that may be lost before nothing new opens',
    80,
  ),
  softTotalPercent: number(
    1,
    100,
    'percent of the total amount that may be lost before nothing new opens',
    80,
  ),
  floorBuffer: decimal('distance kept from both floors, in account currency', '250.00'),
  maxOpenPositions: maxPositions,
  maxPositionsPerSymbol: integer(1, 1000, 'positions open at once on one symbol', 4),
  maxOrdersPerDay: integer(1, 100_000, 'opening orders per day of the rule set', 100),
  maxRequestsPerDay: integer(
    10,
    1_000_000,
    'requests of any kind to the terminal per day of the rule set',
    2000,
  ),
  staleQuoteMs: integer(
    100,
    24 * HOUR,
    'milliseconds (session time) until a quote is stale',
    60_000,
  ),
  slippagePoints: Schema.StructWithRest(Schema.Struct({ default: slippage }), [
    Schema.Record(Schema.String, slippage),
  ]),
  newsSlippagePoints: Schema.Record(Schema.String, slippage),
  breakSlippagePoints: Schema.Record(Schema.String, slippage),
  weekendSlippagePoints: Schema.Record(Schema.String, slippage),
  intentTtlMs: integer(100, 10 * MINUTE, 'milliseconds (session time) an intent may wait', 5000),
  nakedMs: integer(100, MINUTE, 'milliseconds (session time) a position may lack a stop', 2000),
  flatBeforeWeekend: Schema.Boolean.annotate({
    description: 'true closes everything before a weekend, whatever the firm says',
    examples: [true],
  }),
  external: choice(EXTERNAL_POLICIES, 'what to make of trades that are not ours'),
});

const news = Schema.Struct({
  file: Schema.optionalKey(
    text(/^\S.*$/, 'a file', 'the calendar of releases, a JSON file', 'news.json'),
  ),
});

const strategy = Schema.Struct({
  use: text(
    /^\S.*$/,
    'a name or a file',
    'a built-in strategy or a .ts or .js file',
    'atr-breakout',
  ),
  symbol: symbol('the symbol to trade'),
  timeframe: Schema.optionalKey(
    choice(Object.keys(TIMEFRAMES) as [Timeframe, ...Timeframe[]], 'the bars it decides on'),
  ),
  params: Schema.optionalKey(
    Schema.Record(
      Schema.String,
      Schema.Union([Schema.Finite, Schema.Boolean, Schema.String]).annotate({
        description: 'a parameter of the strategy: number, text or boolean',
        examples: [14],
      }),
    ),
  ),
  risk: Schema.optionalKey(Schema.Struct({ sizing })),
});

const isolation = Schema.Struct({
  kind: Schema.optionalKey(
    choice(
      ['perSymbol', 'perStrategy', 'pool', 'inline'],
      'where strategies run; without it, files get a worker each and built-ins run inline',
    ),
  ),
  poolSize: integer(1, 64, 'workers of the kind "pool"', 4),
  deadlineMs: integer(
    20,
    10 * MINUTE,
    'milliseconds (wall) a strategy in a worker may think',
    2000,
  ),
  memoryMb: integer(16, 16_384, "megabytes of a worker's heap", 256),
});

const instrument = Schema.Struct({
  digits: Schema.optionalKey(integer(0, 8, 'decimal digits of a price', 5)),
  contractSize: Schema.optionalKey(number(0.000001, 1e9, 'units of the base per lot', 100_000)),
  baseCurrency: Schema.optionalKey(
    text(/^[A-Z]{3}$/, 'three capital letters', 'currency that is bought or sold', 'EUR'),
  ),
  quoteCurrency: Schema.optionalKey(
    text(/^[A-Z]{3}$/, 'three capital letters', 'currency that prices are in', 'USD'),
  ),
  tickSizePoints: Schema.optionalKey(integer(1, 1e6, 'least price step in points', 1)),
  volumeMinLots: Schema.optionalKey(decimal('smallest volume in lots', '0.01')),
  volumeMaxLots: Schema.optionalKey(decimal('largest volume in lots', '50')),
  volumeStepLots: Schema.optionalKey(decimal('volume step in lots', '0.01')),
  stopsLevelPoints: Schema.optionalKey(integer(0, 1e6, 'least distance of a stop in points', 10)),
  freezeLevelPoints: Schema.optionalKey(integer(0, 1e6, 'frozen distance in points', 0)),
  swapLongPoints: Schema.optionalKey(number(-1e6, 1e6, 'points per lot and night, long', -8.2)),
  swapShortPoints: Schema.optionalKey(number(-1e6, 1e6, 'points per lot and night, short', 3.4)),
  swapTripleWeekday: Schema.optionalKey(integer(0, 6, 'day of three swaps, 0 is Sunday', 3)),
  commissionPerLot: Schema.optionalKey(decimal('per lot and side, in account currency', '3.00')),
});

export const PROFILES = ['paper', 'live', 'dryRun'] as const;
export type Profile = (typeof PROFILES)[number];

export const ConfigDocument = Schema.Struct({
  profile: choice(PROFILES, 'paper trades a simulation, live trades money, dryRun sends nothing'),
  dataDir: text(/^\S.*$/, 'a folder', 'the folder of journal, audit and terminal', '.bulwark'),
  account,
  link,
  terminal,
  market,
  rules,
  risk,
  news,
  strategies: Schema.Array(strategy).check(Schema.isMaxLength(256)),
  isolation,
  instruments: Schema.Record(Schema.String, instrument),
  api,
  alerts,
  traces,
  log,
  console: consoleView,
});

/** Decoded: every value checked, secrets redacted; still in the units people write. */
export type DecodedDocument = typeof ConfigDocument.Type;
/** As written, complete. */
export type EncodedDocument = typeof ConfigDocument.Encoded;
export type DecodedSizing = typeof sizing.Type;
export type DecodedInstrument = typeof instrument.Type;
