import { formatDecimal, parseDecimal } from '../domain/units.ts';
import { CATALOG_SYMBOLS, resolveInstrument } from '../mt5/terminal/catalog.ts';
import { type FloorRule, phaseOf, type RuleSet } from '../risk/rule-set.ts';
import type { Objection } from './references.ts';
import type { DecodedDocument } from './schema.ts';
import { nearest } from './suggest.ts';

/**
 * Combinations of values, each allowed alone, that cannot work together: refused before anything
 * starts, because at run time they would look like a system that merely does not trade.
 */
interface Facts {
  readonly document: DecodedDocument;
  readonly ruleSet: RuleSet | undefined;
  /** Quotes come from files: their symbols are not those of market.symbols. */
  readonly isReplay: boolean;
}
type Check = (facts: Facts) => readonly Objection[];

const objection = (path: Objection['path'], reason: string, remedy: string): Objection => ({
  path,
  reason,
  remedy,
});
const when = (condition: boolean, ...found: Parameters<typeof objection>): readonly Objection[] =>
  condition ? [objection(...found)] : [];

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i;
const HEARTBEATS_PER_LEASE = 3;
const MILLION = 1_000_000n;

const profiles: Check = ({ document: { profile, terminal, link, api } }) => [
  ...when(
    !LOOPBACK.test(api.host) && api.readToken === undefined,
    ['api', 'readToken'],
    `whoever reaches ${api.host} could read everything: the inspector listens beyond this machine`,
    'Set api.readToken (best in BULWARK_API__READ_TOKEN), or api.host to "127.0.0.1".',
  ),
  ...when(
    profile === 'live' && terminal.kind === 'simulated',
    ['terminal', 'kind'],
    'the live profile cannot trade on the simulated terminal',
    'Set terminal.kind to "external", or profile to "paper".',
  ),
  ...when(
    terminal.kind === 'external' && link.kind === 'bwp' && link.port === 0,
    ['link', 'port'],
    'an external terminal cannot find a port that changes with every start',
    'Set link.port to the port that the Expert Advisor is told, for example 15560.',
  ),
  ...when(
    !LOOPBACK.test(link.host) && link.keysFile === undefined,
    ['link', 'keysFile'],
    `whoever reaches ${link.host} could trade: the link listens beyond this machine without keys`,
    'Make keys with `bulwark keys generate` and set link.keysFile, or link.host to "127.0.0.1".',
  ),
];

/** Figures that an EA of that kind cannot be asked for, and that decide what a trade may lose. */
const STATED_FIGURES = [
  'digits',
  'contractSize',
  'baseCurrency',
  'quoteCurrency',
  'volumeMinLots',
  'volumeMaxLots',
  'volumeStepLots',
  'stopsLevelPoints',
  'commissionPerLot',
  'swapLongPoints',
  'swapShortPoints',
] as const;

const jsonApi: Check = ({ document: { profile, link, terminal, strategies, instruments } }) => {
  if (link.kind !== 'jsonapi') return [];
  const traded = [...new Set(strategies.map(({ symbol }) => symbol))];
  const { sysPort, dataPort, livePort, eventsPort } = link.jsonApi;
  return [
    ...when(
      profile !== 'live',
      ['link', 'kind'],
      `the profile ${profile} must not reach a real account, and that EA trades on one`,
      'Set profile to "live", or link.kind to "bwp".',
    ),
    ...when(
      terminal.kind === 'simulated',
      ['terminal', 'kind'],
      'an EA of the kind of MQL5-JSON-API runs in a real terminal',
      'Set terminal.kind to "external", or link.kind to "bwp".',
    ),
    ...when(
      terminal.command !== undefined,
      ['terminal', 'command'],
      'with link.kind "jsonapi" the process that is watched is the bridge to that EA',
      'Remove terminal.command, and start MetaTrader by other means.',
    ),
    ...when(
      new Set([sysPort, dataPort, livePort, eventsPort]).size < 4,
      ['link', 'jsonApi'],
      'its four ports are four different ones',
      'Give sysPort, dataPort, livePort and eventsPort as the EA has them (15555 to 15558).',
    ),
    ...traded.flatMap((symbol) => {
      const missing = STATED_FIGURES.filter(
        (figure) => instruments[symbol]?.[figure] === undefined,
      );
      return when(
        missing.length > 0,
        ['instruments', symbol],
        `the EA does not tell how ${symbol} is specified, and these are not stated: ${missing.join(', ')}`,
        'Write them down as the terminal shows them (Market Watch, right click, Specification).',
      );
    }),
  ];
};

const times: Check = ({ document: { link, terminal } }) => [
  ...when(
    link.reconnect.initialMs > link.reconnect.maxMs,
    ['link', 'reconnect', 'initialMs'],
    'the first pause is longer than the longest',
    'Set link.reconnect.maxMs to at least link.reconnect.initialMs.',
  ),
  ...when(
    terminal.restart.backoffInitialMs > terminal.restart.backoffMaxMs,
    ['terminal', 'restart', 'backoffInitialMs'],
    'the first pause is longer than the longest',
    'Set terminal.restart.backoffMaxMs to at least terminal.restart.backoffInitialMs.',
  ),
  ...when(
    link.leaseMs < HEARTBEATS_PER_LEASE * link.heartbeatMs,
    ['link', 'leaseMs'],
    'the lease would lapse between heartbeats that are merely late',
    `Set link.leaseMs to at least ${HEARTBEATS_PER_LEASE * link.heartbeatMs} (three heartbeats).`,
  ),
  ...when(
    link.deadMan.policy !== 'none' && link.deadMan.afterMs < link.leaseMs,
    ['link', 'deadMan', 'afterMs'],
    'the dead man would act while the lease still holds',
    `Set link.deadMan.afterMs to at least link.leaseMs (${link.leaseMs}).`,
  ),
];

const money: Check = ({ document: { account, risk, instruments, terminal } }) => {
  const amounts: readonly (readonly [Objection['path'], string | undefined])[] = [
    [['account', 'initialBalance'], account.initialBalance],
    [['risk', 'floorBuffer'], risk.floorBuffer],
    ...Object.entries(instruments).map(
      ([symbol, { commissionPerLot }]) =>
        [['instruments', symbol, 'commissionPerLot'], commissionPerLot] as const,
    ),
    ...terminal.operations.map(
      ({ amount }, index) => [['terminal', 'operations', index, 'amount'], amount] as const,
    ),
  ];
  const digits = account.currencyDigits;
  const tooFine = amounts.flatMap(([path, amount]) =>
    when(
      amount !== undefined && parseDecimal(amount, digits) === undefined,
      path,
      `"${amount}" is finer than a minor unit of ${account.currency} (${digits} digits)`,
      'Write fewer fraction digits, or correct account.currencyDigits.',
    ),
  );
  const isEmpty = parseDecimal(account.initialBalance, 8) === 0n;
  return [
    ...tooFine,
    ...when(
      isEmpty,
      ['account', 'initialBalance'],
      'no rule can count from a balance of nothing',
      'Set the balance that the account started with.',
    ),
  ];
};

const ruleAmount = (rule: FloorRule, initial: bigint, digits: number): bigint | undefined =>
  rule.amount.of === 'absolute'
    ? parseDecimal(rule.amount.value, digits)
    : (initial * BigInt(rule.amount.ppm)) / MILLION;

const floors: Check = ({ document: { account, risk, rules }, ruleSet }) => {
  if (ruleSet === undefined) return [];
  const phase = phaseOf(ruleSet, rules.phase);
  if (phase === undefined) {
    const names = ruleSet.phases.map(({ name }) => name);
    const reason = `${rules.set} has no phase "${rules.phase}"`;
    return [objection(['rules', 'phase'], reason, `Use one of ${names.join(', ')}.`)];
  }
  const digits = account.currencyDigits;
  const initial = parseDecimal(account.initialBalance, digits);
  const buffer = parseDecimal(risk.floorBuffer, digits);
  if (initial === undefined || buffer === undefined) return [];
  const allowed = [
    ['daily', phase.daily],
    ['total', phase.total],
  ] as const;
  return allowed.flatMap(([name, rule]) => {
    const amount = rule === null ? undefined : ruleAmount(rule, initial, digits);
    if (amount === undefined || buffer < amount) return [];
    const shown = `${formatDecimal(amount, digits)} ${account.currency}`;
    const reason = `the buffer uses up the whole ${name} loss that the rules allow (${shown})`;
    return [objection(['risk', 'floorBuffer'], reason, `Set risk.floorBuffer below ${shown}.`)];
  });
};

const accountRules: Check = ({ document: { account, rules }, ruleSet }) => {
  const wanted = ruleSet === undefined ? undefined : phaseOf(ruleSet, rules.phase)?.account;
  return when(
    wanted !== undefined &&
      wanted.marginMode !== 'either' &&
      wanted.marginMode !== account.marginMode,
    ['account', 'marginMode'],
    `${rules.set} is for ${wanted?.marginMode} accounts`,
    `Set account.marginMode to "${wanted?.marginMode}", or choose another rule set.`,
  );
};

/** An Expert Advisor of ours has MetaTrader's calendar; other terminals have what they are given. */
const calendar: Check = ({ document: { news, rules, terminal, link }, ruleSet }) => {
  const phase = ruleSet === undefined ? undefined : phaseOf(ruleSet, rules.phase);
  const isGiven =
    terminal.kind === 'external' ? link.kind !== 'jsonapi' : terminal.calendar !== undefined;
  const hasOwn = phase?.news?.source === 'terminalCalendar' && isGiven;
  return when(
    phase !== undefined && phase.news !== null && news.file === undefined && !hasOwn,
    ['news', 'file'],
    `${rules.phase} of ${rules.set} restricts trading around news, and no calendar says when it comes`,
    'Name a calendar of releases, or a phase or rule set without that rule (a Swing account).',
  );
};

const sizes: Check = ({ document: { risk, strategies } }) => {
  const sizings = [
    { path: ['risk', 'sizing'], sizing: risk.sizing },
    ...strategies.map((strategy, index) => ({
      path: ['strategies', index, 'risk', 'sizing'],
      sizing: strategy.risk?.sizing,
    })),
  ];
  const tooLarge = sizings.flatMap(({ path, sizing }) =>
    when(
      (sizing?.kind === 'riskPercent' && sizing.percent > risk.maxTradeRiskPercent) ||
        (sizing?.kind === 'kelly' && sizing.capPercent > risk.maxTradeRiskPercent),
      [...path, sizing?.kind === 'kelly' ? 'capPercent' : 'percent'],
      `every order would exceed risk.maxTradeRiskPercent (${risk.maxTradeRiskPercent})`,
      'Lower the percent, or raise risk.maxTradeRiskPercent.',
    ),
  );
  return [
    ...tooLarge,
    ...when(
      risk.maxPositionsPerSymbol > risk.maxOpenPositions,
      ['risk', 'maxPositionsPerSymbol'],
      'one symbol may hold more positions than the whole account',
      'Set it to at most risk.maxOpenPositions.',
    ),
  ];
};

const duplicates: Check = ({ document: { strategies } }) =>
  strategies.flatMap(({ use, symbol }, index) => {
    const first = strategies.findIndex((other) => other.use === use && other.symbol === symbol);
    return when(
      first < index,
      ['strategies', index],
      `"${use}" on ${symbol} is there already (strategies[${first}]): both would claim its orders`,
      'Remove one of them, or copy the strategy under another name.',
    );
  });

const symbols: Check = ({ document, isReplay }) => {
  const { market, strategies, instruments, account, terminal } = document;
  if (terminal.kind === 'external' || isReplay) return [];
  const unknown = market.symbols.flatMap((symbol, index) => {
    const override = instruments[symbol];
    const { contractSize, baseCurrency, quoteCurrency } = override ?? {};
    const own =
      contractSize !== undefined && baseCurrency !== undefined && quoteCurrency !== undefined;
    if (own || resolveInstrument({ symbol, accountCurrency: account.currency })) return [];
    const meant = nearest(symbol, CATALOG_SYMBOLS);
    const remedy =
      meant === undefined
        ? `Use one of ${CATALOG_SYMBOLS.join(', ')}, or give instruments.${symbol} its contractSize, baseCurrency and quoteCurrency.`
        : `Did you mean ${meant}?`;
    return [objection(['market', 'symbols', index], `${symbol} is not known here`, remedy)];
  });
  const absent = strategies.flatMap(({ symbol }, index) =>
    when(
      !market.symbols.includes(symbol),
      ['strategies', index, 'symbol'],
      `the market has no ${symbol}, so this strategy would never see a bar`,
      `Add ${symbol} to market.symbols, or use one of ${market.symbols.join(', ')}.`,
    ),
  );
  return [...unknown, ...absent];
};

const volumes: Check = ({ document: { instruments } }) =>
  Object.entries(instruments).flatMap(
    ([symbol, { volumeMinLots, volumeMaxLots, volumeStepLots }]) => {
      const [least, most] = [volumeMinLots, volumeMaxLots].map((lots) =>
        lots === undefined ? undefined : parseDecimal(lots, 8),
      );
      return [
        ...when(
          least !== undefined && most !== undefined && least > most,
          ['instruments', symbol, 'volumeMinLots'],
          'the smallest volume is larger than the largest',
          'Swap volumeMinLots and volumeMaxLots.',
        ),
        ...when(
          volumeStepLots !== undefined && parseDecimal(volumeStepLots, 8) === 0n,
          ['instruments', symbol, 'volumeStepLots'],
          'volumes cannot move in steps of nothing',
          'Give the step that the broker states, for example "0.01".',
        ),
      ];
    },
  );

const CHECKS: readonly Check[] = [
  profiles,
  jsonApi,
  times,
  money,
  floors,
  accountRules,
  calendar,
  sizes,
  duplicates,
  symbols,
  volumes,
];

/** Every combination of the document that cannot work. */
export const impossibleCombinations = (facts: Facts): readonly Objection[] =>
  CHECKS.flatMap((check) => check(facts));
