import type { ActorStatus } from '../actors/kernel/types.ts';
import type {
  OperatorCommand,
  OperatorOrigin,
  OperatorReply,
} from '../actors/operator/operator-types.ts';
import type { AccountStatus, RuntimeStatus } from '../actors/operator/operator-view.ts';

/**
 * What the runtime's thread and the inspector's thread say to each other. HTTP, JSON and SQLite's
 * reading happen in a thread of their own, so that no number of onlookers delays an order; what
 * they may see is sent to them, what they want done is asked for.
 */

/** One line of the supervision tree. */
export interface TreeLine {
  readonly path: string;
  readonly type: 'worker' | 'supervisor';
  readonly status: ActorStatus;
  readonly incarnation: number;
  readonly restarts: number;
  readonly mailboxDepth: number;
  /** Of a supervisor. */
  readonly budget: {
    readonly intensity: number;
    readonly periodMs: number;
    readonly left: number;
  } | null;
}
/** Active states of a chart that lives at a path. */
export interface ChartLine {
  readonly path: string;
  readonly chart: string;
  readonly states: readonly string[];
}
export interface MarketLine {
  readonly bars: number;
  readonly ticks: number;
  readonly ended: boolean;
}
/** Everything that changes while one looks; survives JSON. */
export interface LiveView {
  readonly status: RuntimeStatus;
  /** The state of the system as a sentence, per account. */
  readonly sentences: Readonly<Record<string, string>>;
  readonly market: MarketLine;
  readonly tree: readonly TreeLine[];
  readonly charts: readonly ChartLine[];
}
export type LiveAccount = AccountStatus;

/** Something that happened, for the log on the page. */
export interface NewsItem {
  readonly seq: number;
  readonly at: number;
  readonly severity: 'info' | 'warning' | 'error';
  readonly code: string;
  readonly detail: string;
  readonly path: string | null;
  readonly intentId: string | null;
}

/** One actor, looked at closely. */
export interface ActorDetail {
  readonly line: TreeLine;
  /** What the actor shows of its state; secrets redacted, depth and length bounded. */
  readonly state: unknown;
  readonly charts: readonly ChartLine[];
  /** The last moves of its charts, oldest first. */
  readonly transitions: readonly {
    readonly at: number;
    readonly chart: string;
    readonly from: readonly string[];
    readonly to: readonly string[];
    readonly by: string;
  }[];
  /** Types of the last messages, oldest first; kept from the first look at the actor on. */
  readonly messages: readonly { readonly at: number; readonly type: string }[];
  readonly crashes: readonly {
    readonly at: number;
    readonly reason: string;
    readonly message: string | null;
    readonly stack: string | null;
    readonly mailboxDepth: number;
    readonly restartsLeft: number;
  }[];
}

export type Question =
  | { readonly type: 'actor'; readonly path: string }
  | { readonly type: 'metrics' }
  | {
      readonly type: 'operator';
      readonly origin: OperatorOrigin;
      readonly by: string;
      readonly account: string;
      readonly command: OperatorCommand;
    };
export type AnswerTo<Q extends Question> = Q extends { type: 'actor' }
  ? ActorDetail | null
  : Q extends { type: 'metrics' }
    ? string
    : OperatorReply;

export type ToThread =
  | { readonly type: 'live'; readonly view: LiveView; readonly news: readonly NewsItem[] }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly message: string }
  | { readonly type: 'close' };

export type FromThread =
  | { readonly type: 'listening'; readonly port: number; readonly loginCode: string }
  | { readonly type: 'refused'; readonly code: string; readonly message: string }
  | { readonly type: 'ask'; readonly id: number; readonly question: Question }
  | {
      readonly type: 'note';
      readonly severity: 'info' | 'warning';
      readonly code: string;
      readonly detail: string;
    };

/** What the thread is started with. */
export interface InspectorThreadData {
  readonly host: string;
  readonly port: number;
  /** Names under which the page may be reached besides the address it listens on. */
  readonly allowedHosts: readonly string[];
  readonly auditFile: string;
  readonly journalFile: string;
  readonly version: string;
  readonly accounts: readonly string[];
  readonly readToken: string | null;
  readonly writeToken: string;
  /** Requests per minute and address. */
  readonly requestsPerMinute: number;
}
