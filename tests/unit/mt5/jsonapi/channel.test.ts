import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ambientClock, ambientDefer } from '../../../../src/actors/kernel/ambient-clock.ts';
import { openJsonApiChannel } from '../../../../src/mt5/jsonapi/channel.ts';
import type { JsonApiReply } from '../../../../src/mt5/jsonapi/replies.ts';
import type { JsonApiRequest } from '../../../../src/mt5/jsonapi/requests.ts';
import { tradeVerdict } from '../../../../src/mt5/jsonapi/trade-verdict.ts';
import { JsonApiPeer } from '../../../support/json-api-peer.ts';

const buy = (comment: string): JsonApiRequest => ({
  action: 'TRADE',
  actionType: 'ORDER_TYPE_BUY',
  symbol: 'EURUSD',
  volume: '0.10',
  stoploss: '1.09000',
  comment,
});
const POSITIONS = { action: 'POSITIONS' } as const;

const dialled = (
  ports: { readonly sysPort: number; readonly dataPort: number },
  answerMs: number,
) => {
  const late: { readonly request: JsonApiRequest; readonly replies: readonly JsonApiReply[] }[] =
    [];
  const faults: unknown[] = [];
  const channel = openJsonApiChannel({
    host: '127.0.0.1',
    ...ports,
    answerMs,
    firstBarrier: 1_000,
    clock: ambientClock,
    defer: ambientDefer,
    onFault: (error) => faults.push(error),
    onLate: (request, replies) => late.push({ request, replies }),
  });
  onTestFinished(() => {
    channel.close();
    expect(faults).toEqual([]);
  });
  /** Connecting takes a moment, and nothing is kept for later. */
  const reached = () =>
    vi.waitFor(
      async () => {
        const outcome = await channel.ask({ action: 'BALANCE' });
        expect(outcome.type).toBe('answered');
        return outcome;
      },
      { timeout: 10_000, interval: 10 },
    );
  return { channel, late, reached };
};
const connected = async (answerMs = 5_000) => {
  const { peer, ...ports } = await JsonApiPeer.open();
  const dial = dialled(ports, answerMs);
  await dial.reached();
  return { peer, ports, ...dial };
};

describe('the channel to a JsonAPI EA', () => {
  it('gives each request its own replies, and keeps every digit of them', async () => {
    const { channel, peer } = await connected();
    peer.positions.push({ id: '9007199254740993', symbol: 'EURUSD', stoploss: '1.0E-5' });
    const [bought, balance, positions] = await Promise.all([
      channel.ask(buy('one')),
      channel.ask({ action: 'BALANCE' }),
      channel.ask({ action: 'POSITIONS' }),
    ]);
    expect(tradeVerdict(bought)).toMatchObject({ type: 'result', retcode: 10_009, order: '7001' });
    const money = { balance: '100000.00000000', equity: '100000', margin: '0' };
    expect(balance).toEqual({ type: 'answered', replies: [{ type: 'balance', ...money }] });
    expect(positions).toMatchObject({
      replies: [{ items: [{ ticket: '9007199254740993', stopLoss: '0.000010' }] }],
    });
  });

  it('calls an order unknown when its answer does not come, and never sends another behind it', async () => {
    const { channel, peer, late } = await connected(300);
    peer.freeze();
    const first = await channel.ask(buy('first'));
    expect(first).toEqual({ type: 'unknown', why: 'silent' });
    expect(tradeVerdict(first).type).toBe('unknown');
    const second = await channel.ask(buy('second'));
    expect(tradeVerdict(second)).toEqual({ type: 'refused', reason: 'unreachable' });
    peer.thaw();
    // The late answer belongs to the first order and to nobody else.
    await vi.waitFor(() => expect(late).toHaveLength(1), { timeout: 10_000 });
    expect(late[0]).toMatchObject({ request: buy('first'), replies: [{ type: 'trade' }] });
    await vi.waitFor(async () => expect((await channel.ask(POSITIONS)).type).toBe('answered'), {
      timeout: 10_000,
    });
    expect(peer.done).toEqual(['buy first']);
  });

  it('does not take the reply of the next order for one that was dropped', async () => {
    const { channel, peer } = await connected();
    // The reply and the echo behind it are lost; the next echo cannot tell whose replies came.
    peer.dropped = 1;
    const lost = await channel.ask(buy('lost'));
    expect(tradeVerdict(lost)).toEqual({ type: 'unknown', reason: 'its reply was dropped' });
    expect(tradeVerdict(await channel.ask(buy('next')))).toMatchObject({ order: '7002' });
    expect(peer.done).toEqual(['buy lost', 'buy next']);
  });

  it('calls an order unknown when the EA is gone before it has answered', async () => {
    const { channel, peer } = await connected();
    peer.freeze();
    const asked = channel.ask(buy('gone'));
    await vi.waitFor(() => expect(peer.isHolding).toBe(true), { timeout: 10_000 });
    peer.close();
    expect(await asked).toEqual({ type: 'unknown', why: 'disconnected' });
    expect(tradeVerdict(await channel.ask(buy('later')))).toMatchObject({ type: 'refused' });
  });

  it('sends nothing to an EA that is not there', async () => {
    const { channel } = dialled({ sysPort: 1, dataPort: 1 }, 200);
    expect(await channel.ask(buy('nobody'))).toEqual({ type: 'notSent', why: 'unreachable' });
  });

  it('hears an error once that the EA says twice, and knows that nothing was done', async () => {
    const { channel } = await connected();
    const wrong = await channel.ask({ ...buy('x'), actionType: 'ORDER_CANCEL' } as JsonApiRequest);
    expect(wrong).toMatchObject({ replies: [{ type: 'done' }, { type: 'trade' }] });
    expect(tradeVerdict(wrong).type).toBe('refused');
    // The next request gets its own reply and not the second half of that error.
    expect(await channel.ask(POSITIONS)).toMatchObject({ replies: [{ type: 'positions' }] });
  });

  it('does not call a failure without a retcode a refusal', async () => {
    const { channel } = await connected();
    const close = { action: 'TRADE', actionType: 'POSITION_CLOSE_ID', symbol: 'EURUSD' } as const;
    const outcome = await channel.ask({ ...close, id: '12' });
    expect(tradeVerdict(outcome)).toEqual({ type: 'unknown', reason: 'it gave no retcode' });
  });

  it('proves nothing absent by a list in which the EA names one position twice', async () => {
    const { channel, peer } = await connected();
    peer.positions.push({ id: '11', symbol: 'EURUSD', stoploss: '1.09' });
    peer.positions.push({ id: '12', symbol: 'EURUSD', stoploss: '0' });
    expect(await channel.ask(POSITIONS)).toMatchObject({
      replies: [{ type: 'positions', isWhole: false, hidden: 1, items: [{ ticket: '11' }] }],
    });
  });

  it('survives the leftovers of an earlier process on the data port', async () => {
    const { peer, ports, channel } = await connected(300);
    peer.freeze();
    await channel.ask(buy('before'));
    channel.close();
    peer.thaw();
    const after = dialled(ports, 5_000);
    await after.reached();
    const positions = await after.channel.ask(POSITIONS);
    expect(positions).toMatchObject({ replies: [{ type: 'positions', items: [{}] }] });
  });
});
