import { describe, expect, it } from 'vitest';
import type {
  Behaviour,
  ChildSpec,
  ExitReason,
  Message,
  Restart,
  Strategy,
  SupervisorSpec,
} from '../../../src/actors/kernel/types.ts';
import { IGNORE } from '../../../src/actors/kernel/types.ts';
import { createWorld, startWorld, type World, worker } from '../../support/kernel-world.ts';

/**
 * What OTP's documentation of `supervisor` promises, one sentence a test. The recorded traces beside
 * this file hold the same and much more; this table is what a person can read.
 */
interface Leave extends Message {
  readonly type: 'leave';
  readonly reason: ExitReason;
}

/** Ends with the reason it is told, and notes its starts and stops. */
const obedient = (id: string, log: string[]): Behaviour<Leave, null> => ({
  init: () => {
    log.push(`+${id}`);
    return null;
  },
  receive: (_, message, context) => {
    context.stop(message.reason);
    return null;
  },
  terminate: (_, reason) => {
    log.push(`-${id} ${reason.type}`);
  },
});

interface Bench {
  readonly world: World;
  readonly log: string[];
}
type Child = { readonly id: string; readonly restart?: Restart; readonly starts?: () => boolean };

const childrenOf = (children: readonly Child[], log: string[]): readonly ChildSpec[] =>
  children.map(({ id, restart = 'permanent', starts = () => true }) =>
    worker(
      id,
      () => {
        const plain = obedient(id, log);
        return {
          ...plain,
          init: (context) => {
            if (!starts()) throw new Error(`${id} does not start`);
            return plain.init(context);
          },
        };
      },
      { restart },
    ),
  );

/** The supervisor under test is `s`; whatever it does, the root above it stays. */
const benchOf = async (
  children: readonly Child[],
  flags: Partial<SupervisorSpec> = {},
): Promise<Bench> => {
  const log: string[] = [];
  const supervisor = { intensity: 3, ...flags, children: childrenOf(children, log) };
  const world = await startWorld({
    onExhausted: 'park',
    intensity: 0,
    children: [{ id: 's', type: 'supervisor', restart: 'temporary', supervisor }],
  });
  return { world, log };
};

const leave = async ({ world }: Bench, id: string, reason: ExitReason): Promise<void> => {
  if (reason.type === 'killed') world.system.kill(`s.${id}`);
  else world.send(`s.${id}`, { type: 'leave', reason } as Leave);
  await world.system.quiescent();
};
const lifeOf = ({ world }: Bench, id: string): number | undefined =>
  world.system.info(`s.${id}`)?.incarnation;
const adminOf = ({ world }: Bench) => {
  const admin = world.system.supervisor('s');
  if (admin === undefined) throw new Error('the supervisor is gone');
  return admin;
};
const kept = async (bench: Bench): Promise<readonly string[]> =>
  (await adminOf(bench).whichChildren()).map(({ path }) => path.slice(2)).reverse();

const CRASH: ExitReason = { type: 'crash', message: 'told to' };
const REASONS: readonly ExitReason[] = [
  { type: 'normal' },
  { type: 'shutdown' },
  { type: 'shutdown', detail: 'with a term' },
  { type: 'killed' },
  CRASH,
];
const nameOf = (reason: ExitReason): string =>
  reason.type === 'shutdown' && reason.detail !== undefined ? '{shutdown, Term}' : reason.type;

describe('restart types', () => {
  const rows = (['permanent', 'transient', 'temporary'] as const).flatMap((restart) =>
    REASONS.map((reason) => {
      const failed = reason.type === 'crash' || reason.type === 'killed';
      const restarted = restart === 'permanent' || (restart === 'transient' && failed);
      const fate = restarted ? 'restarts' : restart === 'transient' ? 'keeps' : 'forgets';
      return { restart, reason, fate, what: `${fate} a ${restart} child on ${nameOf(reason)}` };
    }),
  );
  it.each(rows)('$what', async ({ restart, reason, fate }) => {
    const bench = await benchOf([{ id: 'a', restart }, { id: 'b' }]);
    await leave(bench, 'a', reason);
    expect(lifeOf(bench, 'b')).toBe(1);
    expect(await kept(bench)).toEqual(fate === 'forgets' ? ['b'] : ['a', 'b']);
    if (fate === 'restarts') expect(lifeOf(bench, 'a')).toBe(2);
    else expect(bench.log.filter((line) => line === '+a')).toEqual(['+a']);
    if (fate === 'keeps') {
      expect(await adminOf(bench).restartChild('a')).toEqual({ ok: true, value: 's.a' });
      expect(lifeOf(bench, 'a')).toBe(2);
    }
  });
});

describe('strategies', () => {
  const AFTER: readonly [Strategy, readonly string[]][] = [
    ['one_for_one', ['+b']],
    ['one_for_all', ['-c shutdown', '-a shutdown', '+a', '+b', '+c']],
    ['rest_for_one', ['-c shutdown', '+b', '+c']],
  ];
  it.each(AFTER)('%s stops in reverse and starts in order', async (strategy, expected) => {
    const bench = await benchOf([{ id: 'a' }, { id: 'b' }, { id: 'c' }], { strategy });
    bench.log.length = 0;
    await leave(bench, 'b', { type: 'killed' });
    expect(bench.log).toEqual(expected);
  });

  it.each(['one_for_all', 'rest_for_one'] as const)(
    '%s removes temporary siblings that it stopped, and starts transient ones again',
    async (strategy) => {
      const children: readonly Child[] = [
        { id: 'a' },
        { id: 't', restart: 'temporary' },
        { id: 'r', restart: 'transient' },
      ];
      const bench = await benchOf(children, { strategy });
      await leave(bench, 'a', CRASH);
      expect(await kept(bench)).toEqual(['a', 'r']);
      expect(lifeOf(bench, 'r')).toBe(2);
    },
  );

  it('restarts no group for a child that needs no restart', async () => {
    const bench = await benchOf([{ id: 'a', restart: 'transient' }, { id: 'b' }], {
      strategy: 'one_for_all',
    });
    await leave(bench, 'a', { type: 'normal' });
    expect(lifeOf(bench, 'b')).toBe(1);
  });

  it('makes the child that fails inside a group restart the one that is retried', async () => {
    let broken = 0;
    const starts = (): boolean => {
      broken -= 1;
      return broken < 0;
    };
    const bench = await benchOf([{ id: 'a' }, { id: 'b', starts }, { id: 'c' }], {
      strategy: 'rest_for_one',
    });
    broken = 1;
    bench.log.length = 0;
    await leave(bench, 'a', { type: 'killed' });
    // The retry begins with b: a, which came up, stays up.
    expect(bench.log).toEqual(['-c shutdown', '-b shutdown', '+a', '+b', '+c']);
    expect(lifeOf(bench, 'a')).toBe(2);
  });
});

describe('the first start', () => {
  it('starts left to right, and stops in reverse what was up when one fails', async () => {
    const log: string[] = [];
    const children = [{ id: 'a' }, { id: 'b' }, { id: 'c', starts: () => false }, { id: 'd' }];
    const world = createWorld({ intensity: 5, children: childrenOf(children, log) });
    await expect(world.system.start()).rejects.toThrow(/failed to start 'c': .*c does not start/);
    expect(log).toEqual(['+a', '+b', '-b shutdown', '-a shutdown']);
  });

  const ignores = (): Behaviour<Message, null> => ({ init: () => IGNORE, receive: () => null });
  it.each([
    ['keeps', 'permanent', ['a', 'b']],
    ['keeps', 'transient', ['a', 'b']],
    ['drops', 'temporary', ['b']],
  ] as const)('%s the spec of a %s child that answers ignore', async (_, restart, ids) => {
    const world = await startWorld({
      children: [worker('a', ignores, { restart }), worker('b', () => obedient('b', []))],
    });
    const children = await world.system.supervisor('')?.whichChildren();
    expect(children?.map(({ path }) => path).reverse()).toEqual(ids);
    expect(world.system.info('b')?.status).toBe('running');
  });
});

describe('the intensity', () => {
  it('ends the supervisor with shutdown, children in reverse, on one restart too many', async () => {
    const bench = await benchOf([{ id: 'a' }, { id: 'b' }], { intensity: 1, periodMs: 1_000 });
    await leave(bench, 'a', { type: 'killed' });
    bench.log.length = 0;
    await leave(bench, 'a', { type: 'killed' });
    expect(bench.log).toEqual(['-b shutdown']);
    const exit = bench.world.seen('actor.exited').find(({ path }) => path === 's');
    expect(exit?.reason).toEqual({ type: 'shutdown' });
  });

  it('restarts nobody when it is zero', async () => {
    const bench = await benchOf([{ id: 'a' }], { intensity: 0 });
    await leave(bench, 'a', CRASH);
    expect(bench.log.filter((line) => line === '+a')).toHaveLength(1);
  });

  it('does not count a child that ended as it should', async () => {
    const bench = await benchOf([{ id: 'a', restart: 'transient' }], { intensity: 0 });
    await leave(bench, 'a', { type: 'normal' });
    expect(bench.world.system.info('s')?.status).toBe('running');
  });

  it('stays responsive while a child fails to start again and again', async () => {
    let broken = false;
    const bench = await benchOf([{ id: 'a', starts: () => !broken }, { id: 'b' }], {
      intensity: 1_000_000,
      periodMs: 3_600_000,
    });
    broken = true;
    bench.world.system.kill('s.a');
    expect(await adminOf(bench).countChildren()).toMatchObject({ ok: true, value: { specs: 2 } });
    expect(await adminOf(bench).terminateChild('a')).toMatchObject({ ok: true });
    expect(await kept(bench)).toEqual(['a', 'b']);
  });
});

describe('the stop', () => {
  it('stops in reverse, one at a time', async () => {
    const bench = await benchOf([{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
    bench.log.length = 0;
    await bench.world.system.shutdown();
    expect(bench.log).toEqual(['-c shutdown', '-b shutdown', '-a shutdown']);
  });

  it('does not restart who dies meanwhile, and lets it keep its own reason', async () => {
    let release: () => void = () => undefined;
    const slow = (): Behaviour<Message, null> => ({
      init: () => null,
      receive: () => null,
      terminate: () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    });
    const log: string[] = [];
    const world = await startWorld({
      children: [worker('a', () => obedient('a', log)), worker('slow', slow)],
    });
    const down = world.system.shutdown();
    await world.system.quiescent();
    world.send('a', { type: 'leave', reason: CRASH } as Leave);
    await world.system.quiescent();
    release();
    await down;
    expect(log).toEqual(['+a', '-a crash']);
    const exits = world.seen('actor.exited').map(({ path, reason }) => [path, reason.type]);
    expect(exits).toEqual([
      ['a', 'crash'],
      ['slow', 'shutdown'],
      ['', 'shutdown'],
    ]);
  });
});
