import { KERNEL_LIMITS } from './kernel-limits.ts';
import type {
  AutoShutdown,
  Backoff,
  ChildSpec,
  Restart,
  Shutdown,
  Strategy,
  SupervisorSpec,
} from './types.ts';

/** A supervisor's flags and a child's spec with every default filled in. */
export interface Flags {
  readonly strategy: Strategy;
  readonly intensity: number;
  readonly periodMs: number;
  readonly autoShutdown: AutoShutdown;
  readonly onExhausted: 'exit' | 'park';
  readonly honourAdministrativelyDown: boolean;
}

export interface ChildRule {
  readonly id: string;
  readonly type: 'worker' | 'supervisor';
  readonly restart: Restart;
  readonly shutdown: Shutdown;
  readonly significant: boolean;
  readonly backoff: Backoff | undefined;
}

export const SPEC_ERRORS = [
  'invalid_strategy',
  'invalid_intensity',
  'invalid_period',
  'invalid_auto_shutdown',
  'invalid_on_exhausted',
  'invalid_child_id',
  'duplicate_child_id',
  'invalid_child_type',
  'invalid_start',
  'invalid_restart',
  'invalid_shutdown',
  'invalid_significant',
  'invalid_backoff',
  'invalid_mailbox',
  'significant_without_auto_shutdown',
  'significant_permanent',
  'simple_needs_one_template',
] as const;
export type SpecErrorCode = (typeof SPEC_ERRORS)[number];

/** A spec that would not do what it says. Thrown before anything starts; `code` is for machines,
 * the message names the path and the value. */
export class SupervisorSpecError extends Error {
  readonly code: SpecErrorCode;
  readonly path: string;

  constructor(code: SpecErrorCode, path: string, detail: string) {
    super(`${code} at '${path}': ${detail}`);
    this.name = 'SupervisorSpecError';
    this.code = code;
    this.path = path;
  }
}

const STRATEGIES = ['one_for_one', 'one_for_all', 'rest_for_one', 'simple_one_for_one'];
const RESTARTS = ['permanent', 'transient', 'temporary'];
const AUTO_SHUTDOWNS = ['never', 'any_significant', 'all_significant'];

const isBudget = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isSpan = (value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;

export const flagsOf = (spec: SupervisorSpec): Flags => ({
  strategy: spec.strategy ?? 'one_for_one',
  intensity: spec.intensity ?? KERNEL_LIMITS.intensity,
  periodMs: spec.periodMs ?? KERNEL_LIMITS.periodMs,
  autoShutdown: spec.autoShutdown ?? 'never',
  onExhausted: spec.onExhausted ?? 'exit',
  honourAdministrativelyDown: spec.honourAdministrativelyDown ?? false,
});

export const ruleOf = (spec: ChildSpec): ChildRule => ({
  id: spec.id,
  type: spec.type,
  restart: spec.restart ?? 'permanent',
  shutdown:
    spec.shutdown ?? (spec.type === 'supervisor' ? 'infinity' : KERNEL_LIMITS.workerShutdownMs),
  significant: spec.significant ?? false,
  backoff: spec.backoff,
});

/** Observers only: a supervisor of background workers alone does not count, either. */
export const isCounted = (spec: SupervisorSpec): boolean =>
  spec.children.length === 0 ||
  spec.children.some((child) =>
    child.type === 'supervisor' ? isCounted(child.supervisor) : child.background !== true,
  );

const validateFlags = (flags: Flags, path: string): void => {
  const refuse = (code: SpecErrorCode, value: unknown): never => {
    throw new SupervisorSpecError(code, path, String(value));
  };
  if (!STRATEGIES.includes(flags.strategy)) refuse('invalid_strategy', flags.strategy);
  if (!isBudget(flags.intensity)) refuse('invalid_intensity', flags.intensity);
  if (!isSpan(flags.periodMs)) refuse('invalid_period', flags.periodMs);
  if (!AUTO_SHUTDOWNS.includes(flags.autoShutdown)) {
    refuse('invalid_auto_shutdown', flags.autoShutdown);
  }
  if (flags.onExhausted !== 'exit' && flags.onExhausted !== 'park') {
    refuse('invalid_on_exhausted', flags.onExhausted);
  }
};

const validateBackoff = (backoff: Backoff, path: string): void => {
  const sane =
    isSpan(backoff.initialMs) &&
    isSpan(backoff.maxMs) &&
    isBudget(backoff.healthyAfterMs) &&
    backoff.maxMs >= backoff.initialMs;
  if (!sane) throw new SupervisorSpecError('invalid_backoff', path, JSON.stringify(backoff));
};

const validateWork = (spec: ChildSpec, path: string): void => {
  if (spec.type === 'supervisor') {
    validateSupervisor(spec.supervisor, path);
    return;
  }
  if (typeof spec.start !== 'function') {
    throw new SupervisorSpecError('invalid_start', path, `${typeof spec.start} is no function`);
  }
  const { mailbox } = spec;
  if (mailbox === undefined) return;
  const poisonAfter = mailbox.poisonAfter ?? KERNEL_LIMITS.poisonAfter;
  const counts = [mailbox.capacity, poisonAfter].every((n) => isBudget(n) && n > 0);
  if (!counts || !['reject', 'dropOldest', 'conflate'].includes(mailbox.overflow?.type)) {
    throw new SupervisorSpecError('invalid_mailbox', path, JSON.stringify(mailbox));
  }
};

/** Throws SupervisorSpecError when a child of a supervisor with these flags would be refused. */
export const validateChild = (spec: ChildSpec, flags: Flags, parentPath: string): void => {
  const path = parentPath === '' ? String(spec.id) : `${parentPath}.${spec.id}`;
  const refuse = (code: SpecErrorCode, value: unknown): never => {
    throw new SupervisorSpecError(code, path, String(value));
  };
  if (typeof spec.id !== 'string' || !/^[^\s./]+$/.test(spec.id)) {
    refuse('invalid_child_id', spec.id);
  }
  if (spec.type !== 'worker' && spec.type !== 'supervisor') {
    refuse('invalid_child_type', (spec as { readonly type: unknown }).type);
  }
  const rule = ruleOf(spec);
  if (!RESTARTS.includes(rule.restart)) refuse('invalid_restart', rule.restart);
  const named = rule.shutdown === 'brutalKill' || rule.shutdown === 'infinity';
  if (!named && !isBudget(rule.shutdown)) refuse('invalid_shutdown', rule.shutdown);
  if (typeof rule.significant !== 'boolean') refuse('invalid_significant', rule.significant);
  if (rule.significant && flags.autoShutdown === 'never') {
    refuse('significant_without_auto_shutdown', 'a significant child needs autoShutdown');
  }
  if (rule.significant && rule.restart === 'permanent') {
    refuse('significant_permanent', 'a permanent child never ends by itself');
  }
  if (rule.backoff !== undefined) validateBackoff(rule.backoff, path);
  validateWork(spec, path);
};

/** Checks a whole subtree; throws SupervisorSpecError at the first value that is refused. */
export const validateSupervisor = (spec: SupervisorSpec, path: string): void => {
  const flags = flagsOf(spec);
  validateFlags(flags, path);
  if (flags.strategy === 'simple_one_for_one' && spec.children.length !== 1) {
    throw new SupervisorSpecError('simple_needs_one_template', path, `${spec.children.length}`);
  }
  const seen = new Set<string>();
  for (const child of spec.children) {
    validateChild(child, flags, path);
    if (seen.has(child.id)) throw new SupervisorSpecError('duplicate_child_id', path, child.id);
    seen.add(child.id);
  }
};
