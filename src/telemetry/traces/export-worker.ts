import type { MessagePort } from 'node:worker_threads';
import { parentPort, workerData } from 'node:worker_threads';
import { type Exporting, openExport } from './otlp-export.ts';
import type { ExportThreadData, FromExporter, ToExporter } from './span.ts';

/**
 * The thread that holds OpenTelemetry: what it costs to load, to encode and to send is paid beside
 * trading. It holds nothing but spans on their way, so it may be ended at any instant.
 */
const serve = (port: MessagePort, data: ExportThreadData): void => {
  const say = (message: FromExporter): void => port.postMessage(message);
  const exporting: Exporting = openExport(data, (sent) => say({ type: 'sent', ...sent }));
  port.on('message', (message: ToExporter) => {
    if (message.type === 'spans') {
      exporting.take(message.spans);
      return;
    }
    void exporting.close().then(() => {
      say({ type: 'closed' });
      port.close();
    });
  });
  say({ type: 'ready' });
};

if (parentPort === null) throw new Error('export-worker.js must be started as a worker thread');
serve(parentPort, workerData);
