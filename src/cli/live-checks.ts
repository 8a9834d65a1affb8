import type { Config } from '../config/config.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { EpochMs } from '../domain/units.ts';
import { epochMs } from '../domain/units.ts';
import { REDUCED_GUARANTEES } from '../mt5/jsonapi/bridge-options.ts';
import { loadMarket } from '../mt5/terminal/market/load-market.ts';
import type { Market, MarketOptions } from '../mt5/terminal/market/types.ts';
import { CliError } from './cli-error.ts';
import type { TradedMarket } from './run-plan.ts';

/**
 * The profile `live` trades money. What it stands on must have been stated by a person: a built-in
 * login or rule set is somebody else's. The link's own checks (external terminal, port, keys beyond
 * loopback) are combinations that no profile may have.
 */
const STATED = [
  ['account.login', 'the login that the terminal is logged in with'],
  ['account.server', "the broker's server, as the terminal shows it"],
  ['account.currency', "the account's currency"],
  ['account.initialBalance', 'the balance that the rules count from'],
  ['rules.set', "the firm's rule set"],
  ['rules.phase', 'the phase of the account'],
  ['market.serverTz', "the time zone of the broker's server"],
  ['strategies', 'which strategy trades which symbol'],
] as const;

/** Throws CliError with everything that a live run lacks. */
export const refuseUnstatedLive = ({ config, entries }: LoadedConfig): void => {
  if (config.profile !== 'live') return;
  const isStated = (key: string): boolean =>
    entries.some(
      (entry) =>
        (entry.key === key || entry.key.startsWith(`${key}[`)) &&
        !entry.origin.startsWith('default'),
    );
  const missing = STATED.filter(([key]) => !isStated(key));
  if (missing.length === 0) return;
  const list = missing.map(([key, what]) => `${key} (${what})`).join(', ');
  throw new CliError(
    `the profile live trades money, and these still have a built-in value: ${list}`,
    'set them in bulwark.config.json; `bulwark config --print` shows where each value comes from',
  );
};

/** A replay decides about no money. */
export const refuseLiveReplay = ({ replay }: { readonly replay?: readonly string[] }): void => {
  if ((replay ?? []).length === 0) return;
  throw new CliError('--replay and the profile live exclude each other', 'use --profile paper');
};

/** What people read before the first order of a live run. */
export const liveWarning = ({ account, rules, link, strategies }: Config): readonly string[] => [
  'LIVE: this run trades real orders on the account below.',
  `  account     ${account.login} on ${account.server}`,
  `  rules       ${rules.set}, phase ${rules.phase}`,
  `  strategies  ${strategies.map(({ use, symbol }) => `${use} on ${symbol}`).join(', ')}`,
  `  link        ${link.host}:${link.port}${link.keysFile === undefined ? '' : ', with keys'}`,
  '  Nothing opens before the terminal has been compared and every switch allows it.',
  ...(link.kind === 'jsonapi'
    ? ['Reduced guarantees of an EA of the kind of MQL5-JSON-API (docs/json-api.md):']
    : []),
  ...(link.kind === 'jsonapi' ? REDUCED_GUARANTEES.map((line) => `  - ${line}`) : []),
];

/** Session time begins a little before now, because it cannot go back: the venue's clock, measured at
 * the first message, may be behind this machine's. */
const BEHIND_MS = 300_000;

/** A real terminal's market: its symbols are those that strategies trade, and it has no end. */
const venueMarket = ({ strategies }: Config, now: EpochMs): TradedMarket => ({
  startsAt: epochMs(now - BEHIND_MS),
  endsAt: undefined,
  instruments: [...new Set(strategies.map(({ symbol }) => symbol))].map((symbol) => ({ symbol })),
});

/** What a run trades: the market that a simulated terminal plays, or the venue's where a real one trades. */
export const runMarket = async (
  options: MarketOptions,
  config: Config,
  now: EpochMs,
): Promise<{ readonly simulated: Market | null; readonly market: TradedMarket }> => {
  if (config.profile === 'live') return { simulated: null, market: venueMarket(config, now) };
  const { account, instruments: overrides } = config;
  const simulated = await loadMarket(options, { accountCurrency: account.currency, overrides });
  return { simulated, market: simulated };
};
