import type { Clock, TimerHandle } from '../../domain/ports.ts';
import type { EpochMs } from '../../domain/units.ts';

/**
 * The kernel's vocabulary. It follows OTP: a supervisor is data plus a few verbs, a behaviour is
 * three functions over a state, an exit reason decides about a restart. Nothing here knows trading.
 */

/** Every message is an object with a `type`, so that a chart's events are messages as they are. */
export interface Message {
  readonly type: string;
}

/** Why an actor ended. normal and shutdown are not failures; everything else is. */
export type ExitReason =
  | { readonly type: 'normal' }
  | { readonly type: 'shutdown'; readonly detail?: string }
  | { readonly type: 'killed' }
  | {
      readonly type: 'crash';
      readonly message: string;
      readonly stack?: string;
      readonly tag?: string;
    };

/** A stable reference: it outlives restarts of its actor. Sending never throws into the sender. */
export interface ActorRef<Msg extends Message = Message> {
  readonly path: string;
  readonly send: (message: Msg) => void;
}

/** Returned by `init` to say "not needed now": the spec stays (temporary: dropped). */
export const IGNORE: unique symbol = Symbol('ignore');

export interface Behaviour<Msg extends Message, State> {
  /** Runs before the next sibling starts. A throw or rejection is a failed start. */
  readonly init: (
    context: ActorContext<Msg>,
  ) => State | typeof IGNORE | Promise<State | typeof IGNORE>;
  /** One message in, the next state out. A throw leaves nothing half done: the actor crashes with
   * its old state in the crash report, and its supervisor decides. */
  readonly receive: (state: State, message: Msg, context: ActorContext<Msg>) => State;
  /** Last chance to release what the actor holds; bounded by the child's shutdown budget. */
  readonly terminate?: (
    state: State,
    reason: ExitReason,
    context: ActorContext<Msg>,
  ) => void | Promise<void>;
  /** What people see of the state in the inspector, crash reports and `snapshot(path)`. */
  readonly summary?: (state: State) => unknown;
}

export type TaskResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

export type AskResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: 'timeout' | 'dead' | 'overflow' };

export interface ActorContext<Msg extends Message = Message> {
  readonly path: string;
  /** 1 for the first incarnation of this path, +1 for each restart. */
  readonly incarnation: number;
  readonly self: ActorRef<Msg>;
  /** Stable reference by absolute path, or by `./child`, `../sibling`. */
  readonly ref: <M extends Message>(path: string) => ActorRef<M>;
  /** Time of the actor's clock (ChildSpec.clock, else the system's). */
  readonly now: () => EpochMs;
  /** Sends `message` to self after `delayMs` of the given clock (default: the actor's own). A timer
   * with the same `key` replaces the earlier one. All timers die with the incarnation. */
  readonly after: (
    delayMs: number,
    message: Msg,
    options?: { readonly key?: string; readonly clock?: Clock },
  ) => TimerHandle;
  readonly cancel: (key: string) => void;
  /** Runs work that may not end in this turn. Its result comes back as a message, unless the
   * incarnation is gone by then (dead letter). Counts as not quiescent until it settles. */
  readonly task: <T>(
    name: string,
    run: (signal: AbortSignal) => Promise<T>,
    done: (result: TaskResult<T>) => Msg,
  ) => void;
  /** Request with a mandatory time-out (actor clock unless told); the answer comes as a message. The request carries
   * `reply`, which the receiver calls at most once. */
  readonly ask: <T, M extends Message>(
    target: ActorRef<M>,
    request: (reply: (value: T) => void) => M,
    timeoutMs: number,
    done: (result: AskResult<T>) => Msg,
  ) => void;
  /** Exactly one DOWN message follows, also when the target is already dead. */
  readonly monitor: (target: ActorRef<never>, down: (reason: ExitReason) => Msg) => () => void;
  /** Death pact: when the target dies abnormally, this actor exits with the same reason. */
  readonly link: (target: ActorRef<never>) => void;
  /** Tells the system's listeners that a chart of this actor moved. */
  readonly announce: (move: ChartMove) => void;
  readonly stash: (message: Msg) => void;
  readonly unstashAll: () => void;
  /** Ends this actor after the current message. */
  readonly stop: (reason?: ExitReason) => void;
}

export type Lane = 'control' | 'user';
export type OverflowPolicy<Msg extends Message> =
  | { readonly type: 'reject' }
  | { readonly type: 'dropOldest' }
  | { readonly type: 'conflate'; readonly key: (message: Msg) => string | undefined };

/** System messages and death notices have a lane of their own and are never dropped. */
export interface MailboxOptions<Msg extends Message = Message> {
  readonly capacity: number;
  readonly overflow: OverflowPolicy<Msg>;
  /** Control messages (halt, kill) overtake user messages. Default: everything is `user`. */
  readonly lane?: (message: Msg) => Lane;
  /** What happens to messages sent while the actor restarts. Default: stash. */
  readonly whileDown?: 'stash' | 'deadLetter';
  /** A message whose handling crashes the actor is handed to the next incarnation again until it
   * crashed this many in a row, then it is a dead letter `poison`. Default 1: never again. */
  readonly poisonAfter?: number;
}

export type Restart = 'permanent' | 'transient' | 'temporary';
export type Shutdown = 'brutalKill' | 'infinity' | number;
export type Strategy = 'one_for_one' | 'one_for_all' | 'rest_for_one' | 'simple_one_for_one';
export type AutoShutdown = 'never' | 'any_significant' | 'all_significant';

export interface Backoff {
  readonly initialMs: number;
  readonly maxMs: number;
  /** The delay falls back to `initialMs` after the child has lived this long. */
  readonly healthyAfterMs: number;
}

interface ChildBase {
  readonly id: string;
  /** Default permanent. */
  readonly restart?: Restart;
  /** Default 5,000 ms for a worker, infinity for a supervisor. */
  readonly shutdown?: Shutdown;
  readonly significant?: boolean;
  /** Delay before a restart; none by default, as in OTP. */
  readonly backoff?: Backoff;
}
export interface WorkerSpec<Msg extends Message = never, State = unknown> extends ChildBase {
  readonly type: 'worker';
  /** Makes the behaviour of a new incarnation; called once per start. */
  readonly start: () => Behaviour<Msg, State>;
  readonly mailbox?: MailboxOptions<Msg>;
  /** Clock of `now` and `after`; the system's clock by default. */
  readonly clock?: Clock;
  /** True: its messages and tasks do not count for quiescence (observers). */
  readonly background?: boolean;
}
export interface SupervisorChildSpec extends ChildBase {
  readonly type: 'supervisor';
  readonly supervisor: SupervisorSpec;
}
export type ChildSpec = WorkerSpec<never, never> | SupervisorChildSpec;

export interface SupervisorSpec {
  /** Default one_for_one. */
  readonly strategy?: Strategy;
  /** Restarts allowed inside `periodMs`; default 1 in 5,000 ms. */
  readonly intensity?: number;
  readonly periodMs?: number;
  readonly autoShutdown?: AutoShutdown;
  /** exit: OTP's behaviour, the supervisor ends with `shutdown` and its parent decides.
   * park: its children stay down, an event tells, and nobody else is touched. Default exit. */
  readonly onExhausted?: 'exit' | 'park';
  /** true: a child that an operator terminated stays down through group restarts. */
  readonly honourAdministrativelyDown?: boolean;
  readonly children: readonly ChildSpec[];
}

export type ActorStatus =
  | 'starting'
  | 'running'
  | 'restarting'
  | 'stopping'
  | 'stopped'
  | 'parked'
  | 'administrativelyDown';

/** One line of the live tree: what an inspector shows of any path. */
export interface ActorInfo {
  readonly path: string;
  readonly type: 'worker' | 'supervisor';
  readonly status: ActorStatus;
  readonly incarnation: number;
  readonly restarts: number;
  readonly mailboxDepth: number;
  readonly summary: unknown;
  /** Of a supervisor: restarts allowed within the period, and how many of them are left now. */
  readonly budget?: {
    readonly intensity: number;
    readonly periodMs: number;
    readonly left: number;
  };
}

/** States are dotted paths, parents before children: `live`, `live.beating`. */
export interface ChartMove {
  readonly chart: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** Type of the event that moved it. */
  readonly by: string;
}

/** Everything that happens to actors, in order. The log, metrics, audit and inspector subscribe. */
export type KernelEvent =
  | {
      readonly type: 'actor.started';
      readonly path: string;
      readonly incarnation: number;
      readonly at: EpochMs;
    }
  | {
      readonly type: 'actor.exited';
      readonly path: string;
      readonly incarnation: number;
      readonly reason: ExitReason;
      readonly at: EpochMs;
    }
  | { readonly type: 'actor.crashed'; readonly report: CrashReport; readonly at: EpochMs }
  | {
      readonly type: 'actor.restartScheduled';
      readonly path: string;
      readonly delayMs: number;
      readonly at: EpochMs;
    }
  | {
      readonly type: 'supervisor.exhausted';
      readonly path: string;
      readonly action: 'exit' | 'park';
      readonly at: EpochMs;
    }
  | {
      readonly type: 'deadLetter';
      readonly path: string;
      readonly message: Message;
      readonly why: 'down' | 'overflow' | 'stale' | 'poison';
      /** Of the last crash, when the message was quarantined as poison. */
      readonly stack?: string;
      readonly at: EpochMs;
    }
  /** A chart that lives at a path went from one set of states to another. */
  | ({ readonly type: 'chart.moved'; readonly path: string; readonly at: EpochMs } & ChartMove)
  /** A subscriber threw; it stays subscribed, and nobody else notices. */
  | { readonly type: 'listener.threw'; readonly message: string; readonly at: EpochMs };

export interface CrashReport {
  readonly path: string;
  readonly incarnation: number;
  readonly reason: ExitReason;
  readonly state: unknown;
  readonly message: Message | undefined;
  readonly mailboxDepth: number;
  readonly restartsLeft: number;
}

/** The first five are OTP's. start_failed: the child's init threw, `reason` says what. invalid_spec:
 * `detail` holds the code of the refused value. simple_one_for_one: such children have no spec to
 * restart or delete. dead: the supervisor ended before it could answer. */
export type AdminError =
  | 'not_found'
  | 'running'
  | 'restarting'
  | 'already_present'
  | 'already_started'
  | 'start_failed'
  | 'invalid_spec'
  | 'simple_one_for_one'
  | 'dead';
export type AdminReply<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly error: AdminError;
      readonly reason?: ExitReason;
      readonly detail?: string;
    };

/** Like OTP's count_children: specs kept, children alive, and how many specs are of each type. */
export interface ChildCounts {
  readonly specs: number;
  readonly active: number;
  readonly supervisors: number;
  readonly workers: number;
}

/** Every verb goes through the supervisor's mailbox, so it waits while a start or stop is under way. */
export interface SupervisorAdmin {
  /** The value is the child's path, or '' when its init answered IGNORE. */
  readonly startChild: (spec: ChildSpec) => Promise<AdminReply<string>>;
  readonly terminateChild: (id: string) => Promise<AdminReply<void>>;
  /** The value is the child's path, or '' when its init answered IGNORE. */
  readonly restartChild: (id: string) => Promise<AdminReply<string>>;
  readonly deleteChild: (id: string) => Promise<AdminReply<void>>;
  /** Newest first, as OTP answers. Empty when the supervisor is dead. */
  readonly whichChildren: () => Promise<readonly ActorInfo[]>;
  readonly countChildren: () => Promise<AdminReply<ChildCounts>>;
  readonly getChildSpec: (id: string) => Promise<AdminReply<ChildSpec>>;
  /** Clears a parked supervisor's budget and starts its children again, in order. */
  readonly unpark: () => Promise<AdminReply<void>>;
}

export type SysReply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: 'timeout' | 'dead' };

export interface SysStatistics {
  /** Messages handled by all incarnations of the path. */
  readonly handled: number;
  readonly incarnation: number;
  readonly restarts: number;
  readonly mailboxDepth: number;
}

/** A message as the actor was about to handle it. */
export interface SysLogEntry {
  readonly at: EpochMs;
  readonly message: Message;
}

/**
 * OTP's `sys`: verbs that every actor answers in its own turn, ahead of its messages, whatever
 * its behaviour. Time-outs in ms of the system's clock.
 */
export interface SysVerbs {
  readonly ping: (timeoutMs: number) => Promise<SysReply<'pong'>>;
  /** The summary of the state where the behaviour has one, else the state itself. */
  readonly getState: (timeoutMs: number) => Promise<SysReply<unknown>>;
  readonly getStatus: (
    timeoutMs: number,
  ) => Promise<SysReply<ActorInfo & { readonly suspended: boolean }>>;
  /** Messages wait until `resume`; orders of the supervisor and these verbs do not. A suspended
   * actor does not keep the system from being quiescent. */
  readonly suspend: (timeoutMs: number) => Promise<SysReply<void>>;
  readonly resume: (timeoutMs: number) => Promise<SysReply<void>>;
  readonly statistics: (timeoutMs: number) => Promise<SysReply<SysStatistics>>;
  /** Keeps the last `size` messages from now on; 0 switches it off. Workers only. */
  readonly log: (timeoutMs: number, size?: number) => Promise<SysReply<void>>;
  readonly getLog: (timeoutMs: number) => Promise<SysReply<readonly SysLogEntry[]>>;
  /** Tells of each message before it is handled, until the returned function is called. A
   * listener that throws is dropped. Workers only. */
  readonly trace: (listener: (entry: SysLogEntry) => void) => () => void;
  /** Ends the actor with that reason (default shutdown); its supervisor decides what follows. */
  readonly terminate: (timeoutMs: number, reason?: ExitReason) => Promise<SysReply<void>>;
}

export interface System {
  /** Resolves when the whole tree is up; rejects when a first start fails (earlier ones are stopped). */
  readonly start: () => Promise<void>;
  readonly ref: <M extends Message>(path: string) => ActorRef<M>;
  readonly info: (path: string) => ActorInfo | undefined;
  /** Depth-first, in start order. */
  readonly tree: () => readonly ActorInfo[];
  readonly supervisor: (path: string) => SupervisorAdmin | undefined;
  readonly subscribe: (listener: (event: KernelEvent) => void) => () => void;
  /** As `ActorContext.ask`, for callers that are no actor (HTTP, CLI, tests). Never rejects. */
  readonly ask: <T, M extends Message>(
    target: ActorRef<M>,
    request: (reply: (value: T) => void) => M,
    timeoutMs: number,
  ) => Promise<AskResult<T>>;
  /** OTP's `exit(Pid, kill)`: ends the actor now, without `terminate`; its supervisor decides.
   * false when nothing lives at that path. */
  readonly kill: (path: string) => boolean;
  readonly sys: (path: string) => SysVerbs | undefined;
  /** Resolves once no counted actor has a message queued or a task in flight. */
  readonly quiescent: () => Promise<void>;
  /** Stops the tree in reverse order; resolves when everything is down. */
  readonly shutdown: () => Promise<void>;
  /** Resolves when the root has ended, by shutdown or by its exhausted budget. */
  readonly ended: Promise<ExitReason>;
}

export interface SystemOptions {
  readonly name: string;
  readonly root: SupervisorSpec;
  /** Wall clock of the kernel: restart windows, back-off, shutdown budgets, default actor clock. */
  readonly clock: Clock;
  /** Runs `turn` soon, never synchronously: setImmediate in production, a seeded queue in simulation. */
  readonly defer: (turn: () => void) => void;
  readonly random: () => number;
  /** Chooses which of `ready` waiting actors runs next, as an index: simulation draws it from a
   * seed and so explores interleavings. Without it they take turns in order. */
  readonly pick?: (ready: number) => number;
}
/** Implemented in `system.ts`: `createSystem(options: SystemOptions): System`. */
export type CreateSystem = (options: SystemOptions) => System;
