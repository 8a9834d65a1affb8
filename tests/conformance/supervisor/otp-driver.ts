import { isDeepStrictEqual } from 'node:util';
import { ambientClock, ambientDefer } from '../../../src/actors/kernel/ambient-clock.ts';
import { createSystem, SystemStartError } from '../../../src/actors/kernel/system.ts';
import {
  type AdminReply,
  type Behaviour,
  type ChildSpec,
  type ExitReason,
  IGNORE,
  type Restart,
  type Strategy,
  type System,
} from '../../../src/actors/kernel/types.ts';

/**
 * Replays scenarios recorded on a real OTP supervisor. One line of the file is one scenario: a
 * supervisor's flags and children, the steps done to it, and what OTP answered, traced and listed
 * after each step.
 */
export type TraceEntry = readonly (string | number)[];

interface ScenarioChild {
  readonly id: string;
  readonly restart: Restart;
  readonly significant: boolean;
}

export interface ScenarioStep {
  readonly op: string;
  readonly id: string;
  readonly n?: number;
  readonly reason?: string;
  readonly reply: string;
  readonly trace: readonly TraceEntry[];
  readonly which: string | readonly (readonly string[])[];
  readonly count: readonly number[] | null;
  readonly sup_exit?: string;
}

export interface Scenario {
  readonly n: number;
  readonly strategy: Strategy;
  readonly intensity: number;
  /** Seconds, as OTP counts. */
  readonly period: number;
  readonly auto_shutdown: 'never' | 'any_significant' | 'all_significant';
  readonly children: readonly ScenarioChild[];
  readonly fail0: readonly (readonly [string, number | 'ignore'])[];
  readonly init: {
    readonly result: string;
    readonly error?: readonly string[];
    readonly trace: readonly TraceEntry[];
  };
  readonly steps?: readonly ScenarioStep[];
  readonly final_stop_trace?: readonly TraceEntry[];
}

type Order =
  | { readonly type: 'exit'; readonly reason: string }
  /** The first turn of a new process, in which it begins to trap exits. */
  | { readonly type: 'trapExits' };

interface Run {
  readonly number: number;
  readonly trapsExits: boolean;
  /** It ends by itself, which it has traced already. */
  readonly leaves: boolean;
}

const REASONS: Readonly<Record<string, ExitReason>> = {
  normal: { type: 'normal' },
  shutdown: { type: 'shutdown' },
  '{shutdown,x}': { type: 'shutdown', detail: 'x' },
};

const nameOf = (reason: ExitReason): string =>
  reason.type === 'shutdown' && reason.detail !== undefined
    ? `{shutdown,${reason.detail}}`
    : reason.type;

/**
 * The children of one scenario: they trace what happens to them and fail as they are told. The
 * recorded ones began to trap exits in their own first turn, so one that is stopped before it
 * had a turn dies without a trace; these do the same.
 */
class Cast {
  trace: TraceEntry[] = [];
  /** How often the next starts of an id fail; `ignore` for all of them. */
  readonly refusals = new Map<string, number | 'ignore'>();
  private readonly starts = new Map<string, number>();

  behaviour(id: string): Behaviour<Order, Run> {
    return {
      init: (context) => {
        const number = this.enter(id);
        if (number === IGNORE) return IGNORE;
        context.self.send({ type: 'trapExits' });
        return { number, trapsExits: false, leaves: false };
      },
      receive: (run, order, context) => {
        if (order.type === 'trapExits') return { ...run, trapsExits: true };
        this.trace.push(['exit', id, run.number, order.reason]);
        const reason = REASONS[order.reason];
        if (reason === undefined) throw new Error(order.reason);
        context.stop(reason);
        return { ...run, leaves: true };
      },
      terminate: (run, reason) => {
        const ordered = reason.type !== 'crash' && !run.leaves;
        if (ordered && run.trapsExits) this.trace.push(['stop', id, run.number, nameOf(reason)]);
      },
    };
  }

  private enter(id: string): number | typeof IGNORE {
    const refusal = this.refusals.get(id) ?? 0;
    if (refusal === 'ignore') {
      this.trace.push(['start_ignored', id]);
      return IGNORE;
    }
    if (refusal > 0) {
      this.refusals.set(id, refusal - 1);
      this.trace.push(['start_failed', id]);
      throw new Error('refused');
    }
    const run = (this.starts.get(id) ?? 0) + 1;
    this.starts.set(id, run);
    this.trace.push(['start', id, run]);
    return run;
  }

  taken(): TraceEntry[] {
    const taken = this.trace;
    this.trace = [];
    return taken;
  }
}

/** OTP's `{failed_to_start_child, Id, Reason}`. */
const startErrorOf = (error: unknown): readonly string[] => {
  const reason = error instanceof SystemStartError ? error.reason : undefined;
  const message = reason?.type === 'crash' ? reason.message : String(error);
  const [, id = '', why = ''] = /^failed to start '(.+)': crash: (.+)$/.exec(message) ?? [];
  const tag = reason?.type === 'crash' ? reason.tag : undefined;
  return [tag ?? 'unknown', id, why];
};

const replyOf = (reply: AdminReply<unknown>, starts: boolean): string => {
  if (!reply.ok) return `error:${reply.error === 'start_failed' ? 'refused' : reply.error}`;
  if (!starts) return 'ok';
  return reply.value === '' ? 'ok:undefined' : 'ok:pid';
};

class Replay {
  private readonly cast = new Cast();
  private readonly system: System;
  private readonly specs: readonly ChildSpec[];
  private readonly scenario: Scenario;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    for (const [id, refusal] of scenario.fail0) this.cast.refusals.set(id, refusal);
    this.specs = scenario.children.map((child) => ({
      ...child,
      type: 'worker',
      start: () => this.cast.behaviour(child.id) as never,
    }));
    this.system = createSystem({
      name: `otp-${scenario.n}`,
      root: {
        strategy: scenario.strategy,
        intensity: scenario.intensity,
        periodMs: scenario.period * 1_000,
        autoShutdown: scenario.auto_shutdown,
        children: this.specs,
      },
      clock: ambientClock,
      defer: ambientDefer,
      random: () => 0,
    });
  }

  /** The first difference to OTP in words, or undefined when there is none. */
  async run(): Promise<string | undefined> {
    const { init, steps = [], final_stop_trace: finalTrace } = this.scenario;
    const outcome = await this.system.start().then(
      () => ({ result: 'ok' }),
      (error: unknown) => ({ result: 'error', error: startErrorOf(error) }),
    );
    await this.system.quiescent();
    const started = { ...outcome, trace: this.cast.taken() };
    if (!isDeepStrictEqual(started, init)) return this.difference('init', started, init);
    for (const [index, step] of steps.entries()) {
      const seen = await this.take(step);
      const { reply, trace, which, count } = step;
      const expected = { reply, trace, which, count, sup_exit: step.sup_exit };
      if (!isDeepStrictEqual(seen, expected)) {
        return this.difference(`step ${index + 1} ${step.op} ${step.id}`, seen, expected);
      }
    }
    if (init.result === 'ok') await this.system.shutdown();
    const stopped = this.cast.taken();
    if (finalTrace === undefined || isDeepStrictEqual(stopped, finalTrace)) return undefined;
    return this.difference('final stop', stopped, finalTrace);
  }

  private async take(step: ScenarioStep) {
    const reply = await this.act(step);
    await this.system.quiescent();
    const admin = this.system.supervisor('');
    const counts = await admin?.countChildren();
    const trace = this.cast.taken();
    if (admin === undefined || counts?.ok !== true) {
      const exit = await this.system.ended;
      return { reply, trace, which: 'supervisor_dead', count: null, sup_exit: nameOf(exit) };
    }
    const { specs, active, supervisors, workers } = counts.value;
    const which = (await admin.whichChildren()).map((child) => [
      child.path,
      child.status === 'running' ? 'alive' : 'undefined',
    ]);
    const count = [specs, active, supervisors, workers];
    return { reply, trace, which, count, sup_exit: undefined };
  }

  private async act(step: ScenarioStep): Promise<string> {
    const { id } = step;
    const admin = this.system.supervisor('');
    if (admin === undefined) return 'no_supervisor';
    switch (step.op) {
      case 'exit':
        if (this.system.info(id)?.status !== 'running') return 'no_process';
        this.system.ref<Order>(id).send({ type: 'exit', reason: step.reason ?? 'normal' });
        return 'ok';
      case 'kill':
        return this.system.kill(id) ? 'ok' : 'no_process';
      case 'fail_next_starts':
        this.cast.refusals.set(id, step.n ?? 0);
        return 'ok';
      case 'terminate_child':
        return replyOf(await admin.terminateChild(id), false);
      case 'delete_child':
        return replyOf(await admin.deleteChild(id), false);
      case 'restart_child':
        return replyOf(await admin.restartChild(id), true);
      case 'start_child': {
        const spec = this.specs.find((child) => child.id === id);
        return spec === undefined ? 'no_spec' : replyOf(await admin.startChild(spec), true);
      }
      default:
        throw new Error(`this driver does not know the step '${step.op}'`);
    }
  }

  private difference(where: string, seen: unknown, expected: unknown): string {
    const scenario = `scenario ${this.scenario.n} (${this.scenario.strategy})`;
    return `${scenario}, ${where}: got ${JSON.stringify(seen)}, OTP ${JSON.stringify(expected)}`;
  }
}

/** Runs one scenario; undefined when every reply, trace, listing and count is OTP's. */
export const replayScenario = (scenario: Scenario): Promise<string | undefined> =>
  new Replay(scenario).run();
