import { join } from 'node:path';
import { createSeededRandom } from '../../src/actors/kernel/seeded-random.ts';
import type {
  ActorContext,
  ActorRef,
  KernelEvent,
  Message,
} from '../../src/actors/kernel/types.ts';
import {
  type Notice,
  type Runtime,
  type RuntimeSpec,
  startRuntime,
} from '../../src/actors/runtime.ts';
import { type AnyBehaviour, deskPath } from '../../src/actors/tree.ts';
import { openAuditDb } from '../../src/audit/audit-db.ts';
import type { Random } from '../../src/domain/ports.ts';
import { AUDIT_FILE } from '../../src/journal/files.ts';
import { LOGIN } from '../support/runtime-spec.ts';
import type { SimDisk } from './disk.ts';
import { KernelWatch } from './kernel-watch.ts';
import type { SimLoop } from './loop.ts';
import { MessageWatch } from './message-watch.ts';
import type { SimNetwork } from './network.ts';
import { SimIsolation, type StrategyTrouble } from './strategy.ts';
import type { Shape } from './tree-shape.ts';
import type { Violation } from './violation.ts';

/** What is to happen to an actor. */
export interface ActorTrouble {
  readonly path: string;
  readonly what: 'throwsBefore' | 'throwsWithin' | 'throwsAfter' | 'failsToStart' | 'startsLate';
}

export interface RuntimeEvents {
  readonly onKernel: (event: KernelEvent) => void;
  readonly onNotice: (notice: Notice) => void;
  readonly onTrouble: (trouble: ActorTrouble) => void;
  /** Its kernel broke a promise. */
  readonly onViolation: (violation: Violation) => void;
  /** The process ended by itself: its root gave up, or it could not start. */
  readonly onEnded: (reason: string) => void;
}

const LATE_START_MS = 3_000;

/** One process, with those who watch over its kernel. */
class Life {
  alive = true;
  readonly number: number;
  readonly kernel: KernelWatch;
  readonly messages: MessageWatch;
  readonly #fail: (violation: Violation) => void;

  constructor(
    number: number,
    shapes: ReadonlyMap<string, Shape>,
    fail: (violation: Violation) => void,
  ) {
    this.number = number;
    this.#fail = fail;
    this.kernel = new KernelWatch(shapes);
    this.messages = new MessageWatch(fail);
  }

  observe(event: KernelEvent): void {
    this.messages.observe(event);
    this.check(() => this.kernel.observe(event));
  }

  /** The whole tree has come to its end. */
  checkEnded(): void {
    this.check(() => this.kernel.checkEnded());
    this.messages.checkEnded();
  }

  check(law: () => void): void {
    try {
      law();
    } catch (error) {
      // A listener that throws is the kernel's business; a broken promise is the campaign's.
      this.#fail(error as Violation);
    }
  }
}

type AnyContext = ActorContext<Message>;
type Untyped = {
  readonly init: (context: AnyContext) => unknown;
  readonly receive: (state: unknown, message: Message, context: AnyContext) => unknown;
};

/**
 * The runtime's process: `startRuntime` of production, unchanged, on the loop's clock, the loop's
 * network and a disk that outlives it. Killing it makes its timers, turns and sends powerless.
 */
export class SimRuntime {
  readonly #loop: SimLoop;
  readonly #network: SimNetwork;
  readonly #disk: SimDisk;
  readonly #random: Random;
  readonly #events: RuntimeEvents;
  readonly #spec: (dataDir: string) => RuntimeSpec;
  readonly #name: string;
  readonly port: number;
  readonly #shapes: ReadonlyMap<string, Shape>;
  #life: Life;
  #runtime: Runtime | undefined;
  #audits: { close: () => void }[] = [];
  readonly #actorTrouble: ActorTrouble[] = [];
  readonly #strategyTrouble: StrategyTrouble[] = [];
  /** How far the machine's time of day is off, ms. */
  clockOffsetMs = 0;

  constructor(options: {
    readonly name: string;
    readonly port: number;
    readonly loop: SimLoop;
    readonly network: SimNetwork;
    readonly disk: SimDisk;
    readonly random: Random;
    readonly events: RuntimeEvents;
    readonly spec: (dataDir: string) => RuntimeSpec;
    readonly shapes: ReadonlyMap<string, Shape>;
  }) {
    this.#name = options.name;
    this.port = options.port;
    this.#loop = options.loop;
    this.#network = options.network;
    this.#disk = options.disk;
    this.#random = options.random;
    this.#events = options.events;
    this.#spec = options.spec;
    this.#shapes = options.shapes;
    this.#life = this.#newLife(0);
    this.#life.alive = false;
  }

  /** Undefined while there is no process, or it is not up yet. */
  get runtime(): Runtime | undefined {
    return this.#life.alive ? this.#runtime : undefined;
  }
  get running(): boolean {
    return this.#life.alive;
  }
  get lives(): number {
    return this.#life.number;
  }

  /** Names the life of its executor. */
  get executor(): string {
    const path = deskPath(LOGIN, 'executor');
    return `${this.#life.number}/${this.runtime?.system.info(path)?.incarnation}`;
  }

  trouble(trouble: ActorTrouble): void {
    this.#actorTrouble.push(trouble);
  }
  strategyTrouble(trouble: StrategyTrouble): void {
    this.#strategyTrouble.push(trouble);
  }
  heal(): void {
    this.#actorTrouble.length = 0;
    this.#strategyTrouble.length = 0;
  }

  start(): void {
    if (this.#life.alive) return;
    const life = this.#newLife(this.#life.number + 1);
    this.#life = life;
    this.#runtime = undefined;
    const random = createSeededRandom(`${this.#random.next()}`);
    let ids = 0;
    const started = startRuntime(this.#spec(this.#disk.dir), {
      wall: this.#loop.clockOf(life, () => this.clockOffsetMs),
      stopwatch: { elapsedMs: () => this.#loop.clock.now() },
      defer: (turn) => this.#loop.defer(life, turn),
      random: random.next,
      newId: () => {
        ids += 1;
        return `${this.#name}-${life.number}-${ids}`;
      },
      residentBytes: () => 0,
      onStrategyOutput: () => undefined,
      seams: {
        openGateway: this.#network.opener(life),
        openJournal: this.#disk.opener(life, this.#loop.clockOf(life)),
        openAudit: (file) => {
          const audit = openAuditDb({ file });
          this.#audits.push(audit);
          return audit;
        },
        isolation: new SimIsolation(this.#loop, life, () => this.#strategyTrouble.shift()),
        pick: (ready) => Math.floor(random.next() * ready),
        observe: (event) => {
          if (!life.alive) return;
          life.observe(event);
          this.#events.onKernel(event);
        },
        around: (path, behaviour) => this.#around(life, path, behaviour),
      },
    });
    started.then(
      (runtime) => {
        if (!life.alive) return;
        this.#runtime = runtime;
        runtime.onNotice((notice) => {
          if (!life.alive) return;
          life.kernel.noticed(notice);
          this.#events.onNotice(notice);
        });
        runtime.system.ended
          .then((reason) => {
            if (life.alive) life.checkEnded();
            this.#ended(life, reason.type);
          })
          .catch(() => undefined);
      },
      (error: unknown) => this.#ended(life, String(error)),
    );
  }

  /** What may be asked of a tree that runs, and is not being stopped. */
  checkTold(): void {
    const { runtime } = this;
    const life = this.#life;
    if (runtime !== undefined) life.check(() => life.kernel.checkTold(runtime.system.tree()));
  }

  /** Somebody looks after what was given up. Returns how many that were. */
  unpark(): number {
    const { system } = this.runtime ?? {};
    const parked = (system?.tree() ?? []).filter(({ status }) => status === 'parked');
    for (const { path } of parked) {
      this.#life.kernel.unparked(path);
      system
        ?.supervisor(path)
        ?.unpark()
        .catch(() => undefined);
    }
    return parked.length;
  }

  /** kill -9. */
  kill(): void {
    if (!this.#life.alive) return;
    this.#life.alive = false;
    this.#runtime = undefined;
    this.#network.forget(this.#life);
  }

  close(): void {
    this.kill();
    for (const audit of this.#audits.splice(0)) audit.close();
  }

  /** Where the next process finds the audit. */
  get auditFile(): string {
    return join(this.#disk.dir, AUDIT_FILE);
  }

  #newLife(number: number): Life {
    return new Life(number, this.#shapes, (violation) => this.#events.onViolation(violation));
  }

  #ended(life: Life, reason: string): void {
    if (!life.alive) return;
    this.kill();
    this.#events.onEnded(reason);
  }

  #take(path: string, ...whats: readonly ActorTrouble['what'][]): ActorTrouble | undefined {
    const index = this.#actorTrouble.findIndex(
      (trouble) => trouble.path === path && whats.includes(trouble.what),
    );
    if (index < 0) return undefined;
    const [trouble] = this.#actorTrouble.splice(index, 1);
    if (trouble !== undefined) this.#events.onTrouble(trouble);
    return trouble;
  }

  /** Trouble happens inside of what the watch sees: for the kernel it is the actor's own. */
  #around(life: Life, path: string, behaviour: AnyBehaviour): AnyBehaviour {
    return life.messages.around(path, this.#troubled(life, path, behaviour));
  }

  #troubled(life: Life, path: string, behaviour: AnyBehaviour): AnyBehaviour {
    const inner = behaviour as unknown as Untyped;
    const init = (context: AnyContext): unknown => {
      const trouble = this.#take(path, 'failsToStart', 'startsLate');
      if (trouble === undefined) return inner.init(context);
      if (trouble.what === 'failsToStart') throw new Error('the simulation fails its start');
      return new Promise((resolve) => {
        this.#loop.after(life, LATE_START_MS, () => resolve(undefined));
      }).then(() => inner.init(context));
    };
    const receive = (state: unknown, message: Message, context: AnyContext): unknown => {
      const trouble = this.#take(path, 'throwsBefore', 'throwsWithin', 'throwsAfter');
      if (trouble === undefined) return inner.receive(state, message, context);
      if (trouble.what === 'throwsBefore') throw new Error(`crash before ${message.type}`);
      if (trouble.what === 'throwsWithin') return inner.receive(state, message, failing(context));
      inner.receive(state, message, context);
      throw new Error(`crash after ${message.type}`);
    };
    return { ...behaviour, init, receive } as unknown as AnyBehaviour;
  }
}

/** The actor's first send goes out; at its second one it throws, or at the end of its turn. */
const failing = (context: AnyContext): AnyContext => {
  let sends = 0;
  const ref = <M extends Message>(path: string): ActorRef<M> => {
    const target = context.ref<M>(path);
    return {
      path: target.path,
      send: (message) => {
        sends += 1;
        if (sends > 1) throw new Error(`crash while telling ${path} ${message.type}`);
        target.send(message);
      },
    };
  };
  return Object.create(context, { ref: { value: ref } }) as AnyContext;
};
