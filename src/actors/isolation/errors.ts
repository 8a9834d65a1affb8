import { TaggedError } from 'effect/Data';
import type { FaultKind, FaultRetry } from '../../domain/faults.ts';

/**
 * A strategy's engine is lost; nothing it was asked is answered any more, and no signal of it has
 * left. Its host crashes with this, and the supervisor restarts it, or parks it alone.
 *
 * - `threw`: the user's code threw, or answered something that is no decision. Others in the same
 *   worker are not touched.
 * - `timedOut`: it did not answer within the deadline; its worker was terminated.
 * - `outOfMemory`: it exceeded the memory limit; its worker was terminated.
 * - `died`: the worker ended by itself (an error outside of any call, `process.exit`), or never
 *   came up.
 * - `shared`: another strategy of the same worker was the cause; `message` names it.
 */
export class StrategyFault extends TaggedError('StrategyFault')<{
  readonly reason: StrategyFaultReason;
  readonly strategyId: string;
  readonly detail: string;
  /** Where in the user's code, when that is known. */
  readonly trace?: string;
}> {
  readonly kind: FaultKind = 'State';
  readonly outcomeKnown: boolean = true;
  readonly retry: FaultRetry = 'restart';
  constructor(fault: {
    readonly reason: StrategyFaultReason;
    readonly strategyId: string;
    readonly detail: string;
    readonly trace?: string;
  }) {
    super(fault);
    // A crash report shows the stack: the user's own is the one that helps.
    if (fault.trace !== undefined) this.stack = fault.trace;
  }
  override get message(): string {
    return this.detail;
  }
}
export type StrategyFaultReason = 'threw' | 'timedOut' | 'outOfMemory' | 'died' | 'shared';
