import { CALENDAR_LIMITS } from '../actors/connection/connection-calendar.ts';
import { FREE_CLOCK } from '../actors/connection/connection-free.ts';
import { PEER_LIMITS } from '../actors/connection/connection-peers.ts';
import { LINK_DEFAULTS } from '../actors/connection/link-defaults.ts';
import { NOTICE_LIMITS } from '../actors/connection/link-notices.ts';
import { CONTROL_LIMITS } from '../actors/control/control-limits.ts';
import { EXECUTOR_LIMITS } from '../actors/executor/executor-limits.ts';
import { ISOLATION_LIMITS } from '../actors/isolation/isolation-limits.ts';
import { KERNEL_LIMITS } from '../actors/kernel/kernel-limits.ts';
import { OUTPUT_LIMITS } from '../actors/process-output.ts';
import { RECOVERY_LIMITS } from '../actors/recovery/recovery-limits.ts';
import { BUDGETS } from '../actors/tree.ts';
import { MAGIC_LIMITS } from '../domain/magic.ts';
import { INSPECTOR_LIMITS } from '../inspector/inspector-limits.ts';
import { JOURNAL_LIMITS } from '../journal/journal-limits.ts';
import { BRIDGE_LIMITS } from '../mt5/jsonapi/bridge.ts';
import { CORRELATION_LIMITS } from '../mt5/jsonapi/correlation.ts';
import { LIVE_LIMITS } from '../mt5/jsonapi/live-market.ts';
import { ACCOUNT_FILE_LIMITS } from '../mt5/reports/limits.ts';
import { LOG_LIMITS as BROKER_LOG_LIMITS } from '../mt5/terminal/broker-log.ts';
import { ANSWER_LIMITS } from '../mt5/terminal/ea/answers.ts';
import { EA_LIMITS } from '../mt5/terminal/ea/ea-state.ts';
import { ENGINE_LIMITS } from '../mt5/terminal/engine/environment.ts';
import { BEAT_LIMITS } from '../mt5/terminal/heartbeat.ts';
import { MARKET_LIMITS } from '../mt5/terminal/market/limits.ts';
import { HOST_LIMITS } from '../mt5/terminal/terminal-host.ts';
import { VENUE_CLOCK } from '../mt5/venue-clock.ts';
import { WIRE_LIMITS } from '../mt5/wire/limits.ts';
import { ALERT_LIMITS } from '../telemetry/alerts/types.ts';
import { LOG_LIMITS } from '../telemetry/log/log-line.ts';
import { TRACE_LIMITS } from '../telemetry/traces/span.ts';
import { FREE_SPACE } from './doctor/directory-checks.ts';

/** Every bound of the system by the part that keeps it. Sizes in bytes, times in milliseconds. */
export const LIMITS = {
  kernel: KERNEL_LIMITS,
  restarts: BUDGETS,
  isolation: ISOLATION_LIMITS,
  control: CONTROL_LIMITS,
  alerts: ALERT_LIMITS,
  inspector: INSPECTOR_LIMITS,
  log: LOG_LIMITS,
  traces: TRACE_LIMITS,
  journal: JOURNAL_LIMITS,
  executor: EXECUTOR_LIMITS,
  recovery: RECOVERY_LIMITS,
  magic: MAGIC_LIMITS,
  wire: WIRE_LIMITS,
  'link.peers': PEER_LIMITS,
  'link.freeClock': FREE_CLOCK,
  'link.calendar': CALENDAR_LIMITS,
  'link.venueClock': VENUE_CLOCK,
  'link.notices': NOTICE_LIMITS,
  'link.defaults': LINK_DEFAULTS,
  market: MARKET_LIMITS,
  accountFile: ACCOUNT_FILE_LIMITS,
  'jsonApi.channel': CORRELATION_LIMITS,
  'jsonApi.bridge': BRIDGE_LIMITS,
  'jsonApi.live': LIVE_LIMITS,
  'terminal.broker': ENGINE_LIMITS,
  'terminal.ea': EA_LIMITS,
  'terminal.answers': ANSWER_LIMITS,
  'terminal.beat': BEAT_LIMITS,
  'terminal.host': HOST_LIMITS,
  'terminal.log': BROKER_LOG_LIMITS,
  'terminal.output': OUTPUT_LIMITS,
  'doctor.freeSpace': FREE_SPACE,
} as const;

/** `bulwark limits`: a table, or one object. */
export const renderLimits = (json: boolean): string => {
  if (json) return `${JSON.stringify(LIMITS)}\n`;
  const lines = Object.entries(LIMITS).flatMap(([part, bounds]) =>
    Object.entries(bounds).map(([name, value]) => {
      const shown = typeof value === 'object' ? JSON.stringify(value) : String(value);
      return `${`${part}.${name}`.padEnd(44)} ${shown}`;
    }),
  );
  return `${lines.join('\n')}\n`;
};
