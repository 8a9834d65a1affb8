import type * as Redacted from 'effect/Redacted';
import type { Timeframe } from '../domain/market.ts';
import type { EpochMs, Minor } from '../domain/units.ts';
import type { InstrumentOverride } from '../mt5/terminal/catalog.ts';
import type { ScheduledOperation } from '../mt5/terminal/engine/records.ts';
import type { ExternalPolicy } from '../risk/external-policy.ts';
import type { CorrelationGroup } from '../risk/market-context.ts';
import type { RiskLimits } from '../risk/risk-limits.ts';
import type { RuleSet } from '../risk/rule-set.ts';
import type { SizingRule } from '../risk/sizing.ts';
import type { DecodedDocument, Profile } from './schema.ts';

/**
 * The effective configuration: plain readonly data in the domain's units (money in minor units,
 * instants in UTC milliseconds, ratios in parts per million where the risk core wants them).
 */
export interface Config {
  readonly profile: Profile;
  /** Absolute. */
  readonly dataDir: string;
  readonly account: AccountConfig;
  readonly link: LinkConfig;
  readonly terminal: TerminalConfig;
  readonly market: MarketConfig;
  readonly rules: RulesConfig;
  readonly risk: RiskConfig;
  /** The calendar of releases, an absolute path; undefined: none. */
  readonly news: { readonly file?: string };
  readonly strategies: readonly StrategyConfig[];
  readonly isolation: DecodedDocument['isolation'];
  readonly instruments: Readonly<Record<string, InstrumentOverride>>;
  readonly api: ApiConfig;
  /** Secrets are Redacted: taken out where a request is made. */
  readonly alerts: DecodedDocument['alerts'];
  readonly traces: DecodedDocument['traces'];
  readonly log: DecodedDocument['log'];
  readonly console: DecodedDocument['console'];
}

export interface AccountConfig extends Omit<DecodedDocument['account'], 'initialBalance'> {
  readonly initialBalanceMinor: Minor;
}
export interface LinkConfig extends Omit<DecodedDocument['link'], 'token' | 'takeoverToken'> {
  readonly takeoverToken?: Redacted.Redacted<string>;
  /** `Redacted.value(token)` where it is compared with what a terminal presents. */
  readonly token?: Redacted.Redacted<string>;
}
export interface ApiConfig extends Omit<DecodedDocument['api'], 'readToken'> {
  readonly readToken?: Redacted.Redacted<string>;
}
export interface TerminalConfig extends Omit<DecodedDocument['terminal'], 'operations'> {
  readonly operations: readonly ScheduledOperation[];
}
export interface MarketConfig extends Omit<DecodedDocument['market'], 'startAt'> {
  readonly startAt: EpochMs;
}
export interface RulesConfig {
  /** A built-in id, or the absolute path of the file that it was read from. */
  readonly set: string;
  readonly phase: string;
  readonly ruleSet: RuleSet;
}
export interface RiskConfig {
  readonly limits: RiskLimits;
  readonly sizing: SizingRule;
  readonly groups: readonly CorrelationGroup[];
  /** ε of both floors as it was written; `limits.floorBufferPpm` is the same, rounded up. */
  readonly floorBufferMinor: Minor;
  /** Points that a stop may slip: by symbol, else `default`. */
  readonly slippagePoints: Readonly<Record<string, number>> & { readonly default: number };
  /** Its gaps over releases, daily breaks and weekends, where the user has measured them. */
  readonly newsSlippagePoints: Readonly<Record<string, number>>;
  readonly breakSlippagePoints: Readonly<Record<string, number>>;
  readonly weekendSlippagePoints: Readonly<Record<string, number>>;
  readonly intentTtlMs: number;
  readonly nakedMs: number;
  readonly external: ExternalPolicy;
}
export interface StrategyConfig {
  readonly source: 'builtin' | 'file';
  /** Name of a built-in strategy, or the absolute path of a file. */
  readonly use: string;
  readonly symbol: string;
  /** Undefined: the strategy's own. */
  readonly timeframe: Timeframe | undefined;
  readonly params: Readonly<Record<string, number | string | boolean>>;
  /** Its own sizing, else the account's. */
  readonly sizing: SizingRule;
}
