import { describe, expect, it } from 'vitest';
import { createBrake } from '../../../../src/actors/control/brake.ts';
import { CONTROL_LIMITS } from '../../../../src/actors/control/control-limits.ts';
import { OrderBook } from '../../../../src/actors/control/control-orders.ts';
import {
  type ControlAnswer,
  type ControlRequest,
  readRequest,
  type ToMain,
} from '../../../../src/actors/control/control-protocol.ts';
import { createVirtualClock } from '../../../../src/actors/kernel/virtual-clock.ts';
import type { OperatorCommand } from '../../../../src/actors/operator/operator-types.ts';

const setUp = () => {
  const clock = createVirtualClock(0);
  const brake = createBrake();
  const told: ToMain[] = [];
  const ends: string[] = [];
  const orders = new OrderBook({
    clock,
    brake,
    tell: (message) => told.push(message),
    lastResort: (reason) => ends.push(reason),
  });
  const place = (command: OperatorCommand): readonly ControlAnswer[] => {
    const answers: ControlAnswer[] = [];
    const request: ControlRequest = { v: 1, id: 'a', account: 'all', by: 'eva', command };
    orders.place(request, (answer) => answers.push(answer));
    return answers;
  };
  return { clock, brake, told, ends, orders, place };
};
const STATUS = { ok: true, done: [], result: null } as const;

describe('orders on their way to the main thread', () => {
  it.each(['halt', 'flatten', 'kill'] as const)('pull the brake first: %s', (type) => {
    const { brake, place, told } = setUp();
    place({ type, reason: 'now' });
    expect(brake.engaged()).toBe(true);
    expect(told).toMatchObject([{ type: 'order', number: 1, origin: 'cli' }]);
  });

  it.each([
    { type: 'resume', reason: 'calm' },
    { type: 'status' },
    { type: 'rearm', typed: '1', reason: 'calm' },
  ] as const)('leave the brake alone when they stop nothing: $type', (command) => {
    const { brake, place } = setUp();
    place(command);
    expect(brake.engaged()).toBe(false);
  });

  it('are answered by the main thread, however long it takes once it has read them', () => {
    const { clock, orders, place, ends } = setUp();
    const answers = place({ type: 'kill', reason: 'now' });
    orders.hear({ type: 'taken', number: 1 });
    clock.advanceTo(60_000);
    expect([answers, ends]).toEqual([[], []]);
    orders.hear({ type: 'answer', number: 1, reply: STATUS });
    expect(answers).toEqual([{ v: 1, id: 'a', reply: STATUS }]);
  });

  it('get the last status while the main thread is busy, and how old it is', () => {
    const { clock, orders, place } = setUp();
    orders.hear({ type: 'status', at: 0, reply: STATUS });
    clock.advanceTo(500);
    const answers = place({ type: 'status' });
    clock.advanceTo(500 + CONTROL_LIMITS.takenMs);
    expect(answers).toEqual([{ v: 1, id: 'a', reply: STATUS, staleMs: 2_500 }]);
  });

  it('are told that they wait, and keep the brake pulled', () => {
    const { clock, brake, place } = setUp();
    const answers = place({ type: 'halt', reason: 'now' });
    clock.advanceTo(CONTROL_LIMITS.takenMs);
    expect(answers).toMatchObject([{ reply: { ok: false, refusals: [{ code: 'NO_ANSWER' }] } }]);
    expect(JSON.stringify(answers)).toContain('nothing opens meanwhile');
    expect(brake.engaged()).toBe(true);
  });

  it('end a process that does not come back, for a kill and for nothing else', () => {
    const { clock, ends, place } = setUp();
    place({ type: 'flatten', reason: 'now' });
    const answers = place({ type: 'kill', reason: 'enough' });
    clock.advanceTo(CONTROL_LIMITS.lastResortMs - 1);
    expect([answers, ends]).toEqual([[], []]);
    clock.advanceTo(CONTROL_LIMITS.lastResortMs + 1);
    expect(ends).toEqual(['eva: enough']);
    expect(answers).toMatchObject([{ reply: { ok: true } }]);
  });

  it('come from the KILL file as well', () => {
    const { brake, orders, told } = setUp();
    orders.killByFile('the KILL file');
    expect(brake.engaged()).toBe(true);
    expect(told).toMatchObject([
      { origin: 'file', request: { account: 'all', command: { type: 'kill' } } },
    ]);
  });
});

describe('the brake', () => {
  it('counts who pulls it, and a reset is not undone by a late release', () => {
    const brake = createBrake();
    brake.pull();
    brake.pull();
    brake.release();
    expect(brake.engaged()).toBe(true);
    brake.reset();
    brake.release();
    expect(brake.engaged()).toBe(false);
    brake.pull();
    expect(brake.engaged()).toBe(true);
  });

  it('is the same on both sides of its memory', () => {
    const ours = createBrake();
    createBrake(ours.memory).pull();
    expect(ours.engaged()).toBe(true);
  });
});

describe('a line of the control socket', () => {
  const base = { v: 1, id: 'a', account: 'all', command: { type: 'status' } };
  it('is a request, with its command decoded', () => {
    expect(readRequest(JSON.stringify({ ...base, by: 'eva' }))).toEqual({
      ok: true,
      request: { ...base, by: 'eva' },
    });
  });

  it.each([
    ['no JSON', '{'],
    ['no object', '7'],
    ['another version', JSON.stringify({ ...base, v: 2 })],
    ['no id', JSON.stringify({ ...base, id: 7 })],
    ['no account', JSON.stringify({ ...base, account: null })],
    ['an unknown command', JSON.stringify({ ...base, command: { type: 'sell' } })],
    ['a command without its reason', JSON.stringify({ ...base, command: { type: 'kill' } })],
    [
      'an endless reason',
      JSON.stringify({ ...base, command: { type: 'kill', reason: 'x'.repeat(10_000) } }),
    ],
  ])('is refused with a cause: %s', (_, line) => {
    const read = readRequest(line);
    expect(read.ok ? undefined : read.cause).toMatch(/\w/);
  });
});
