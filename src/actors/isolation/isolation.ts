import type { Clock } from '../../domain/ports.ts';
import { createEngine, type Engine } from './engine.ts';
import { encodeRequest, transferOf } from './engine-codec.ts';
import type { EngineAnswer, EngineRequest, EngineSpec } from './engine-protocol.ts';
import { StrategyFault } from './errors.ts';
import { ISOLATION_LIMITS } from './isolation-limits.ts';
import { loadDefinition } from './load-definition.ts';
import type { Seats } from './placement.ts';
import { faultOf, StrategyThread, type ThreadDeath } from './strategy-thread.ts';

/** One life of a strategy's engine, wherever it lives. Everything rejects with StrategyFault. */
export interface StrategyEngine {
  /** Loads the code; resolves to the complete bars that it wants before its first signal. */
  readonly open: () => Promise<number>;
  /** One request at a time, after `open`. */
  readonly ask: (request: EngineRequest) => Promise<EngineAnswer>;
  /** Resolves when nothing of this life runs any more. Safe to call twice. */
  readonly close: () => Promise<void>;
}

export interface IsolationOptions {
  /** Worker of each strategy; one that is not in it runs in the main thread. */
  readonly seats: Seats;
  /** Wall milliseconds in which a strategy in a worker has to answer. */
  readonly deadlineMs: number;
  /** Limit of a worker's heap. */
  readonly memoryMb: number;
}
export interface IsolationPorts {
  readonly wall: Clock;
  readonly residentBytes: () => number;
  readonly onOutput: (worker: string, text: string) => void;
  /** A worker is gone that nobody stopped: who did it, and who goes down with it. */
  readonly onWorkerLost: (loss: WorkerLoss) => void;
}
export interface WorkerLoss {
  readonly worker: string;
  readonly reason: ThreadDeath['reason'];
  readonly detail: string;
  readonly culprit: string | null;
  readonly strategies: readonly string[];
}

/** The workers of a runtime. Shared by the hosts of all strategies, and outliving each of them. */
export interface Isolation {
  /** An engine for a new life of a strategy; that of its earlier life is closed. `onLost` is called
   * at most once, when the engine's worker ends unasked and no request of its own told of it. */
  readonly engine: (spec: EngineSpec, onLost: (fault: StrategyFault) => void) => StrategyEngine;
  /** Resolves when every worker is gone. */
  readonly close: () => Promise<void>;
}

interface Tenant {
  readonly strategyId: string;
  readonly onLost: (fault: StrategyFault) => void;
}
interface Room {
  readonly worker: string;
  readonly thread: StrategyThread;
  readonly tenants: Map<number, Tenant>;
}

export const createIsolation = (options: IsolationOptions, ports: IsolationPorts): Isolation => {
  const { deadlineMs } = options;
  const house = new House(options, ports);
  const current = new Map<string, StrategyEngine>();
  let id = 0;
  return {
    engine: (spec, onLost) => {
      const { strategyId } = spec;
      void current.get(strategyId)?.close();
      id += 1;
      const seat = options.seats.get(strategyId);
      const engine =
        seat === undefined
          ? inline(spec, id)
          : inWorker(house, house.enter(seat, id, { strategyId, onLost }), {
              id,
              spec,
              deadlineMs,
            });
      current.set(strategyId, engine);
      return engine;
    },
    close: () => house.close(),
  };
};

/** The workers by name, and who lives in each. */
class House {
  readonly #options: IsolationOptions;
  readonly #ports: IsolationPorts;
  readonly #rooms = new Map<string, Room>();
  /** Strategies that took a shared worker down: from then on they sit alone, so that the second
   * time, and all the times until they are parked, nobody goes down with them. */
  readonly #alone = new Set<string>();

  constructor(options: IsolationOptions, ports: IsolationPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  enter(seat: string, engine: number, tenant: Tenant): Room {
    const { strategyId } = tenant;
    const room = this.#room(this.#alone.has(strategyId) ? `${strategyId} (alone)` : seat);
    room.tenants.set(engine, tenant);
    return room;
  }

  /** The last one to leave ends the worker; resolves when nothing of the engine runs any more. */
  async leave(room: Room, engine: number): Promise<void> {
    if (!room.tenants.delete(engine)) return;
    if (room.tenants.size > 0) {
      room.thread.tell({ type: 'close', engine });
      return;
    }
    this.#forget(room);
    await room.thread.stop();
  }

  async close(): Promise<void> {
    const threads = [...this.#rooms.values()].map(({ thread }) => thread);
    this.#rooms.clear();
    await Promise.all(threads.map((thread) => thread.stop()));
  }

  #room(worker: string): Room {
    const known = this.#rooms.get(worker);
    if (known !== undefined) return known;
    const { wall: clock, residentBytes, onOutput } = this.#ports;
    const thread = new StrategyThread({
      name: worker,
      clock,
      memoryMb: this.#options.memoryMb,
      residentBytes,
      onOutput: (text) => onOutput(worker, text),
      onDeath: (death, told) => this.#lost(room, death, told),
    });
    const room: Room = { worker, thread, tenants: new Map() };
    this.#rooms.set(worker, room);
    return room;
  }

  #lost(room: Room, death: ThreadDeath, told: ReadonlySet<string>): void {
    this.#forget(room);
    const { worker } = room;
    const tenants = [...room.tenants.values()];
    const { culprit, reason, detail } = death;
    if (culprit !== null && tenants.length > 1) this.#alone.add(culprit);
    const strategies = tenants.map(({ strategyId }) => strategyId);
    this.#ports.onWorkerLost({ worker, reason, detail, culprit, strategies });
    for (const { strategyId, onLost } of tenants) {
      if (!told.has(strategyId)) onLost(faultOf(strategyId, death, worker));
    }
  }

  #forget(room: Room): void {
    if (this.#rooms.get(room.worker) === room) this.#rooms.delete(room.worker);
  }
}

const inWorker = (
  house: House,
  room: Room,
  life: { readonly id: number; readonly spec: EngineSpec; readonly deadlineMs: number },
): StrategyEngine => {
  const { id: engine, spec, deadlineMs } = life;
  const { strategyId } = spec;
  return {
    open: async () => {
      const reply = await room.thread.ask({
        strategyId,
        request: { type: 'open', engine, spec },
        transfer: [],
        what: 'loading its code',
        deadlineMs: Math.max(deadlineMs, ISOLATION_LIMITS.openMs),
      });
      return reply.type === 'opened' ? reply.warmupBars : unexpected(reply.type);
    },
    ask: async (request) => {
      const encoded = encodeRequest(request);
      const reply = await room.thread.ask({
        strategyId,
        request: { type: 'ask', engine, request: encoded },
        transfer: transferOf(encoded),
        what: contentsOf(request),
        deadlineMs,
      });
      return reply.type === 'answered' ? reply.answer : unexpected(reply.type);
    },
    close: () => house.leave(room, engine),
  };
};

const contentsOf = (request: EngineRequest): string =>
  request.type === 'warm'
    ? `a warm-up of ${request.bars.length} bars`
    : `${request.ticks.length} ticks up to ${new Date(request.at).toISOString()}`;

const unexpected = (type: string): never => {
  throw new Error(`a strategy's worker answered ${type} to another question`);
};

/** In the main thread: a throw is survived, an endless loop is not. The codec is the same. */
const inline = (spec: EngineSpec, id: number): StrategyEngine => {
  let engine: Engine | undefined;
  const guarded = <T>(call: () => T): T => {
    try {
      return call();
    } catch (error) {
      engine = undefined;
      throw threw(spec.strategyId, error);
    }
  };
  return {
    open: async () => {
      const definition = await loadDefinition(spec.source, id).catch((error: unknown) => {
        throw threw(spec.strategyId, error);
      });
      return guarded(() => {
        engine = createEngine(definition, spec);
        return engine.warmupBars;
      });
    },
    ask: async (request) =>
      guarded(() => {
        if (engine === undefined) throw new Error('this strategy is not open');
        return engine.answer(encodeRequest(request));
      }),
    close: async () => {
      engine = undefined;
    },
  };
};

const threw = (strategyId: string, error: unknown): StrategyFault => {
  const detail = error instanceof Error ? error.message : String(error);
  const trace = error instanceof Error ? error.stack : undefined;
  return new StrategyFault({
    reason: 'threw',
    strategyId,
    detail,
    ...(trace === undefined ? {} : { trace }),
  });
};
