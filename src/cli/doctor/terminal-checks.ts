import type { Config } from '../../config/config.ts';
import { TRADE_SWITCHES, type TradeSwitch } from '../../mt5/trade-switches.ts';
import { zoneErrorMs } from '../../mt5/venue-clock.ts';
import type { ServerZone } from '../../mt5/venue-time.ts';
import type { EaMessageOf, Envelope } from '../../mt5/wire/messages.ts';
import { negotiateVersion, PROTOCOL_VERSIONS } from '../../mt5/wire/versions.ts';
import { type Area, type Finding, fail, ok, warn } from './finding.ts';

type Hello = EaMessageOf<'hello'>;

/** Oldest build whose SQLite, sockets and GetMicrosecondCount the EA can rely on. */
const MIN_BUILD = 3_600;
const HOUR_MS = 3_600_000;
/** MetaTrader tells whole seconds; beyond this the PCs' clocks disagree. */
const CLOCK_MS = 5_000;

/** Whether the EA's greeting is one that the runtime would accept. */
export const helloChecks = (
  hello: Hello,
  expected: { readonly account: Config['account']; readonly tokens: readonly string[] },
): readonly Finding[] => [
  version(hello),
  build(hello),
  token(hello, expected.tokens),
  ...identity(hello, expected.account),
  lease(hello),
];

const version = ({ protocolVersions, eaVersion, simulated }: Hello): Finding => {
  const spoken = negotiateVersion(protocolVersions);
  const who = simulated ? 'the simulated terminal' : `the EA ${eaVersion}`;
  if (spoken !== undefined) return ok('ea', `${who} speaks BWP/${spoken}`);
  const what = `${who} speaks BWP ${protocolVersions.join(', ')}, this runtime ${PROTOCOL_VERSIONS.join(', ')}`;
  return fail('ea', what, 'compile the EA of this release: `mql5/COMPILE.md`');
};

const build = ({ terminalBuild }: Hello): Finding =>
  terminalBuild >= MIN_BUILD
    ? ok('ea', `the terminal's build is ${terminalBuild}`)
    : fail(
        'ea',
        `the terminal's build is ${terminalBuild}, and ${MIN_BUILD} is needed`,
        'update it',
      );

const token = (hello: Hello, tokens: readonly string[]): Finding => {
  if (tokens.length === 0) {
    return warn('key', 'no token is asked of the EA', 'set link.token, or use link.keysFile');
  }
  return hello.token !== null && tokens.includes(hello.token)
    ? ok('key', "the EA's token is the expected one")
    : fail('key', "the EA's token is wrong or missing", 'enter the right one as its InpToken');
};

const identity = ({ account }: Hello, wanted: Config['account']): readonly Finding[] => {
  const told = `${account.login}@${account.server}`;
  const isOurs = account.login === wanted.login && account.server === wanted.server;
  const differing = (
    [
      ['currency', account.currency, wanted.currency],
      ['currencyDigits', String(account.currencyDigits), String(wanted.currencyDigits)],
      ['marginMode', account.marginMode, wanted.marginMode],
    ] as const
  ).filter(([, has, should]) => has !== should);
  return [
    isOurs
      ? ok('account', `the terminal is logged in as ${told} (${account.company})`)
      : fail(
          'account',
          `the terminal is logged in as ${told}, configured is ${wanted.login}@${wanted.server}`,
          'log the terminal in with that account, or correct account.login and account.server',
        ),
    ...differing.map(([key, has, should]) =>
      fail('account', `its ${key} is ${has}, configured is ${should}`, `correct account.${key}`),
    ),
  ];
};

const lease = ({ leaseHolder, highestEpoch }: Hello): Finding =>
  leaseHolder === null
    ? ok('ea', `nobody holds its lease (epoch ${highestEpoch})`)
    : ok('ea', `its lease was last held by ${leaseHolder} (epoch ${highestEpoch})`);

const SWITCH_AREAS: Readonly<Record<TradeSwitch, Area>> = {
  terminal: 'terminal',
  mql: 'terminal',
  account: 'account',
  expert: 'account',
};
const SWITCH_NEXT: Readonly<Record<TradeSwitch, string>> = {
  terminal: 'press "Algo Trading" in the toolbar of the terminal',
  mql: 'open the properties of the EA on its chart and tick "Allow Algo Trading"',
  account: 'log in with the master password; if that is what you did, ask the broker',
  expert: 'ask the broker to allow algorithmic trading for this account',
};

/** The four switches and the terminal's own line to its server. */
export const switchChecks = ({
  switches,
  connected,
}: Pick<Hello, 'switches' | 'connected'>): readonly Finding[] => {
  const off = (Object.keys(TRADE_SWITCHES) as TradeSwitch[]).filter((name) => !switches[name]);
  return [
    ...(off.length === 0 ? [ok('terminal', 'all four trade switches are on')] : []),
    ...off.map((name) => fail(SWITCH_AREAS[name], TRADE_SWITCHES[name], SWITCH_NEXT[name])),
    connected
      ? ok('terminal', 'it is connected to its trade server')
      : fail('terminal', 'it has lost its trade server', 'look at its status bar and journal'),
  ];
};

/** A hold that a running runtime names, as this program's own check of the switch would say it. */
export const switchFindingOf = (condition: string): Finding | undefined => {
  const name = (Object.keys(TRADE_SWITCHES) as TradeSwitch[]).find((known) =>
    condition.endsWith(TRADE_SWITCHES[known]),
  );
  return name === undefined
    ? undefined
    : fail(SWITCH_AREAS[name], TRADE_SWITCHES[name], SWITCH_NEXT[name]);
};

/** The terminal's clocks against the configured zone, and its PC's against ours. */
export const clockChecks = (
  { clock }: Hello,
  { ts }: Envelope,
  machine: { readonly zone: ServerZone; readonly nowMs: number },
): readonly Finding[] => {
  if (clock !== null) return [ok('clock', 'the session clock is the simulated market')];
  const { zone, nowMs } = machine;
  const offMs = zoneErrorMs(ts, zone.toServer);
  const skewMs = ts.gmt === null ? 0 : ts.gmt - nowMs;
  const seconds = (skewMs / 1000).toFixed(1);
  return [
    offMs === 0
      ? ok('clock', `the server's time agrees with market.serverTz "${zone.name}"`)
      : fail(
          'clock',
          `the server is ${offMs / HOUR_MS} h off market.serverTz "${zone.name}"`,
          "correct market.serverTz, or the clock of the terminal's PC",
        ),
    Math.abs(skewMs) <= CLOCK_MS
      ? ok('clock', `the terminal's PC and this machine agree within ${CLOCK_MS / 1000} s`)
      : warn('clock', `the terminal's PC is ${seconds} s off this machine`, 'set both by NTP'),
  ];
};

/** What the terminal says of the account and of the symbols that strategies trade. */
export const replyChecks = (
  reply: Pick<EaMessageOf<'query.reply'>, 'account' | 'symbols'>,
  traded: readonly string[],
): readonly Finding[] => {
  const { account, symbols } = reply;
  const known = new Map(symbols.map((symbol) => [symbol.symbol, symbol]));
  return [
    ...(account === null
      ? [fail('account', 'the terminal does not tell the account', 'look at its login')]
      : [
          Number(account.equity) > 0
            ? ok(
                'account',
                `balance ${account.balance}, equity ${account.equity} ${account.currency}`,
              )
            : fail(
                'account',
                `its equity is ${account.equity}`,
                'look at the login, and the account',
              ),
        ]),
    ...traded.map((symbol) => symbolCheck(symbol, known.get(symbol))),
  ];
};

const symbolCheck = (
  symbol: string,
  found: EaMessageOf<'query.reply'>['symbols'][number] | undefined,
): Finding => {
  if (found === undefined) {
    const next = "use the broker's own name, suffix included, and show it in the Market Watch";
    return fail('market', `the terminal has no ${symbol}`, next);
  }
  if (found.tradeMode === 'full') {
    return found.bid === null
      ? warn('market', `${symbol} has no quote yet`, 'wait for its session, or look at the feed')
      : ok('market', `${symbol} can be traded, bid ${found.bid}`);
  }
  const what = `${symbol} is ${found.tradeMode} at the broker`;
  const next = 'take it out of `strategies`, or ask the broker';
  const isShut = found.tradeMode === 'disabled' || found.tradeMode === 'closeOnly';
  return isShut ? fail('market', what, next) : warn('market', what, next);
};
