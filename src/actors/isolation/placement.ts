import type { StrategySource } from './engine-protocol.ts';
import { ISOLATION_LIMITS } from './isolation-limits.ts';

/** How far strategies are kept apart. */
export const ISOLATION_KINDS = ['perSymbol', 'perStrategy', 'pool', 'inline'] as const;
export type IsolationKind = (typeof ISOLATION_KINDS)[number];

export interface Placed {
  /** `<strategy>:<symbol>` */
  readonly id: string;
  readonly name: string;
  readonly source: StrategySource;
}

/** Name of the worker of each strategy; one that is not in it runs in the main thread. */
export type Seats = ReadonlyMap<string, string>;

/**
 * Who sits where. Without a kind, a user's file gets `perSymbol` and a built-in runs inline: it is
 * our own code and pure, so a worker would only cost it time. Places depend on nothing but the list
 * and its order.
 */
export const placeStrategies = (input: {
  readonly kind: IsolationKind | undefined;
  readonly poolSize: number;
  readonly strategies: readonly Placed[];
}): Seats => {
  const { kind = 'perSymbol', poolSize, strategies } = input;
  const seated = strategies.filter(({ source }) =>
    input.kind === undefined ? source.type === 'file' : kind !== 'inline',
  );
  const { workers } = ISOLATION_LIMITS;
  const pooled = (size: number): Seats =>
    new Map(seated.map(({ id }, index) => [id, `pool-${(index % size) + 1}`]));
  if (kind === 'pool') return pooled(poolSize);
  if (kind === 'perStrategy') return new Map(seated.map(({ id, name }) => [id, name]));
  return seated.length > workers ? pooled(workers) : new Map(seated.map(({ id }) => [id, id]));
};

/** The blast radius, one line per group: who goes down together when one of them hangs. */
export const describeSeats = (
  seats: Seats,
  strategies: readonly Pick<Placed, 'id'>[],
): readonly string[] => {
  const inline = strategies.map(({ id }) => id).filter((id) => !seats.has(id));
  const workers = new Map<string, string[]>();
  for (const [id, worker] of seats) workers.set(worker, [...(workers.get(worker) ?? []), id]);
  const alone = [...workers.values()].filter((ids) => ids.length === 1).flat();
  const shared = [...workers].filter(([, ids]) => ids.length > 1);
  return [
    ...(inline.length > 0
      ? [`in the main thread, where only a throw is survived: ${inline.join(', ')}`]
      : []),
    ...(alone.length > 0 ? [`each in a worker of its own: ${alone.join(', ')}`] : []),
    ...shared.map(([worker, ids]) => `together in worker ${worker}: ${ids.join(', ')}`),
  ];
};
