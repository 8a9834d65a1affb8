import type { EpochMs } from '../../domain/units.ts';
import type { DecodeError } from './codec.ts';
import { WIRE_LIMITS } from './limits.ts';

/** What a log line needs about bad messages of one peer. */
export interface MalformedInfo {
  readonly error: Exclude<DecodeError, 'unknown_kind'> | 'identity';
  /** Of the latest one. */
  readonly detail: string;
  readonly id?: string;
  /** Bad messages of this peer since the last report, this one included. */
  readonly count: number;
  /** Bad messages of this peer since the link opened. */
  readonly total: number;
}

interface PeerCount {
  total: number;
  unreported: number;
  reportedAt: EpochMs | undefined;
}

/**
 * Counts bad messages per peer and lets at most one report per peer and minute through, the first
 * at once: a peer that sends rubbish must not be able to fill the log.
 */
export const createMalformedReports = (options: {
  readonly now: () => EpochMs;
  readonly report: (identity: string, info: MalformedInfo) => void;
}) => {
  const peers = new Map<string, PeerCount>();
  let total = 0;
  return {
    note: (identity: string, bad: Omit<MalformedInfo, 'count' | 'total'>): void => {
      total += 1;
      const peer = peers.get(identity) ?? { total: 0, unreported: 0, reportedAt: undefined };
      // Re-inserting keeps the map in order of last use, so the first key is the oldest.
      peers.delete(identity);
      peers.set(identity, peer);
      if (peers.size > WIRE_LIMITS.countedPeers) {
        for (const oldest of peers.keys()) {
          peers.delete(oldest);
          break;
        }
      }
      peer.total += 1;
      peer.unreported += 1;
      const now = options.now();
      const { reportedAt } = peer;
      if (reportedAt !== undefined && now - reportedAt < WIRE_LIMITS.malformedReportMs) return;
      const count = peer.unreported;
      peer.reportedAt = now;
      peer.unreported = 0;
      options.report(identity, { ...bad, count, total: peer.total });
    },
    /** Bad messages of one peer, or of all. */
    count: (identity?: string): number =>
      identity === undefined ? total : (peers.get(identity)?.total ?? 0),
  };
};
