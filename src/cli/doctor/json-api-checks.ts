import { ambientClock, ambientDefer } from '../../actors/kernel/ambient-clock.ts';
import type { Config } from '../../config/config.ts';
import { REDUCED_GUARANTEES } from '../../mt5/jsonapi/bridge-options.ts';
import { type JsonApiChannel, openJsonApiChannel } from '../../mt5/jsonapi/channel.ts';
import { type AccountReply, type Ask, lookAt, onlyReply } from '../../mt5/jsonapi/reading.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** Wall milliseconds between two tries to reach the EA. */
const AGAIN_MS = 250;

/** What the account loses behind such an EA, whatever else is well. */
export const reducedGuarantees = (): readonly Finding[] =>
  REDUCED_GUARANTEES.map((line) =>
    warn('ea', line, 'read docs/json-api.md, or use the Expert Advisor in mql5/'),
  );

/** Whose fault it is that nothing trades through an EA of the kind of MQL5-JSON-API. Reads, subscribes
 * and takes the subscriptions back; trades nothing. */
export const jsonApiChecks = async (
  config: Config,
  waitMs: number,
): Promise<readonly Finding[]> => {
  const { host, sysPort, dataPort, answerMs } = config.link.jsonApi;
  const faults: string[] = [];
  const channel = openJsonApiChannel({
    ...{ host, sysPort, dataPort, answerMs: Math.min(answerMs, waitMs) },
    clock: ambientClock,
    defer: ambientDefer,
    onFault: (error) => faults.push(String(error)),
    firstBarrier: ambientClock.now(),
    onLate: () => undefined,
  });
  try {
    const account = await reached(channel, waitMs);
    if (typeof account === 'string') {
      const next = `is the EA on a chart, does it bind ${sysPort} and ${dataPort}, does another program read its replies, does a firewall stand between`;
      return [fail('ea', `${account} (${host}:${sysPort} and ${host}:${dataPort})`, next)];
    }
    const ask: Ask = (request) => channel.ask(request);
    return [
      ok('network', `the EA at ${host}:${sysPort} answers, and its replies come on ${dataPort}`),
      ...accountChecks(account, config),
      ...switchChecks(account),
      ...(await listChecks(ask, config)),
      ...(await symbolChecks(ask, config)),
      ...faults.map((fault) => fail('network', fault, 'look at the ports of the EA')),
    ];
  } finally {
    channel.close();
  }
};

/** Its account, or why there is none. */
const reached = async (channel: JsonApiChannel, waitMs: number): Promise<AccountReply | string> => {
  let why = 'nobody answered';
  for (let left = waitMs; left > 0; left -= AGAIN_MS) {
    const outcome = await channel.ask({ action: 'ACCOUNT' });
    const account = onlyReply(outcome, 'account');
    if (account !== undefined) return account;
    if (outcome.type === 'unknown') {
      why = 'somebody took the request, and no reply came on the data port';
      left -= waitMs;
    }
    if (outcome.type === 'answered') why = 'it answers, and not as MQL5-JSON-API does';
    await new Promise<void>((resolve) => {
      ambientClock.schedule(AGAIN_MS, resolve);
    });
  }
  return why;
};

const accountChecks = (shown: AccountReply, { account }: Config): readonly Finding[] => [
  shown.server === account.server
    ? ok('account', `it is on ${account.server}`)
    : fail(
        'account',
        `it is on ${shown.server}, not on ${account.server}`,
        'log in, or correct account.server',
      ),
  shown.currency === account.currency
    ? ok('account', `its currency is ${account.currency}`)
    : fail(
        'account',
        `its currency is ${shown.currency}, not ${account.currency}`,
        'correct account.currency',
      ),
  warn(
    'account',
    `the EA does not show its login: that it is ${account.login} is what the configuration states`,
    'compare it with the title of the terminal',
  ),
];

const switchChecks = ({ isTradingAllowed, isBotTrading }: AccountReply): readonly Finding[] => [
  isTradingAllowed
    ? ok('terminal', 'automated trading is allowed')
    : fail('terminal', 'automated trading is off', 'press Algo Trading in the toolbar'),
  isBotTrading
    ? ok('terminal', 'the account lets experts trade')
    : fail('terminal', 'the account does not let experts trade', 'ask the broker, or the firm'),
];

const listChecks = async (ask: Ask, { account }: Config): Promise<readonly Finding[]> => {
  const seen = await lookAt(ask);
  if (seen === undefined) {
    return [
      fail(
        'ea',
        'its list of positions or orders cannot be read',
        'look at its messages in the tab Experts',
      ),
    ];
  }
  const { positions, orders, hidden } = seen;
  const what = `it shows ${positions.length} positions and ${orders.length} orders`;
  if (hidden === 0) return [ok('ea', what)];
  return [
    fail(
      'ea',
      `${what}, and hides ${hidden}: it names one position of a symbol only`,
      `close all but one position of each symbol of the ${account.marginMode} account`,
    ),
  ];
};

const symbolChecks = async (
  ask: Ask,
  { strategies, instruments }: Config,
): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  const traded = new Set([...Object.keys(instruments), ...strategies.map(({ symbol }) => symbol)]);
  for (const symbol of traded) {
    const done = onlyReply(await ask({ action: 'CONFIG', symbol, chartTF: 'TICK' }), 'done');
    findings.push(
      done !== undefined && !done.hasError
        ? ok('market', `the terminal has ${symbol}`)
        : fail(
            'market',
            `the terminal has no ${symbol}`,
            'add it to Market Watch, or correct its name',
          ),
    );
  }
  await ask({ action: 'RESET' });
  return findings;
};
