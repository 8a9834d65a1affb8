import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { namesOf } from '../../../../src/actors/guard/guard-intents.ts';
import type { SignalRaised } from '../../../../src/actors/messages.ts';
import { recallOrder } from '../../../../src/actors/tracing/followed.ts';
import { SignalTracer } from '../../../../src/actors/tracing/signal-tracer.ts';
import { createTraceContext } from '../../../../src/actors/tracing/trace-context.ts';
import { epochMs, points } from '../../../../src/domain/units.ts';
import { openJournalReader } from '../../../../src/journal/journal-reader.ts';
import { openJournal } from '../../../../src/journal/journal-writer.ts';
import type { EntryBody } from '../../../../src/journal/types.ts';
import type { Span } from '../../../../src/telemetry/traces/span.ts';
import { ACCOUNT, at, deal, entry, openIntent, planned } from '../../../support/entries.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const raised: SignalRaised = {
  type: 'signal.raised',
  strategy: { id: 'atr-breakout:EURUSD', hash: 'h', symbol: 'EURUSD' } as SignalRaised['strategy'],
  barAt: at(0),
  at: at(1_000),
  signal: {
    type: 'open',
    side: 'buy',
    kind: 'market',
    stopDistance: points(200),
    leg: 0,
    reason: 'breakout',
  } as SignalRaised['signal'],
};
const { key, intentId, signalId } = namesOf(ACCOUNT, raised);
const intent = openIntent(intentId, { key });
const done = { retcode: 10_009 };
const ORDER = { intent: intentId, attempt: 1 };

/** A tracer over a real journal; several lives share the file. */
const life = async (file: string, ratio = 1) => {
  const journal = await openJournal({ file, clock: { now: () => epochMs(500) } });
  onTestFinished(() => journal.close());
  const reader = openJournalReader({ file });
  onTestFinished(() => reader.close());
  const upToSeq = reader.lastSeq();
  const spans: Span[] = [];
  const context = createTraceContext({ journalId: () => 'run-1', accountId: ACCOUNT, ratio });
  const tracer = new SignalTracer({
    accountId: ACCOUNT,
    context,
    recall: (id) => recallOrder(reader, { accountId: ACCOUNT, intentId: id, upToSeq }),
    emit: (span) => spans.push(span),
  });
  const record = async (body: EntryBody, ms: number): Promise<void> => {
    await journal.append([entry(body)]);
    tracer.recorded(entry(body), ms);
  };
  const named = (name: string): Span | undefined => spans.find((span) => span.name === name);
  return { tracer, context, spans, named, record };
};
const newFile = (): string => join(temporaryDirectory(), 'journal.db');
const send = (tracer: SignalTracer, ms: number): void =>
  tracer.commanded({ intentId, attempt: 1, body: { kind: 'order.place' } } as never, ms);
const finish = (tracer: SignalTracer, trace: string | null, ms: number): void =>
  tracer.finished({ result: { intentId, attempt: 1, ...done }, trace } as never, ms);

describe('a tracer of signals', () => {
  it('goes on with the trace of an order that another life has sent', async () => {
    const file = newFile();
    const first = await life(file);
    first.tracer.ticked(raised.strategy.id, 100);
    first.tracer.raised(raised, 110);
    first.tracer.admitted({ type: 'intent.admitted', intent, raised } as never, 120);
    await first.record(planned(intent), 130);
    first.tracer.durable(intentId, 130);
    await first.record({ kind: 'attempt.sent', intentId, attempt: 1, epoch: 1 }, 140);
    send(first.tracer, 140);
    expect(first.named('signal')).toBeUndefined();

    const second = await life(file);
    finish(second.tracer, second.context.traceparent(intent, 1), 900);
    await second.record({ kind: 'deal.booked', intentId, deal: deal('1') }, 910);
    await second.record({ kind: 'order.state', intentId, state: 'filled' }, 920);
    const names = second.spans.map(({ name }) => name);
    expect(names).toEqual(['terminal.execute', 'order.attempt', 'deal', 'signal']);
    const traceIds = new Set([...first.spans, ...second.spans].map(({ traceId }) => traceId));
    expect(traceIds.size).toBe(1);
    const root = second.named('signal');
    expect(first.named('guard.verdict')?.parentId).toBe(root?.spanId);
    expect(second.named('order.attempt')).toMatchObject({ parentId: root?.spanId, startMs: 500 });
    expect(root?.attributes).toMatchObject({
      'bulwark.resumed': true,
      'bulwark.outcome': 'filled',
    });
  });

  it('shows nothing of the terminal unless its own context came back', async () => {
    const { tracer, context, named } = await life(newFile());
    tracer.raised(raised, 110);
    tracer.admitted({ type: 'intent.admitted', intent, raised } as never, 120);
    send(tracer, 140);
    const foreign = context.traceparent({ intentId, key: 'another' }, 1);
    finish(tracer, foreign, 150);
    expect(named('terminal.execute')).toBeUndefined();
    expect(named('order.attempt')).toMatchObject({ startMs: 140, endMs: 150, error: null });
  });

  it('ends with the reason of a refusal by the guard, and by the terminal', async () => {
    const denied = await life(newFile());
    denied.tracer.raised(raised, 110);
    await denied.record(
      { kind: 'order.denied', signalId, intentId, code: 'NEWS', detail: 'CPI' } as never,
      125,
    );
    expect(denied.spans.map(({ name }) => name)).toEqual([
      'strategy.decide',
      'guard.verdict',
      'signal',
    ]);
    expect(denied.named('guard.verdict')).toMatchObject({
      startMs: 110,
      endMs: 125,
      attributes: { 'bulwark.verdict': 'NEWS', 'bulwark.detail': 'CPI' },
    });
    expect(denied.named('signal')?.attributes).toMatchObject({ 'bulwark.outcome': 'NEWS' });

    const refused = await life(newFile());
    refused.tracer.raised(raised, 110);
    refused.tracer.admitted({ type: 'intent.admitted', intent, raised } as never, 120);
    send(refused.tracer, 140);
    const ack = { ...ORDER, status: 'refused', reason: 'stale_epoch', result: null };
    refused.tracer.acked({ type: 'attempt.acked', ack } as never, 145);
    expect(refused.named('order.attempt')).toMatchObject({ error: 'stale_epoch', endMs: 145 });
  });

  it('says of an intent that could not be written why', async () => {
    const { tracer, named } = await life(newFile());
    tracer.raised(raised, 110);
    tracer.admitted({ type: 'intent.admitted', intent, raised } as never, 120);
    tracer.durable(intentId, 130, 'the disk is full');
    expect(named('journal.append')).toMatchObject({ error: 'the disk is full', endMs: 130 });
  });

  it('makes no span of what is not sampled', async () => {
    const { tracer, spans, record } = await life(newFile(), 0);
    tracer.raised(raised, 110);
    tracer.admitted({ type: 'intent.admitted', intent, raised } as never, 120);
    send(tracer, 140);
    finish(tracer, null, 150);
    await record({ kind: 'order.state', intentId, state: 'filled' }, 160);
    expect(spans).toEqual([]);
  });
});
