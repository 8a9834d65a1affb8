import type { EaFrame, Envelope } from '../../wire/messages.ts';
import type { EaContext, Outgoing } from './ea-context.ts';

/** A message in its envelope: the EA's clocks, the claim it last granted, and the trace of whatever
 * it answers. */
export const enveloped = (
  ea: EaContext,
  { body, re: answered, attachment, trace }: Outgoing,
  place: Pick<Envelope, 'id' | 're' | 'session' | 'seq'>,
): EaFrame => {
  const { state, now, mono, env } = ea;
  const at = now();
  const envelope: Envelope = {
    v: 1,
    ...place,
    re: answered?.id ?? place.re,
    claim: state.holder === null ? null : { epoch: state.highestEpoch, instance: state.holder },
    ts: { msc: at, server: at + env.serverOffsetMs(at), gmt: at, mono: mono() },
    trace: trace ?? answered?.trace ?? null,
  };
  return attachment === undefined ? { envelope, body } : { envelope, body, attachment };
};
