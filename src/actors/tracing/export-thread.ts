import { Worker } from 'node:worker_threads';
import { builtBeside } from '../../domain/built-file.ts';
import type { Clock } from '../../domain/ports.ts';
import {
  type ExportThreadData,
  type FromExporter,
  type Span,
  type ToExporter,
  TRACE_LIMITS,
} from '../../telemetry/traces/span.ts';

/** The thread in which spans are encoded and sent. */
export interface ExportThread {
  readonly send: (spans: readonly Span[]) => void;
  /** Sends what waits, then ends; ends anyway after `TRACE_LIMITS.closeMs`. */
  readonly close: () => Promise<void>;
}
export interface ExportThreadEvents {
  readonly onSent: (sent: Extract<FromExporter, { type: 'sent' }>) => void;
  readonly onEnd: (reason: string) => void;
}

/** Resolves when the thread is ready; it ends with `signal`, however that comes. */
export const openExportThread = (
  data: ExportThreadData,
  { onSent, onEnd }: ExportThreadEvents,
  { signal, clock }: { readonly signal: AbortSignal; readonly clock: Clock },
): Promise<ExportThread> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(
      builtBeside(import.meta.url, '../../telemetry/traces/export-worker.js'),
      {
        workerData: data,
        name: 'traces',
        // Nothing of the environment: only the configuration says where spans go.
        env: {},
        execArgv: [],
      },
    );
    signal.addEventListener('abort', () => void worker.terminate(), { once: true });
    const say = (message: ToExporter): void => worker.postMessage(message);
    let closed: () => void = () => undefined;
    let isReady = false;
    let isClosing = false;
    const ended = (reason: string): void => {
      if (isClosing) closed();
      else if (isReady) onEnd(reason);
      else reject(new Error(reason));
    };
    const close = async (): Promise<void> => {
      isClosing = true;
      const done = new Promise<void>((over) => {
        closed = over;
      });
      const timer = clock.schedule(TRACE_LIMITS.closeMs, () => closed());
      say({ type: 'close' });
      await done;
      timer.cancel();
      await worker.terminate();
    };
    worker.on('error', ({ message }) => ended(message));
    worker.on('exit', (code) => ended(`its thread exited with code ${code}`));
    worker.on('message', (said: FromExporter) => {
      switch (said.type) {
        case 'ready':
          isReady = true;
          resolve({ send: (spans) => say({ type: 'spans', spans }), close });
          return;
        case 'sent':
          onSent(said);
          return;
        case 'closed':
          closed();
          return;
      }
    });
  });
