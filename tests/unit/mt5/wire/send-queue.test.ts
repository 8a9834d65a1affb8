import { describe, expect, it } from 'vitest';
import { createSendQueue } from '../../../../src/mt5/wire/send-queue.ts';

/** A transmitter whose sends end when the test says so, as a socket with a full pipe does. */
const setUp = (capacity = 10) => {
  const pending: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  const started: number[] = [];
  const faults: unknown[] = [];
  const queue = createSendQueue({
    capacity,
    transmit: ([part]) => {
      started.push(part?.[0] ?? -1);
      return new Promise((resolve, reject) => pending.push({ resolve, reject }));
    },
    onFault: (error) => faults.push(error),
  });
  const push = (n: number) => queue.push([Uint8Array.of(n)]);
  return { queue, push, pending, started, faults };
};

describe('the send queue', () => {
  it('has one send under way at a time, in order', async () => {
    const { push, pending, started } = setUp();
    const outcomes = [push(1), push(2), push(3)];
    expect(started).toEqual([1]);
    for (let i = 0; i < 3; i += 1) {
      pending[i]?.resolve();
      expect(await outcomes[i]).toBe('ok');
      await Promise.resolve();
    }
    expect(started).toEqual([1, 2, 3]);
  });

  it('goes on after a failure, and gives each message its own outcome', async () => {
    const { push, pending, faults } = setUp();
    const outcomes = [push(1), push(2), push(3), push(4)];
    const codes = ['EHOSTUNREACH', 'EAGAIN', 'EBADF', 'EINVAL'];
    const results: string[] = [];
    for (const [i, code] of codes.entries()) {
      pending[i]?.reject(Object.assign(new Error(code), { code }));
      results.push(String(await outcomes[i]));
      await Promise.resolve();
    }
    expect(results).toEqual(['unreachable', 'queueFull', 'closed', 'unreachable']);
    expect(faults).toEqual([expect.objectContaining({ code: 'EINVAL' })]);
  });

  it('refuses what exceeds its capacity and keeps what it has', async () => {
    const { queue, push, pending } = setUp(2);
    const first = push(1);
    const waiting = [push(2), push(3)];
    expect(queue.depth()).toBe(2);
    expect(await push(4)).toBe('queueFull');
    pending[0]?.resolve();
    expect(await first).toBe('ok');
    queue.close();
    pending[1]?.resolve();
    expect(await Promise.all(waiting)).toEqual(['ok', 'closed']);
    expect(await push(5)).toBe('closed');
  });
});
