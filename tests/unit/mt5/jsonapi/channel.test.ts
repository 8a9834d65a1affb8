import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ambientClock, ambientDefer } from '../../../../src/actors/kernel/ambient-clock.ts';
import { openJsonApiChannel } from '../../../../src/mt5/jsonapi/channel.ts';
import type { JsonApiReply } from '../../../../src/mt5/jsonapi/replies.ts';
import type { JsonApiRequest } from '../../../../src/mt5/jsonapi/requests.ts';
import { tradeVerdict } from '../../../../src/mt5/jsonapi/trade-verdict.ts';
import type { JsonApiTerminal } from '../../../ea/json-api/json-api-terminal.ts';
import { jsonApiTerminal } from '../../../ea/json-api/quoted-terminal.ts';

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
  const terminal = await jsonApiTerminal();
  const dial = dialled(terminal.ports, answerMs);
  await dial.reached();
  return { terminal, ...dial };
};
const bought = (terminal: JsonApiTerminal): readonly string[] =>
  terminal.broker.engine.state.deals.flatMap(({ comment, entry }) =>
    entry === 'in' ? [comment] : [],
  );

describe('the channel to a JsonAPI EA', () => {
  it('gives each request its own replies, and keeps every digit of them', async () => {
    const { channel } = await connected();
    const [buying, balance, positions] = await Promise.all([
      channel.ask(buy('one')),
      channel.ask({ action: 'BALANCE' }),
      channel.ask(POSITIONS),
    ]);
    expect(tradeVerdict(buying)).toMatchObject({ type: 'result', retcode: 10_009 });
    const money = { balance: '99999.65000000', equity: '99998.65000000', margin: '130.01000000' };
    expect(balance).toEqual({ type: 'answered', replies: [{ type: 'balance', ...money }] });
    expect(positions).toMatchObject({
      replies: [{ items: [{ stopLoss: '1.09000000', price: '1.30010000' }] }],
    });
  });

  it('calls an order unknown when its answer does not come, and never sends another behind it', async () => {
    const { channel, terminal, late } = await connected(300);
    terminal.freeze();
    const first = await channel.ask(buy('first'));
    expect(first).toEqual({ type: 'unknown', why: 'silent' });
    expect(tradeVerdict(first).type).toBe('unknown');
    const second = await channel.ask(buy('second'));
    expect(tradeVerdict(second)).toEqual({ type: 'refused', reason: 'unreachable' });
    terminal.thaw();
    // The late answer belongs to the first order and to nobody else.
    await vi.waitFor(() => expect(late).toHaveLength(1), { timeout: 10_000 });
    expect(late[0]).toMatchObject({ request: buy('first'), replies: [{ type: 'trade' }] });
    await vi.waitFor(async () => expect((await channel.ask(POSITIONS)).type).toBe('answered'), {
      timeout: 10_000,
    });
    expect(bought(terminal)).toEqual(['first']);
  });

  it('does not take the reply of the next order for one that was dropped', async () => {
    const { channel, terminal } = await connected();
    terminal.dropped.replies = 1;
    const lost = await channel.ask(buy('lost'));
    expect(tradeVerdict(lost)).toEqual({ type: 'unknown', reason: 'its reply was dropped' });
    const next = tradeVerdict(await channel.ask(buy('next')));
    const [, second] = terminal.positions;
    expect(next).toMatchObject({ order: second?.ticket });
    expect(bought(terminal)).toEqual(['lost', 'next']);
  });

  it('calls an order unknown when the EA is gone before it has answered', async () => {
    // What is asked right after the loss may still go into the old connection, and waits in vain.
    const { channel, terminal } = await connected(2_000);
    terminal.freeze();
    const asked = channel.ask(buy('gone'));
    await vi.waitFor(() => expect(terminal.isHolding).toBe(true), { timeout: 10_000 });
    await terminal.kill();
    expect(await asked).toEqual({ type: 'unknown', why: 'disconnected' });
    expect(tradeVerdict(await channel.ask(buy('later')))).toMatchObject({ type: 'refused' });
  });

  it('sends nothing to an EA that is not there', async () => {
    const { channel } = dialled({ sysPort: 1, dataPort: 1 }, 200);
    expect(await channel.ask(buy('nobody'))).toEqual({ type: 'notSent', why: 'unreachable' });
  });

  it('hears an error once that the EA says twice, and knows that nothing was done', async () => {
    const { channel } = await connected();
    const wrong = await channel.ask({ ...buy('x'), actionType: 'NOTHING' } as never);
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
    const { channel, terminal } = await connected();
    await channel.ask(buy('one'));
    await channel.ask(buy('two'));
    const [first] = terminal.positions;
    expect(await channel.ask(POSITIONS)).toMatchObject({
      replies: [
        { type: 'positions', isWhole: false, hidden: 1, items: [{ ticket: first?.ticket }] },
      ],
    });
  });

  it('survives the leftovers of an earlier process on the data port', async () => {
    const { terminal, channel } = await connected(300);
    terminal.freeze();
    await channel.ask(buy('before'));
    channel.close();
    terminal.thaw();
    const after = dialled(terminal.ports, 5_000);
    await after.reached();
    const positions = await after.channel.ask(POSITIONS);
    expect(positions).toMatchObject({ replies: [{ type: 'positions', items: [{}] }] });
  });
});
