import type { ExitReason } from './types.ts';

export const NORMAL: ExitReason = { type: 'normal' };
export const SHUTDOWN: ExitReason = { type: 'shutdown' };
export const KILLED: ExitReason = { type: 'killed' };
/** What a monitor or a link hears of a path where nothing lives and nothing ever died. */
export const NO_PROCESS: ExitReason = { type: 'crash', message: 'noproc', tag: 'noproc' };

/** normal and shutdown end a life as intended; a crash or a kill does not. */
export const isAbnormal = (reason: ExitReason): boolean =>
  reason.type === 'crash' || reason.type === 'killed';

const tagOf = (error: object): string | undefined => {
  if ('_tag' in error && typeof error._tag === 'string') return error._tag;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return undefined;
};

/** Turns whatever was thrown into an exit reason; a thrown non-error still tells something. */
export const crashOf = (thrown: unknown): ExitReason => {
  if (typeof thrown !== 'object' || thrown === null) {
    return { type: 'crash', message: String(thrown) };
  }
  const tag = tagOf(thrown);
  if (!(thrown instanceof Error)) {
    return { type: 'crash', message: tag ?? 'a thrown object', ...(tag && { tag }) };
  }
  return {
    type: 'crash',
    message: thrown.message,
    ...(thrown.stack !== undefined && { stack: thrown.stack }),
    ...(tag !== undefined && { tag }),
  };
};

export const describeReason = (reason: ExitReason): string => {
  if (reason.type === 'crash') return `crash: ${reason.message}`;
  if (reason.type === 'shutdown' && reason.detail !== undefined) {
    return `shutdown: ${reason.detail}`;
  }
  return reason.type;
};

/** A supervisor ends with this when the first start of its child `failedId` failed. */
export const failedStart = (reason: ExitReason, failedId: string): ExitReason => {
  const message = `failed to start '${failedId}': ${describeReason(reason)}`;
  return { type: 'crash', message, tag: 'failed_to_start_child' };
};
