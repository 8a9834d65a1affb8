import { encodeUlid } from '../domain/ulid.ts';
import type { EpochMs } from '../domain/units.ts';
import { sha256, sha256Hex } from './sha256.ts';
import { canonicalJson } from './strategy-hash.ts';

export interface IntentKeyParts {
  readonly accountId: string;
  readonly strategyId: string;
  /** `strategyHash` of code and parameters. */
  readonly strategyHash: string;
  readonly symbol: string;
  /** Instant at which the deciding bar closed (session time, UTC). */
  readonly barCloseAt: EpochMs;
  readonly leg: number;
}

/**
 * The same decision always has the same key, so a restarted strategy that repeats its last signal
 * changes nothing. The parts are hashed as a JSON array: no part can run into its neighbour.
 */
export const intentKey = (parts: IntentKeyParts): string =>
  sha256Hex(
    canonicalJson([
      parts.accountId,
      parts.strategyId,
      parts.strategyHash,
      parts.symbol,
      parts.barCloseAt,
      parts.leg,
    ]),
  );

/** Deterministic ULID of an intent: its time is session time, its random part the key's hash, so
 * that a replay gives the same ids at any speed. */
export const intentIdOf = (key: string, at: EpochMs): string =>
  encodeUlid(at, sha256(`intent:${key}`));
