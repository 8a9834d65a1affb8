import { deskPath, strategyPath } from '../../src/actors/tree.ts';
import type { RequestBody } from '../../src/mt5/terminal/engine/records.ts';
import { LOGIN } from '../support/runtime-spec.ts';
import type { Fault } from './faults.ts';
import type { Direction } from './network.ts';
import type { ActorTrouble } from './runtime.ts';
import { pulseId } from './strategy.ts';
import type { World } from './world.ts';

const DESK = ['connection', 'risk-guard', 'executor', 'recovery'] as const;
const SHORT_MS = 2_000;
const LONG_MS = 15_000;

const chosen = <T>(items: readonly T[], pick: number): T => {
  const item = items[Math.min(items.length - 1, Math.floor(pick * items.length))];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
};

const actorPaths = (world: World): readonly string[] => [
  ...DESK.map((name) => deskPath(LOGIN, name)),
  ...world.plan.market.symbols.map((symbol) => strategyPath(LOGIN, pulseId(symbol))),
  'journal',
  'observers.auditor',
];

const DIRECTIONS: readonly Direction[] = ['up', 'down'];

/** Something that ends by itself after a while, if the healing does not end it before. */
const later = (world: World, ms: number, run: () => void): void => {
  world.loop.after({ alive: true }, ms, () => {
    if (!world.healed) run();
  });
};

/** One fault hits the world. */
export const strike = (world: World, fault: Fault): void => {
  world.count(`fault.${fault.kind}`);
  world.say(`fault: ${JSON.stringify(fault)}`);
  const handled = strikeActors(world, fault) || strikeDisk(world, fault);
  if (!handled && !strikeNetwork(world, fault)) strikeOutside(world, fault);
};

const strikeActors = (world: World, { kind, pick, size }: Fault): boolean => {
  const { first } = world;
  const path = chosen(actorPaths(world), pick);
  const trouble = (what: ActorTrouble['what']): void => first.trouble({ path, what });
  switch (kind) {
    case 'crash':
      trouble(chosen(['throwsBefore', 'throwsWithin', 'throwsAfter'] as const, size));
      return true;
    case 'kill':
      first.runtime?.system.kill(path);
      return true;
    case 'failingStart':
      trouble('failsToStart');
      first.runtime?.system.kill(path);
      return true;
    case 'slowStart':
      trouble('startsLate');
      first.runtime?.system.kill(path);
      return true;
    case 'strategyThrows':
      // As often as it may before it is given up, and more.
      for (let again = 0; again < size * 12; again += 1) first.strategyTrouble('throws');
      return true;
    case 'strategyHangs':
      first.strategyTrouble('hangs');
      return true;
    case 'strategyLate': {
      first.strategyTrouble(size < 0.5 ? 'opensLate' : 'failsToOpen');
      const symbol = chosen(world.plan.market.symbols, pick);
      first.runtime?.system.kill(strategyPath(LOGIN, pulseId(symbol)));
      return true;
    }
    case 'runtimeKilled':
      world.restartLater(first, 100 + size * LONG_MS);
      return true;
    default:
      return false;
  }
};

const strikeDisk = (world: World, { kind, size }: Fault): boolean => {
  const { disk } = world;
  switch (kind) {
    case 'diesInCommit':
      disk.fault(size < 0.5 ? 'dieBeforeCommit' : 'dieAfterCommit');
      return true;
    case 'tornWrite':
      disk.fault('tear');
      return true;
    case 'diskFull':
      disk.fault('full');
      later(world, 10 + size * SHORT_MS, () => disk.heal());
      return true;
    case 'diskError':
      disk.fault('io');
      return true;
    case 'diskSlow':
      disk.fault('slow');
      return true;
    default:
      return false;
  }
};

const strikeNetwork = (world: World, { kind, pick, size }: Fault): boolean => {
  const { network } = world;
  const direction = chosen(DIRECTIONS, pick);
  const some = 1 + Math.floor(size * 4);
  const blockFor = (which: readonly Direction[]): void => {
    for (const one of which) network.block(one);
    later(world, 50 + size * LONG_MS, () => {
      for (const one of which) network.unblock(one);
    });
  };
  switch (kind) {
    case 'loss':
      network.weather[direction].lose += some;
      return true;
    case 'duplication':
      network.weather[direction].duplicate += some;
      return true;
    case 'reordering':
      network.weather[direction].overtake += some;
      return true;
    case 'delay':
      network.weather[direction].delayMs = 50 + size * 4_000;
      later(world, SHORT_MS + size * LONG_MS, () => {
        network.weather[direction].delayMs = 0;
      });
      return true;
    case 'partition':
      blockFor(DIRECTIONS);
      return true;
    case 'oneWay':
      blockFor([direction]);
      return true;
    case 'halfOpen':
      network.halfOpen();
      return true;
    case 'cut':
      network.cut();
      return true;
    case 'balanceAhead':
      network.ahead(some);
      return true;
    case 'unheardFill':
      world.onOrderLeft(() => blockFor(['up']));
      return true;
    default:
      return false;
  }
};

const strikeOutside = (world: World, { kind, pick, size }: Fault): void => {
  const { terminal, first, second } = world;
  switch (kind) {
    case 'terminalKilled':
    case 'terminalForgets':
      terminal.kill();
      later(world, 100 + size * LONG_MS, () => {
        if (!terminal.running) terminal.start(kind === 'terminalForgets');
      });
      return;
    case 'terminalDiskFull':
      terminal.diskFull = true;
      return;
    case 'clockJump':
      first.clockOffsetMs += Math.round((pick - 0.5) * 2 * 7_200_000);
      return;
    case 'secondController':
      second.start();
      world.network.block('up');
      world.network.block('down');
      later(world, 6_000, () => {
        world.network.refuse(first.port);
        world.network.unblock('up');
        world.network.unblock('down');
      });
      later(world, 12_000 + size * LONG_MS, () => {
        second.kill();
        world.network.admit(first.port);
      });
      return;
    case 'halt':
      first.runtime?.system.ref(deskPath(LOGIN, 'risk-guard')).send({
        type: size < 0.5 ? 'operator.halt' : 'operator.kill',
        reason: 'simulated',
      } as never);
      return;
    case 'stopRemoved':
    case 'closedByHand':
      byHand(world, kind, pick);
      return;
    default:
  }
};

/** Somebody sits at the terminal and works on a position of ours. */
const byHand = (world: World, kind: 'stopRemoved' | 'closedByHand', pick: number): void => {
  const { model } = world.terminal;
  const { positions } = world.broker;
  if (model === undefined || positions.length === 0) return;
  const { ticket, symbol, volumeE8, takeProfit } = chosen(positions, pick);
  const body: RequestBody =
    kind === 'stopRemoved'
      ? { type: 'modifyPosition', ticket, symbol, stopLoss: null, takeProfit }
      : { type: 'close', ticket, volumeE8, filling: 'ioc', reason: 'client' };
  world.count(`done.${kind}`);
  const id = `hand/${world.loop.steps}`;
  model.engine.submit(id, { intent: '', attempt: 0 }, body);
};
