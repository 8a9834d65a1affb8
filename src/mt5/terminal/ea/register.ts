import type { EaBody, Envelope, RuntimeMessageOf } from '../../wire/messages.ts';
import type { EaContext } from './ea-context.ts';

/**
 * The register: which epoch is the highest, and who holds it. Written before it is granted, so no
 * two controllers ever share an epoch.
 */
export type Role = 'active' | 'standby';

/** Grants the next epoch when nobody holds the lease, the claimant does, it lapsed, or the operator's
 * token is shown. */
export const answerClaim = (
  ea: EaContext,
  body: RuntimeMessageOf<'claim'>,
  options: { readonly role: Role; readonly takeoverToken: string | undefined },
): EaBody => {
  const { state, emit } = ea;
  const refused = (reason: 'lease_held' | 'stale_expected' | 'standby'): EaBody => ({
    kind: 'claim.refused',
    reason,
    highestEpoch: state.highestEpoch,
    holder: state.holder,
  });
  if (options.role === 'standby') return refused('standby');
  if (body.expected !== state.highestEpoch) return refused('stale_expected');
  const { takeoverToken } = options;
  const shown = takeoverToken !== undefined && body.takeoverToken === takeoverToken;
  const free = state.holder === null || state.holder === body.instanceId || state.lapsed;
  if (!free && !shown) return refused('lease_held');
  const epoch = body.expected + 1;
  emit({ type: 'ea.claimed', epoch, holder: body.instanceId, leaseMs: body.leaseMs });
  return { kind: 'claim.granted', epoch, leaseMs: body.leaseMs };
};

/** True when the message carries exactly the epoch and instance that were granted last. */
export const isHolder = (ea: EaContext, { claim }: Envelope): boolean =>
  claim !== null && claim.epoch === ea.state.highestEpoch && claim.instance === ea.state.holder;

/** A controller that was overtaken learns of the newer one from the first heartbeat with its claim. */
export const answerHeartbeat = (ea: EaContext, envelope: Envelope): readonly EaBody[] =>
  envelope.claim === null || isHolder(ea, envelope)
    ? []
    : [{ kind: 'error', code: 'stale_epoch', detail: 'runtime.heartbeat' }];
