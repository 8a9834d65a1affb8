import { describe, expect, it } from 'vitest';
import type {
  ActorContext,
  ExitReason,
  KernelEvent,
  Message,
} from '../../src/actors/kernel/types.ts';
import { type AnyBehaviour, deskPath } from '../../src/actors/tree.ts';
import { epochMs } from '../../src/domain/units.ts';
import { KernelWatch } from './kernel-watch.ts';
import { MessageWatch } from './message-watch.ts';
import { checkOpening } from './opening-watch.ts';
import { treeShape } from './tree-shape.ts';
import { brokenBy } from './violation.ts';

/** Each watch is shown a history that breaks its promise, and the same one that keeps it. */

const LOGIN = '1';
const desk = (name: string): string => deskPath(LOGIN, name);
const at = epochMs(0);
const started = (path: string, incarnation = 1): KernelEvent => ({
  ...{ type: 'actor.started', path, incarnation, at },
});
const SHUTDOWN: ExitReason = { type: 'shutdown' };
const CRASH: ExitReason = { type: 'crash', message: 'no' };
const exited = (path: string, reason: ExitReason = SHUTDOWN, incarnation = 1): KernelEvent => ({
  ...{ type: 'actor.exited', path, incarnation, reason, at },
});
const crashed = (path: string, incarnation = 1): KernelEvent => ({
  type: 'actor.crashed',
  report: {
    ...{ path, incarnation, reason: CRASH, state: null, message: undefined },
    ...{ mailboxDepth: 0, restartsLeft: 1 },
  },
  at,
});
const fell = (path: string, incarnation = 1): readonly KernelEvent[] => [
  crashed(path, incarnation),
  exited(path, CRASH, incarnation),
];
const scheduled = (path: string, ms = 0): KernelEvent => ({
  ...{ type: 'actor.restartScheduled', path, delayMs: 100, at: epochMs(ms) },
});
const exhausted = (path: string): KernelEvent => ({
  ...{ type: 'supervisor.exhausted', path, action: 'park', at },
});

const DESK = ['connection', 'risk-guard', 'executor', 'recovery'].map(desk);
const HOST = `${desk('strategies')}.s.host`;
const UP = [
  ...['journal', 'observers.auditor', 'observers', ...DESK, HOST],
  ...[`${desk('strategies')}.s`, desk('strategies'), `accounts.${LOGIN}.desk`],
  ...[`accounts.${LOGIN}`, 'accounts', ''],
];
const up = UP.map((path) => started(path));
const DOWN = [
  ...[HOST, `${desk('strategies')}.s`, desk('strategies'), ...DESK.toReversed()],
  ...[`accounts.${LOGIN}.desk`, `accounts.${LOGIN}`, 'accounts'],
  ...['observers.auditor', 'observers', 'journal', ''],
];

const watchOf = (events: readonly KernelEvent[]): KernelWatch => {
  const watch = new KernelWatch(treeShape(LOGIN, ['s']));
  for (const event of events) watch.observe(event);
  return watch;
};
const broken = (...events: readonly KernelEvent[]): string =>
  brokenBy(() => {
    watchOf(events);
  });

describe('what the kernel tells', () => {
  it('is believed when it keeps every promise', () => {
    expect(broken(...up)).toBe('nothing');
    expect(broken(...up, ...DOWN.map((path) => exited(path)))).toBe('nothing');
  });

  it('breaks S1 when one path lives twice', () => {
    expect(broken(...up, started(HOST, 2))).toBe('S1');
    expect(broken(...up, ...fell(HOST), started(HOST, 2))).toBe('nothing');
  });

  it('breaks S2 when a child starts before the one on its left', () => {
    expect(broken(started('observers'))).toBe('S2');
    expect(broken(started(desk('executor')))).toBe('S2');
  });

  it('breaks S2 when a group restarts without the one that died first', () => {
    const [, guard = '', executor = '', recovery = ''] = DESK;
    const stopped = [executor, recovery, `${desk('strategies')}.s`, desk('strategies')];
    const group = [
      ...up,
      ...fell(guard),
      ...[HOST, ...stopped.slice(2), recovery, executor].map((path) => exited(path)),
    ];
    expect(broken(...group, started(executor, 2))).toBe('S2');
    expect(broken(...group, started(guard, 2), started(executor, 2))).toBe('nothing');
    // It died again while the others were being started: its notice waits.
    const again = [started(guard, 2), ...fell(guard, 2), started(executor, 2)];
    expect(broken(...group, ...again)).toBe('nothing');
  });

  it('breaks S2 when a child is stopped before the one on its right', () => {
    expect(broken(...up, exited(desk('connection')))).toBe('S2');
  });

  it('breaks S3 when something lives below the dead, or after the end', () => {
    expect(broken(...up, exited('observers'))).toBe('S3');
    expect(broken(...up, exited('observers.auditor'), exited('observers'))).not.toBe('S3');
    expect(brokenBy(() => watchOf(up).checkEnded())).toBe('S3');
    expect(broken(started('somebody'))).toBe('S3');
  });

  it('breaks S4 when more restarts are carried out than the budget allows', () => {
    const lives = Array.from({ length: 4 }, (_, life) => [
      ...fell(HOST, life + 1),
      scheduled(HOST, life),
      started(HOST, life + 2),
    ]);
    expect(broken(...up, ...lives.slice(0, 3).flat())).toBe('nothing');
    expect(broken(...up, ...lives.flat())).toBe('S4');
    const late = { ...started(HOST, 5), at: epochMs(60_004) } as KernelEvent;
    expect(broken(...up, ...lives.flat().slice(0, -1), late)).toBe('nothing');
    // The last restart was scheduled, and the supervisor gave up instead.
    expect(broken(...up, ...lives.flat().slice(0, -1), exhausted(HOST))).toBe('nothing');
  });

  it('breaks S4 when a supervisor goes on that has given up', () => {
    const strategy = `${desk('strategies')}.s`;
    const given = [...up, ...fell(HOST), exhausted(strategy)];
    expect(broken(...given, started(HOST, 2))).toBe('S4');
    const watch = watchOf(given);
    watch.unparked(strategy);
    expect(brokenBy(() => watch.observe(started(HOST, 2)))).toBe('nothing');
  });

  it('breaks S12 when an actor falls without a report', () => {
    expect(broken(...up, exited(HOST, CRASH))).toBe('S12');
    expect(broken(...up, exited(HOST, { type: 'killed' }))).toBe('S12');
    expect(broken(...up, ...fell(HOST))).toBe('nothing');
  });

  it('breaks S12 when nobody is told of a crash, or of a supervisor that gave up', () => {
    const watch = watchOf([...up, ...fell(HOST)]);
    expect(brokenBy(() => watch.checkTold([]))).toBe('S12');
    watch.noticed({ code: 'actor.crashed', path: HOST });
    expect(brokenBy(() => watch.checkTold([]))).toBe('nothing');
    const parked = {
      ...({ type: 'supervisor', status: 'parked' } as const),
      ...{ path: `accounts.${LOGIN}`, incarnation: 1, restarts: 0, mailboxDepth: 0, summary: null },
    };
    expect(brokenBy(() => watch.checkTold([parked]))).toBe('S12');
    watch.observe(exhausted(parked.path));
    watch.noticed({ code: 'supervisor.exhausted', path: parked.path });
    expect(brokenBy(() => watch.checkTold([parked]))).toBe('nothing');
  });
});

describe('what happens to messages', () => {
  const tick: Message = { type: 'tick' };
  const letter = (message: Message, why: 'down' | 'overflow'): KernelEvent => ({
    ...{ type: 'deadLetter', path: 'b', message, why, at },
  });
  const watched = (alive: readonly string[] = ['a', 'b']) => {
    const violations: string[] = [];
    const watch = new MessageWatch(({ invariant }) => violations.push(invariant));
    for (const path of alive) watch.born(path);
    return { watch, violations };
  };

  it('breaks S5 when a message ends nowhere', () => {
    const { watch, violations } = watched();
    watch.sent('b', tick);
    watch.checkEnded();
    expect(violations).toEqual(['S5']);
  });

  it('breaks S5 when a message ends twice', () => {
    const { watch, violations } = watched();
    watch.sent('b', tick);
    watch.sent('b', tick);
    watch.ended('b', tick, 'handled');
    watch.observe(letter(tick, 'down'));
    expect(violations).toEqual([]);
    watch.ended('b', tick, 'handled');
    expect(violations).toEqual(['S5']);
  });

  it('breaks S6 when a death is told twice, or another message comes before it', () => {
    const { watch, violations } = watched();
    const vigil = watch.watched('a', 'b');
    watch.received('a', tick);
    watch.observe(exited('b'));
    expect(violations).toEqual([]);
    watch.received('a', tick);
    expect(violations).toEqual(['S6']);
    watch.told(vigil, { type: 'down' });
    watch.received('a', tick);
    watch.told(vigil, { type: 'down' });
    expect(violations).toEqual(['S6', 'S6']);
  });

  it('breaks S6 when nobody tells that the watched one was dead from the start', () => {
    const { watch, violations } = watched(['a']);
    watch.watched('a', 'b');
    watch.received('a', tick);
    expect(violations).toEqual(['S6']);
  });

  it('breaks S11 when a notice of death finds no room', () => {
    const { watch, violations } = watched();
    const notice = { type: 'down' };
    watch.told(watch.watched('b', 'a'), notice);
    watch.observe(letter(notice, 'overflow'));
    expect(violations).toEqual(['S11']);
  });

  /** An actor under watch, its context recorded. */
  const around = (receive: (message: Message, context: ActorContext) => void) => {
    const { watch, violations } = watched();
    const sent: Message[] = [];
    const context = {
      path: 'a',
      self: { path: 'a', send: () => undefined },
      ref: (path: string) => ({ path, send: (message: Message) => sent.push(message) }),
      stash: () => undefined,
      after: () => ({ cancel: () => undefined }),
    } as unknown as ActorContext;
    const behaviour = {
      init: () => null,
      receive: (state: unknown, message: Message, seen: ActorContext) => {
        receive(message, seen);
        return state;
      },
    } as unknown as AnyBehaviour;
    const actor = watch.around('a', behaviour) as unknown as {
      receive: (state: unknown, message: Message, context: ActorContext) => unknown;
    };
    return {
      watch,
      violations,
      sent,
      tell: (message: Message) => actor.receive(0, message, context),
    };
  };

  it('is seen through the context of an actor: what it sends is owed an end', () => {
    const reply = { type: 'reply' };
    const { watch, violations, sent, tell } = around((_, { ref }) => ref('b').send(reply));
    watch.sent('a', tick);
    tell(tick);
    expect(sent).toEqual([reply]);
    watch.checkEnded();
    expect(violations).toEqual(['S5']);
  });

  it('counts a stashed message as one that is still to come, and a throw as no end', () => {
    const later = around((message, context) => context.stash(message));
    later.watch.sent('a', tick);
    later.tell(tick);
    later.watch.checkEnded();
    expect(later.violations).toEqual(['S5']);
    const failing = around(() => {
      throw new Error('no');
    });
    failing.watch.sent('a', tick);
    expect(() => failing.tell(tick)).toThrow('no');
    failing.watch.observe({ ...letter(tick, 'down'), path: 'a' } as KernelEvent);
    failing.watch.checkEnded();
    expect(failing.violations).toEqual([]);
  });
});

describe('S8: an opening order leaves only while the account may open', () => {
  it.each([
    ['the account trades', 'running', 'active', 'nothing'],
    ['the account is halted', 'running', 'halted', 'S8'],
    ['only what reduces risk may leave', 'running', 'reducing', 'S8'],
    ['the guard is dead, whatever it said last', 'restarting', 'active', 'S8'],
    ['there is no guard', undefined, undefined, 'S8'],
  ] as const)('while %s', (_, status, mode, broken) => {
    expect(brokenBy(() => checkOpening(status, mode))).toBe(broken);
  });
});
