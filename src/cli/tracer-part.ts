import * as Redacted from 'effect/Redacted';
import { ambientClock, ambientStopwatch } from '../actors/kernel/ambient-clock.ts';
import type { RuntimeSight, RuntimeSpec } from '../actors/runtime.ts';
import { type SpanCounts, tracer } from '../actors/tracing/tracer.ts';
import { type AnyBehaviour, anyBehaviour, strategyPath } from '../actors/tree.ts';
import type { Config } from '../config/config.ts';
import { parseHeaders } from '../telemetry/traces/headers.ts';
import { CliError } from './cli-error.ts';

/** The tracer as the run command starts it; nothing of it is there without an endpoint. */
export const tracerPart = (plan: {
  readonly traces: Config['traces'];
  readonly version: string;
  readonly spec: RuntimeSpec;
  readonly counts: SpanCounts;
}): readonly { readonly id: string; readonly start: (sight: RuntimeSight) => AnyBehaviour }[] => {
  const { traces, version, spec, counts } = plan;
  const { endpoint } = traces;
  if (endpoint === undefined) return [];
  const headers = traces.headers === undefined ? {} : parseHeaders(Redacted.value(traces.headers));
  if (headers === undefined) {
    throw new CliError(
      'traces.headers is no list of headers',
      'write name=value, with commas in between and %2C for a comma inside of a value',
    );
  }
  const { login, strategies, session } = spec;
  const start = (sight: RuntimeSight): AnyBehaviour => {
    const { traces: context, system, journal: reader, onEntry, paths } = sight;
    if (context === undefined) throw new Error('a tracer needs the names of traces');
    return anyBehaviour(
      tracer({
        accountId: login,
        context,
        thread: {
          endpoint,
          headers,
          resource: {
            'service.name': 'bulwark',
            'service.version': version,
            'service.instance.id': session.runId,
            'bulwark.profile': session.profile,
          },
        },
        paths: {
          ...paths,
          strategies: new Map(strategies.map(({ key }) => [strategyPath(login, key.id), key.id])),
        },
        system,
        wall: ambientClock,
        stopwatch: ambientStopwatch,
        reader,
        onEntry,
        note: (notice) => sight.note({ ...notice, path: 'observers.tracer.host' }),
        counts,
      }),
    );
  };
  return [{ id: 'tracer', start }];
};
