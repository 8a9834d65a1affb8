import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createBrake } from '../../src/actors/control/brake.ts';
import type { DeskDeps } from '../../src/actors/desk.ts';
import { executor } from '../../src/actors/executor/executor.ts';
import type { GuardSummary } from '../../src/actors/guard/guard-summary.ts';
import { riskGuard } from '../../src/actors/guard/risk-guard.ts';
import { createJournalPort, journalKeeper } from '../../src/actors/journal-keeper.ts';
import {
  ambientClock,
  ambientDefer,
  ambientRandom,
} from '../../src/actors/kernel/ambient-clock.ts';
import { createSystem } from '../../src/actors/kernel/system.ts';
import type { Message, System } from '../../src/actors/kernel/types.ts';
import { createVirtualClock } from '../../src/actors/kernel/virtual-clock.ts';
import type {
  ConnectionMessage,
  ExecutorMessage,
  RecoveryMessage,
} from '../../src/actors/messages.ts';
import { recovery } from '../../src/actors/recovery/recovery.ts';
import { type AnyBehaviour, anyBehaviour } from '../../src/actors/tree.ts';
import type { Clock } from '../../src/domain/ports.ts';
import { epochMs } from '../../src/domain/units.ts';
import type { Entry, EntryBody, EntryKind, StoredEntry } from '../../src/journal/types.ts';
import { guardOptions, NOW, opening } from './guard-fixtures.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import type { Venue } from './venue-by-hand.ts';

const LOGIN = '5012345';
const PATHS = {
  connection: 'desk.connection',
  guard: 'desk.risk-guard',
  executor: 'desk.executor',
  recovery: 'desk.recovery',
} as const;
/** Entries that a repetition may write: the grant itself, and the guard's picture of the account. */
const BOOKKEEPING: readonly EntryKind[] = [
  'recovery.completed',
  'account.snapshot',
  'ledger.saved',
  'mode.changed',
];

export interface RecoveryBenchOptions {
  readonly venue: Venue;
  /** What a journal of an earlier life holds. */
  readonly past?: readonly EntryBody[];
  /** An earlier bench's folder. */
  readonly dataDir?: string;
  readonly atMs?: number;
  readonly guard?: Parameters<typeof guardOptions>[0];
}

/**
 * The real guard, executor and recovery with a real journal, and in the place of the link a venue
 * that a test writes by hand: it answers questions, and says nothing by itself. Session time and wall
 * time are one clock, moved by the test.
 */
export class RecoveryBench {
  readonly venue: Venue;
  readonly dataDir: string;
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly said: string[] = [];
  readonly commands: Extract<ConnectionMessage, { type: 'command.send' }>[] = [];
  readonly asked: string[] = [];
  readonly #journal = createJournalPort();
  readonly #system: System;
  #epoch = 0;

  private constructor(options: RecoveryBenchOptions) {
    this.venue = options.venue;
    this.dataDir = options.dataDir ?? temporaryDirectory();
    this.clock = createVirtualClock(epochMs(options.atMs ?? NOW));
    this.#system = this.#compose(options);
  }

  /** Starts, links, and waits until recovery has come to its conclusion. */
  static async start(options: RecoveryBenchOptions): Promise<RecoveryBench> {
    const bench = new RecoveryBench(options);
    await bench.#system.start();
    onTestFinished(() => bench.stop());
    await bench.link();
    return bench;
  }

  async stop(): Promise<void> {
    await this.#system.shutdown();
  }

  /** A session is claimed: what a start and every reconnect do. */
  async link(): Promise<void> {
    this.#epoch = this.venue.nextEpoch();
    const claimed = { kind: 'epoch.claimed', epoch: this.#epoch, instance: 'bench' } as const;
    await this.#journal.append([{ ...claimed, accountId: LOGIN, at: this.clock.now() }]);
    this.#send(PATHS.guard, { type: 'link.live' });
    await this.#tell(PATHS.recovery, { type: 'link.claimed', epoch: this.#epoch });
  }
  async loseLink(): Promise<void> {
    for (const path of [PATHS.guard, PATHS.executor, PATHS.recovery]) {
      this.#send(path, { type: 'link.lost' });
    }
    await this.#system.quiescent();
  }
  async wait(ms: number): Promise<void> {
    this.clock.advanceTo(epochMs(this.clock.now() + ms));
    await this.#system.quiescent();
  }
  /** A strategy's wish, as its host would raise it now. */
  async signal(change: Parameters<typeof opening>[0] = {}): Promise<void> {
    const at = this.clock.now();
    await this.#tell(PATHS.guard, { ...opening(change), at, barAt: at });
  }
  async tell<M extends Message>(name: keyof typeof PATHS, message: M): Promise<void> {
    await this.#tell(PATHS[name], message);
  }

  get state(): string {
    return this.#summary<{ state: string }>(PATHS.recovery).state;
  }
  get guard(): GuardSummary {
    return this.#summary<GuardSummary>(PATHS.guard);
  }
  orders(): readonly { readonly intentId: string; readonly state: string }[] {
    return this.#summary<{ live: ReturnType<RecoveryBench['orders']> }>(PATHS.executor).live;
  }
  entries<K extends EntryKind>(kind: K): readonly Extract<StoredEntry, { kind: K }>[] {
    return this.#journal.reader().ofKind(LOGIN, kind);
  }
  /** What the last reconciliation found or did. */
  found(): readonly string[] {
    return this.entries('recovery.completed').at(-1)?.actions ?? [];
  }
  codes(): readonly string[] {
    return this.entries('event').map(({ code }) => code);
  }
  /** Facts that reconciling once more writes down. */
  async again(): Promise<readonly EntryKind[]> {
    const before = this.#journal.reader().lastSeq();
    await this.tell('recovery', { type: 'link.claimed', epoch: this.#epoch });
    const more = this.#journal.reader().after(before, 1_000);
    return more.map(({ kind }) => kind).filter((kind) => !BOOKKEEPING.includes(kind));
  }

  #compose({ past = [], guard }: RecoveryBenchOptions): System {
    const deps: DeskDeps = {
      accountId: LOGIN,
      clock: this.clock,
      wall: this.clock,
      journal: this.#journal,
      brake: createBrake(),
      paths: { ...PATHS, watchdog: null, strategies: [] },
      say: ({ code, detail }) => this.said.push(`${code}: ${detail}`),
    };
    const file = join(this.dataDir, 'journal.db');
    const keeper = journalKeeper({ file, wall: ambientClock, port: this.#journal });
    const entries = past.map((body): Entry => ({ ...body, accountId: LOGIN, at: NOW }));
    const limits = { replyTimeoutMs: 5_000, settleMs: 2_000, finalOrders: 100 };
    const worker = (id: string, make: () => AnyBehaviour, clock?: Clock) =>
      ({ type: 'worker', id, start: make, ...(clock === undefined ? {} : { clock }) }) as const;
    return createSystem({
      name: 'recovery-bench',
      clock: ambientClock,
      defer: ambientDefer,
      random: ambientRandom.next,
      root: {
        children: [
          worker('journal', () => anyBehaviour(keeper)),
          worker('past', () =>
            anyBehaviour({
              init: async () => {
                await this.#journal.append(entries);
                return null;
              },
              receive: (state: null) => state,
            }),
          ),
          {
            type: 'supervisor',
            id: 'desk',
            supervisor: {
              intensity: 100,
              children: [
                worker('connection', () => anyBehaviour(this.#link()), this.clock),
                worker(
                  'risk-guard',
                  () => anyBehaviour(riskGuard(deps, guardOptions(guard))),
                  this.clock,
                ),
                worker('executor', () => anyBehaviour(executor(deps, limits)), this.clock),
                worker('recovery', () => anyBehaviour(recovery(deps)), this.clock),
              ],
            },
          },
        ],
      },
    });
  }

  #link() {
    return {
      init: () => null,
      receive: (state: null, message: ConnectionMessage) => {
        this.#answer(message);
        return state;
      },
    };
  }

  #answer(message: ConnectionMessage): void {
    switch (message.type) {
      case 'snapshot.take': {
        const answer: RecoveryMessage = this.venue.complete
          ? {
              type: 'snapshot.assembled',
              snapshot: this.venue.snapshot(message.historyFrom, this.clock.now()),
            }
          : { type: 'snapshot.failed', reason: 'history is not loaded yet' };
        this.#send(PATHS.recovery, answer);
        return;
      }
      case 'evidence.seek': {
        this.asked.push(message.intentId);
        const { intentId, attempt } = message;
        const evidence = this.venue.evidence(message);
        const answer: ExecutorMessage = { type: 'evidence.found', intentId, attempt, evidence };
        this.#send(PATHS.executor, answer);
        return;
      }
      case 'reconciliation.wanted':
        this.#send(PATHS.recovery, { type: 'link.claimed', epoch: this.#epoch });
        return;
      case 'command.send':
        this.commands.push(message);
        return;
      default:
        return;
    }
  }

  #send<M extends Message>(path: string, message: M): void {
    this.#system.ref(path).send(message);
  }
  async #tell<M extends Message>(path: string, message: M): Promise<void> {
    this.#send(path, message);
    await this.#system.quiescent();
  }
  #summary<T>(path: string): T {
    return this.#system.info(path)?.summary as T;
  }
}
