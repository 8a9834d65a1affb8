import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createBrake } from '../../src/actors/control/brake.ts';
import type { DeskDeps } from '../../src/actors/desk.ts';
import { createJournalPort, journalKeeper } from '../../src/actors/journal-keeper.ts';
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
} from '../../src/actors/kernel/ambient-clock.ts';
import { createSystem } from '../../src/actors/kernel/system.ts';
import type { Behaviour, Message, System } from '../../src/actors/kernel/types.ts';
import { createVirtualClock } from '../../src/actors/kernel/virtual-clock.ts';
import { type AnyBehaviour, anyBehaviour } from '../../src/actors/tree.ts';
import type { EpochMs } from '../../src/domain/units.ts';
import type { Entry, EntryKind } from '../../src/journal/types.ts';
import { NOW } from './guard-fixtures.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const DESK = ['connection', 'risk-guard', 'executor', 'recovery'] as const;
type Name = (typeof DESK)[number];

/**
 * One actor of the desk alone, with a real journal and a clock moved by hand. In the places of its
 * siblings stand actors that only write down what they are told: the test plays their parts.
 */
export interface DeskBench {
  readonly system: System;
  readonly deps: DeskDeps;
  readonly clock: ReturnType<typeof createVirtualClock>;
  /** Sends and waits until everything that it caused is done. */
  readonly tell: <M extends Message>(name: Name, message: M) => Promise<void>;
  /** What a sibling was told since the last look. */
  readonly heard: (name: Name) => readonly Message[];
  readonly entries: (kind: EntryKind) => readonly Entry[];
  readonly crashes: () => readonly string[];
  readonly summary: <T>(name: Name) => T;
}

const recorder = (log: Message[]): AnyBehaviour =>
  anyBehaviour({
    init: () => null,
    receive: (state: null, message: Message) => {
      log.push(message);
      return state;
    },
  });

export const deskBench = async <Msg extends Message, State>(
  name: Name,
  make: (deps: DeskDeps) => Behaviour<Msg, State>,
  before: readonly Entry[] = [],
  from: EpochMs = NOW,
): Promise<DeskBench> => {
  const clock = createVirtualClock(from);
  const journal = createJournalPort();
  const file = join(temporaryDirectory(), 'journal.db');
  const pathOf = (of: Name) => `desk.${of}`;
  const deps: DeskDeps = {
    accountId: 'acc',
    clock,
    wall: clock,
    journal,
    paths: {
      watchdog: null,
      connection: pathOf('connection'),
      guard: pathOf('risk-guard'),
      executor: pathOf('executor'),
      recovery: pathOf('recovery'),
      strategies: [],
    },
    brake: createBrake(),
  };
  const logs = new Map(DESK.map((of) => [of, [] as Message[]]));
  const logOf = (of: Name): Message[] => logs.get(of) ?? [];
  const crashes: string[] = [];
  const port = { file, wall: ambientClock, port: journal };
  const system = createSystem({
    name: 'bench',
    clock: ambientClock,
    defer: ambientDefer,
    random: ambientRandom.next,
    root: {
      children: [
        { type: 'worker', id: 'journal', start: () => anyBehaviour(journalKeeper(port)) },
        {
          type: 'worker',
          id: 'past',
          restart: 'temporary',
          start: () =>
            anyBehaviour({
              init: async () => {
                await journal.append(before);
                return null;
              },
              receive: (state: null) => state,
            }),
        },
        {
          type: 'supervisor',
          id: 'desk',
          supervisor: {
            intensity: 100,
            children: DESK.map((of) => ({
              type: 'worker' as const,
              id: of,
              clock,
              start: () => (of === name ? anyBehaviour(make(deps)) : recorder(logOf(of))),
            })),
          },
        },
      ],
    },
  });
  system.subscribe((event) => {
    if (event.type !== 'actor.crashed' || event.report.reason.type !== 'crash') return;
    crashes.push(event.report.reason.message);
  });
  await system.start();
  onTestFinished(() => system.shutdown());
  return {
    system,
    deps,
    clock,
    tell: async (of, message) => {
      system.ref(pathOf(of)).send(message);
      await system.quiescent();
    },
    heard: (of) => logOf(of).splice(0),
    entries: (kind) =>
      journal
        .reader()
        .after(0, 100_000)
        .filter((entry) => entry.kind === kind),
    crashes: () => crashes,
    summary: <T>(of: Name) => system.info(pathOf(of))?.summary as T,
  };
};
