import { describe, expect, it } from 'vitest';
import { messageOf } from '../../../../src/actors/kernel/envelope.ts';
import { Mailbox } from '../../../../src/actors/kernel/mailbox.ts';
import type { MailboxOptions, Message } from '../../../../src/actors/kernel/types.ts';

interface Tick extends Message {
  readonly n: number;
}
const tick = (type: string, n: number): Tick => ({ type, n });
const options = (overflow: MailboxOptions['overflow'], capacity = 3): MailboxOptions => ({
  capacity,
  overflow,
  lane: (message) => (message.type === 'halt' ? 'control' : 'user'),
});
const contents = (mailbox: Mailbox): string[] =>
  mailbox.drain().map((entry) => {
    const message = messageOf(entry) as Tick;
    return `${message.type}${message.n}`;
  });
const byType = { type: 'conflate', key: (message: Message) => message.type } as const;

describe('a mailbox', () => {
  it('refuses what does not fit under reject', () => {
    const mailbox = new Mailbox(options({ type: 'reject' }));
    const messages = [1, 2, 3, 4].map((n) => tick('t', n));
    const displaced = messages.map((message) => mailbox.push(message, false));
    expect(displaced).toEqual([undefined, undefined, undefined, messages[3]]);
    expect(contents(mailbox)).toEqual(['t1', 't2', 't3']);
  });

  it('gives up the oldest user message under dropOldest, never a control message', () => {
    const mailbox = new Mailbox(options({ type: 'dropOldest' }));
    mailbox.push(tick('halt', 0), false);
    for (const n of [1, 2, 3, 4, 5]) mailbox.push(tick('t', n), false);
    expect(contents(mailbox)).toEqual(['halt0', 't3', 't4', 't5']);
  });

  it('gives up the superseded message of the same key, and keeps the order of the others', () => {
    const mailbox = new Mailbox(options(byType));
    const first = tick('eur', 1);
    mailbox.push(first, false);
    mailbox.push(tick('usd', 2), false);
    mailbox.push(tick('jpy', 3), false);
    expect(mailbox.push(tick('eur', 4), false)).toBe(first);
    const strange = tick('chf', 5);
    expect(mailbox.push(strange, false)).toBe(strange);
    expect(mailbox.depth).toBe(3);
    expect(contents(mailbox)).toEqual(['usd2', 'jpy3', 'eur4']);
  });

  it('keeps its bound however long a stalled lane is conflated', () => {
    const mailbox = new Mailbox(options(byType));
    for (let n = 0; n < 10_000; n += 1) mailbox.push(tick(`k${n % 3}`, n), false);
    expect(mailbox.depth).toBe(3);
    expect(contents(mailbox)).toEqual(['k09999', 'k19997', 'k29998'].sort(byNumber));
    expect(mailbox.depth).toBe(0);
  });

  it('lets in what the actor owes itself, past every bound', () => {
    const mailbox = new Mailbox(options({ type: 'reject' }, 1));
    mailbox.push(tick('t', 1), false);
    expect(mailbox.push(tick('timer', 2), true)).toBeUndefined();
    expect(mailbox.push(tick('halt', 3), false)).toBeUndefined();
    expect(mailbox.push(tick('halt', 4), false)).toEqual(tick('halt', 4));
    expect(contents(mailbox)).toEqual(['halt3', 't1', 'timer2']);
  });

  it('puts entries back in front, in order, and conflates them still', () => {
    const mailbox = new Mailbox(options(byType));
    mailbox.push(tick('c', 3), false);
    mailbox.pushFront([tick('a', 1), tick('b', 2)]);
    mailbox.push(tick('c', 4), false);
    expect(contents(mailbox)).toEqual(['a1', 'b2', 'c4']);
  });
});

const byNumber = (a: string, b: string): number => Number(a.slice(2)) - Number(b.slice(2));
