import type { Scenario, ScenarioStep, TraceEntry } from '../conformance/supervisor/otp-driver.ts';

/**
 * OTP's supervisor once more, written as OTP is: one blocking process over a list of children.
 * It shares no code and no data structure with the kernel, and predicts whole scenarios in the
 * format of the recorded traces.
 */
export type Op = Pick<ScenarioStep, 'op' | 'id' | 'n' | 'reason'>;
export type Setup = Omit<Scenario, 'init' | 'steps' | 'final_stop_trace'>;

interface Child {
  readonly id: string;
  readonly restart: string;
  readonly significant: boolean;
  run: number | undefined;
  restarting: boolean;
  /** Has had no turn yet: a stop leaves no trace of it. */
  fresh: boolean;
}

type Outcome = 'up' | 'ignored' | 'refused';

export class OtpModel {
  children: Child[] = [];
  dead = false;
  private trace: TraceEntry[] = [];
  private restarts = 0;
  private readonly setup: Setup;
  private readonly starts = new Map<string, number>();
  private readonly refusals: Map<string, number | 'ignore'>;

  constructor(setup: Setup) {
    this.setup = setup;
    this.refusals = new Map(setup.fail0);
  }

  /** Plays the whole scenario and writes it down as OTP would have. */
  predict(ops: readonly Op[]): Scenario {
    const init = this.init();
    if (init.result === 'error') return { ...this.setup, init };
    const steps: ScenarioStep[] = [];
    for (const op of ops) {
      if (this.dead) break;
      steps.push(this.step(op));
    }
    if (this.dead) return { ...this.setup, init, steps };
    this.stopAll();
    return { ...this.setup, init, steps, final_stop_trace: this.taken() };
  }

  private init(): Scenario['init'] {
    for (const spec of this.setup.children) {
      const child: Child = { ...spec, run: undefined, restarting: false, fresh: false };
      const outcome = this.start(child);
      if (outcome === 'refused') {
        this.stopAll();
        const error = ['failed_to_start_child', child.id, 'refused'];
        return { result: 'error', error, trace: this.taken() };
      }
      if (outcome === 'up' || child.restart !== 'temporary') this.children.push(child);
    }
    return { result: 'ok', trace: this.taken() };
  }

  private step(op: Op): ScenarioStep {
    const reply = this.act(op);
    const seen = { ...op, reply, trace: this.taken() };
    if (this.dead) return { ...seen, which: 'supervisor_dead', count: null, sup_exit: 'shutdown' };
    const which = this.children
      .map((child) => [child.id, child.run === undefined ? 'undefined' : 'alive'])
      .reverse();
    const alive = this.children.filter((child) => child.run !== undefined).length;
    const { length } = this.children;
    return { ...seen, which, count: [length, alive, 0, length] };
  }

  private act(op: Op): string {
    const child = this.children.find((one) => one.id === op.id);
    if (op.op === 'fail_next_starts') {
      this.refusals.set(op.id, op.n ?? 0);
      return 'ok';
    }
    if (op.op === 'start_child') return this.startChild(op.id, child);
    if (op.op === 'exit' || op.op === 'kill') {
      if (child?.run === undefined) return 'no_process';
      const reason = op.op === 'kill' ? 'killed' : (op.reason ?? 'normal');
      if (op.op === 'exit') this.trace.push(['exit', child.id, child.run, reason]);
      this.died(child, reason);
      return 'ok';
    }
    if (child === undefined) return 'error:not_found';
    if (op.op === 'terminate_child') {
      this.stop(child);
      this.dropped(child);
      return 'ok';
    }
    if (child.run !== undefined) return 'error:running';
    if (op.op === 'restart_child') return this.startReply(this.start(child));
    this.children = this.children.filter((one) => one !== child);
    return 'ok';
  }

  private startChild(id: string, present: Child | undefined): string {
    if (present !== undefined) {
      return present.run === undefined ? 'error:already_present' : 'error:already_started';
    }
    const spec = this.setup.children.find((one) => one.id === id);
    if (spec === undefined) return 'no_spec';
    const child: Child = { ...spec, run: undefined, restarting: false, fresh: false };
    const outcome = this.start(child);
    const kept = outcome === 'up' || (outcome === 'ignored' && child.restart !== 'temporary');
    if (kept) this.children.push(child);
    return this.startReply(outcome);
  }

  private startReply(outcome: Outcome): string {
    if (outcome === 'refused') return 'error:refused';
    return outcome === 'up' ? 'ok:pid' : 'ok:undefined';
  }

  private start(child: Child): Outcome {
    const refusal = this.refusals.get(child.id) ?? 0;
    if (refusal === 'ignore') {
      this.trace.push(['start_ignored', child.id]);
      return 'ignored';
    }
    if (refusal > 0) {
      this.refusals.set(child.id, refusal - 1);
      this.trace.push(['start_failed', child.id]);
      return 'refused';
    }
    child.run = (this.starts.get(child.id) ?? 0) + 1;
    child.fresh = true;
    this.starts.set(child.id, child.run);
    this.trace.push(['start', child.id, child.run]);
    return 'up';
  }

  private stop(child: Child): void {
    child.restarting = false;
    if (child.run === undefined) return;
    if (!child.fresh) this.trace.push(['stop', child.id, child.run, 'shutdown']);
    child.run = undefined;
    // While the supervisor waits for this one, the others get their first turn.
    for (const other of this.children) other.fresh = false;
  }

  private stopAll(): void {
    for (const child of this.children.toReversed()) this.stop(child);
  }

  private dropped(child: Child): void {
    child.run = undefined;
    child.restarting = false;
    if (child.restart === 'temporary') this.children = this.children.filter((c) => c !== child);
  }

  private died(child: Child, reason: string): void {
    child.run = undefined;
    const abnormal = reason === 'crash' || reason === 'killed';
    const again = child.restart === 'permanent' || (child.restart === 'transient' && abnormal);
    if (again) {
      this.restart(child);
      return;
    }
    this.dropped(child);
    const mode = this.setup.auto_shutdown;
    if (mode === 'never' || !child.significant) return;
    const others = this.children.some((one) => one.significant && one.run !== undefined);
    if (mode === 'any_significant' || !others) this.end();
  }

  /** Restarts until it succeeds or the budget is spent: nothing else is in OTP's mailbox here. */
  private restart(first: Child): void {
    for (let child: Child | undefined = first; child !== undefined; ) {
      this.restarts += 1;
      if (this.restarts > this.setup.intensity) {
        this.dropped(child);
        this.end();
        return;
      }
      child = this.restartOnce(child);
    }
  }

  /** The child whose start failed, if one did. */
  private restartOnce(child: Child): Child | undefined {
    const { strategy } = this.setup;
    const from = strategy === 'one_for_all' ? 0 : this.children.indexOf(child);
    const to = strategy === 'one_for_one' ? from + 1 : this.children.length;
    const group = this.children.slice(from, to);
    for (const member of group.toReversed()) {
      this.stop(member);
      if (member.restart === 'temporary') this.dropped(member);
    }
    for (const member of group.filter((one) => one.restart !== 'temporary')) {
      if (this.start(member) === 'refused') return member;
    }
    return undefined;
  }

  private end(): void {
    this.stopAll();
    this.dead = true;
  }

  private taken(): TraceEntry[] {
    const { trace } = this;
    this.trace = [];
    for (const child of this.children) child.fresh = false;
    return trace;
  }
}
