import type { WorkerLoss } from './isolation/isolation.ts';
import type { KernelEvent } from './kernel/types.ts';
import type { Notice } from './runtime.ts';

/** Items kept for whoever started the runtime: it can listen only when the start is over. */
const EARLY_ITEMS = 100;

/** Tells everybody who listens, in the order in which they asked for it. */
export const announcer = <T>() => {
  const listeners = new Set<(item: T) => void>();
  /** Null once they were asked for. */
  let early: T[] | null = [];
  let isStarting = true;
  const listen = (listener: (item: T) => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    tell: (item: T): void => {
      if (early !== null && early.length < EARLY_ITEMS) early.push(item);
      for (const listener of listeners) listener(item);
    },
    /** Gives back the end of listening. An observer that comes up during the start hears what it
     * missed of it; one that was restarted later has heard it in its earlier life. */
    listen: (listener: (item: T) => void): (() => void) => {
      if (isStarting) early?.forEach(listener);
      return listen(listener);
    },
    started: (): void => {
      isStarting = false;
    },
    /** Listening of whoever started the runtime: the first hears everything since the beginning. */
    listenFromStart: (listener: (item: T) => void): (() => void) => {
      early?.forEach(listener);
      early = null;
      return listen(listener);
    },
  };
};

export const lossNotice = ({
  worker,
  culprit,
  detail,
  strategies,
}: WorkerLoss): Omit<Notice, 'at'> => {
  const by = culprit === null ? '' : ` by ${culprit}`;
  const radius = strategies.length > 1 ? `; with it go ${strategies.join(', ')}` : '';
  const told = `worker ${worker} was lost${by}: ${detail}${radius}`;
  return { severity: 'error', code: 'strategy.workerLost', detail: told };
};

/** Turns what happens to actors into notices, and counts their restarts. */
export const newsOf = (input: {
  readonly isOver: () => boolean;
  readonly restarted: () => void;
  readonly note: (notice: Omit<Notice, 'at'>) => void;
}): ((event: KernelEvent) => void) => {
  const isNews = newsFilter();
  return (event) => {
    if (input.isOver() || !isNews(event)) return;
    if (event.type === 'actor.started' && event.incarnation > 1) input.restarted();
    const notice = noticeOf(event);
    if (notice !== undefined) input.note(notice);
  };
};

/** Of all that is still sent to an actor which is down, only the first is news: a parked strategy
 * would otherwise fill the journal with every tick that it does not see. */
const newsFilter = (): ((event: KernelEvent) => boolean) => {
  const told = new Set<string>();
  return (event) => {
    if (event.type === 'actor.started') told.delete(event.path);
    if (event.type !== 'deadLetter' || event.why !== 'down') return true;
    const isFirst = !told.has(event.path);
    told.add(event.path);
    return isFirst;
  };
};

/** Kernel events that a person should be able to find later. */
const noticeOf = (event: KernelEvent): Omit<Notice, 'at'> | undefined => {
  switch (event.type) {
    case 'actor.crashed': {
      const { path, reason } = event.report;
      const why = reason.type === 'crash' ? reason.message : reason.type;
      return { severity: 'error', code: event.type, detail: why, path };
    }
    case 'actor.restartScheduled': {
      const detail = `restarting in ${Math.round(event.delayMs)} ms`;
      return { severity: 'warning', code: event.type, detail, path: event.path };
    }
    case 'supervisor.exhausted': {
      const detail = `its restart budget is used up: ${event.action}`;
      return { severity: 'error', code: event.type, detail, path: event.path };
    }
    case 'deadLetter': {
      const detail = `${event.message.type} (${event.why})`;
      return { severity: 'warning', code: event.type, detail, path: event.path };
    }
    default:
      return undefined;
  }
};
