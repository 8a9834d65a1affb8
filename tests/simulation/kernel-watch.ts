import type {
  ActorInfo,
  CrashReport,
  ExitReason,
  KernelEvent,
} from '../../src/actors/kernel/types.ts';
import type { Shape } from './tree-shape.ts';
import { Violation } from './violation.ts';

interface Life {
  alive: boolean;
  incarnation: number;
  /** Places in the order of everything that was told; 0: never. */
  startedAt: number;
  exitedAt: number;
}

/** True when `later` did not die before `dead` in one restart of their group. */
const isAfter = (later: Life, dead: Life): boolean =>
  later.exitedAt > dead.exitedAt || (later.alive && later.startedAt < dead.exitedAt);

/**
 * S1 to S4 and S12 for one process, from what its kernel tells and the tree as data. A kill of the
 * process ends the watch with it.
 */
export class KernelWatch {
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #parents = new Map<string, string>();
  readonly #lives = new Map<string, Life>();
  /** Children that a supervisor has started since it was last without any. */
  readonly #booted = new Map<string, Set<string>>();
  readonly #restartsMs = new Map<string, number[]>();
  readonly #reported = new Set<string>();
  readonly #exhausted = new Set<string>();
  /** Crashes and used-up budgets by path that no notice has told yet. */
  readonly #untold = new Map<string, number>();
  #order = 0;

  constructor(shapes: ReadonlyMap<string, Shape>) {
    this.#shapes = shapes;
    for (const [path, { children }] of shapes) {
      for (const child of children) this.#parents.set(child, path);
    }
  }

  observe(event: KernelEvent): void {
    this.#order += 1;
    switch (event.type) {
      case 'actor.started':
        this.#started(event.path, event.incarnation);
        this.#checkBudget(event.path, event.at);
        return;
      case 'actor.exited':
        this.#exited(event.path, event.incarnation, event.reason);
        return;
      case 'actor.crashed':
        this.#crashed(event.report, event.at);
        return;
      case 'supervisor.exhausted':
        this.#exhausted.add(event.path);
        this.#restartsMs.delete(event.path);
        this.#owe(event.type, event.path, 1);
        return;
      case 'actor.restartScheduled':
        this.#scheduled(event.path, event.at);
        return;
      default:
    }
  }

  /** A person was told. */
  noticed({ code, path }: { readonly code: string; readonly path?: string }): void {
    if (code !== 'actor.crashed' && code !== 'supervisor.exhausted') return;
    this.#owe(code, path ?? '', -1);
  }

  /** A person has it start its children again. */
  unparked(path: string): void {
    this.#exhausted.delete(path);
  }

  #isAlive(path: string): boolean {
    return this.#lives.get(path)?.alive === true;
  }

  /** While everything is still up: whatever crashed or was given up has been told of (S12). */
  checkTold(tree: readonly ActorInfo[]): void {
    const untold = [...this.#untold].filter(([, count]) => count > 0).map(([what]) => what);
    if (untold.length > 0) throw new Violation('S12', `nobody was told: ${untold.join(', ')}`);
    for (const { path, type, status } of tree) {
      if (type !== 'supervisor' || status !== 'parked' || this.#exhausted.has(path)) continue;
      throw new Violation('S12', `${path} is parked, and nothing told that its budget is used up`);
    }
  }

  /** After the tree has ended (S3). */
  checkEnded(): void {
    const living = [...this.#lives].filter(([, { alive }]) => alive).map(([path]) => path);
    if (living.length > 0) throw new Violation('S3', `${living.join(', ')} outlived the tree`);
  }

  #owe(code: string, path: string, change: number): void {
    const what = `${code} of ${path}`;
    this.#untold.set(what, (this.#untold.get(what) ?? 0) + change);
  }

  #life(path: string): Life {
    const known = this.#lives.get(path);
    if (known !== undefined) return known;
    const life = { alive: false, incarnation: 0, startedAt: 0, exitedAt: 0 };
    this.#lives.set(path, life);
    return life;
  }

  /** Siblings before and after a child, as the specification lists them. */
  #siblings(path: string): { readonly left: readonly string[]; readonly right: readonly string[] } {
    const parent = this.#parents.get(path);
    if (parent === undefined) return { left: [], right: [] };
    const children = this.#shapes.get(parent)?.children ?? [];
    const index = children.indexOf(path);
    return { left: children.slice(0, index), right: children.slice(index + 1) };
  }

  #started(path: string, incarnation: number): void {
    const life = this.#life(path);
    if (life.alive) {
      throw new Violation('S1', `${path} lives as ${life.incarnation} and as ${incarnation}`);
    }
    if (path !== '') this.#checkStartOrder(path, life);
    life.alive = true;
    life.incarnation = incarnation;
    life.startedAt = this.#order;
  }

  #checkStartOrder(path: string, life: Life): void {
    const parent = this.#parents.get(path);
    if (parent === undefined) throw new Violation('S3', `${path} is in no tree`);
    const booted = this.#booted.get(parent) ?? new Set();
    this.#booted.set(parent, booted.add(path));
    const { left } = this.#siblings(path);
    if (!this.#isAlive(parent)) {
      const missing = left.filter((sibling) => !booted.has(sibling));
      if (missing.length > 0) throw new Violation('S2', `${path} before ${missing.join(', ')}`);
      return;
    }
    if (this.#shapes.get(parent)?.isGroup !== true) return;
    const group = [life];
    for (const sibling of left.toReversed()) {
      const other = this.#life(sibling);
      // Who died before all those after it goes first; a death during their restart waits.
      const isFirst = !other.alive && group.every((later) => isAfter(later, other));
      if (isFirst) throw new Violation('S2', `${path} started again before ${sibling}`);
      group.push(other);
    }
  }

  #exited(path: string, incarnation: number, reason: ExitReason): void {
    const life = this.#life(path);
    life.alive = false;
    life.exitedAt = this.#order;
    const below = path === '' ? '' : `${path}.`;
    for (const [other, { alive }] of this.#lives) {
      if (alive && other !== path && other.startsWith(below)) {
        throw new Violation('S3', `${other} lives below ${path}, which is dead`);
      }
    }
    if (reason.type === 'shutdown') this.#checkStopOrder(path);
    this.#restartsMs.delete(path);
    this.#exhausted.delete(path);
    const parent = this.#parents.get(path);
    if (parent !== undefined && !this.#isAlive(parent)) this.#forgetBoot(parent);
    const failed = reason.type === 'crash' || reason.type === 'killed';
    if (!failed || this.#shapes.has(path)) return;
    if (this.#reported.delete(`${path} ${incarnation}`)) return;
    throw new Violation('S12', `${path} ${incarnation} ended by ${reason.type} without a report`);
  }

  /** Only a supervisor's order ends an actor by shutdown: then those after it are down already. */
  #checkStopOrder(path: string): void {
    const up = this.#siblings(path).right.filter((sibling) => this.#isAlive(sibling));
    if (up.length > 0) throw new Violation('S2', `${path} stopped before ${up.join(', ')}`);
  }

  #forgetBoot(parent: string): void {
    const children = this.#shapes.get(parent)?.children ?? [];
    if (!children.some((child) => this.#isAlive(child))) this.#booted.delete(parent);
  }

  #crashed({ path, incarnation }: CrashReport, atMs: number): void {
    this.#reported.add(`${path} ${incarnation}`);
    this.#owe('actor.crashed', path, 1);
    // A start that failed was a restart too.
    if (incarnation > this.#life(path).incarnation) this.#checkBudget(path, atMs);
  }

  #scheduled(path: string, atMs: number): void {
    const parent = this.#parents.get(path) ?? '';
    this.#restartsMs.set(parent, [...(this.#restartsMs.get(parent) ?? []), atMs]);
  }

  /** A restart that was scheduled counts when it is carried out: another end may come first. */
  #checkBudget(path: string, atMs: number): void {
    const parent = this.#parents.get(path);
    const shape = parent === undefined ? undefined : this.#shapes.get(parent);
    if (parent === undefined || shape === undefined) return;
    const who = parent === '' ? 'the root' : parent;
    if (this.#exhausted.has(parent)) {
      throw new Violation('S4', `${who} had used up its budget, and started ${path}`);
    }
    const { intensity, periodMs } = shape;
    const scheduled = this.#restartsMs.get(parent) ?? [];
    const recent = scheduled.filter((ms) => atMs - ms <= periodMs).length;
    if (recent <= intensity) return;
    const what = `${recent} restarts within ${periodMs} ms, ${intensity} are allowed`;
    throw new Violation('S4', `${who}: ${what}`);
  }
}
