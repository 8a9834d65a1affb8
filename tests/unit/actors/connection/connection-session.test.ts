import { describe, expect, it } from 'vitest';
import {
  frameFor,
  observeFrame,
  openSession,
} from '../../../../src/actors/connection/connection-session.ts';
import type { EaFrame, EaMessageOf } from '../../../../src/mt5/wire/messages.ts';
import { NOW } from '../../../support/guard-fixtures.ts';

const hello = { kind: 'hello', highestEpoch: 4 } as EaMessageOf<'hello'>;
const opened = (mono = 100) => openSession('s-1', '5012345@Sim/ea', hello, mono);
const from = (seq: number, mono: number, session = 's-1'): EaFrame => ({
  envelope: {
    v: 1,
    id: `e${seq}`,
    re: null,
    session,
    claim: null,
    seq,
    ts: { msc: 0, server: null, gmt: null, mono },
    trace: null,
  },
  body: { kind: 'goodbye', reason: 'test' },
});
const options = { instance: 'runtime-1', at: NOW };

describe('a session with a terminal', () => {
  it('numbers what it sends from 1, without gaps, and names it', () => {
    const first = frameFor(opened(), { kind: 'runtime.heartbeat', leaseMs: 1 }, options);
    const second = frameFor(
      first.session,
      { kind: 'runtime.heartbeat', leaseMs: 1 },
      { ...options, id: 'x', re: 'e7' },
    );
    expect(first.frame.envelope).toMatchObject({ seq: 1, id: 'r1', re: null, session: 's-1' });
    expect(second.frame.envelope).toMatchObject({ seq: 2, id: 'x', re: 'e7' });
  });

  it('claims nothing before it has an epoch, and then in every message', () => {
    const before = frameFor(opened(), { kind: 'runtime.heartbeat', leaseMs: 1 }, options);
    expect(before.frame.envelope.claim).toBeNull();
    const after = frameFor(
      { ...opened(), epoch: 5 },
      { kind: 'runtime.heartbeat', leaseMs: 1 },
      options,
    );
    expect(after.frame.envelope.claim).toEqual({ epoch: 5, instance: 'runtime-1' });
  });

  it('starts the deadline of a command at the last clock that the terminal showed', () => {
    const { session } = observeFrame(opened(100), from(1, 2_500));
    const { frame } = frameFor(
      session,
      { kind: 'order.cancel', intent: 'i1', attempt: 1, seenMono: 0, ttlMs: 5, ticket: '9' },
      options,
    );
    expect(frame.body).toMatchObject({ seenMono: 2_500 });
    const late = observeFrame(session, from(2, 2_000));
    expect(late.session.seenMono).toBe(2_500);
  });

  it('judges gaps, repetitions and strangers, and goes on after a gap', () => {
    const one = observeFrame(opened(), from(1, 100));
    expect(one.verdict).toEqual({ type: 'next' });
    const gap = observeFrame(one.session, from(4, 100));
    expect(gap.verdict).toMatchObject({ type: 'gap', missing: 2 });
    expect(observeFrame(gap.session, from(4, 100)).verdict.type).toBe('duplicate');
    expect(observeFrame(gap.session, from(5, 100)).verdict.type).toBe('next');
    expect(observeFrame(gap.session, from(5, 100, 's-0')).verdict.type).toBe('otherSession');
  });
});
