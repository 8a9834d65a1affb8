import type { Clock } from '../../domain/ports.ts';
import { ALERT_LIMITS } from './types.ts';

/** A request that did not succeed. Its message never holds the address, which may be a secret. */
export class DeliveryFailed extends Error {
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;

  constructor(status: number | null, message: string) {
    super(message);
    this.name = 'DeliveryFailed';
    this.status = status;
  }
}

export interface HttpRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
  /** Ends the request early. */
  readonly signal?: AbortSignal;
}

const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = (cause as { readonly code?: string }).code;
  return code ?? (error instanceof Error ? error.name : 'unknown error');
};

/** The answer's text, at most 64 KiB of it. Rejects with DeliveryFailed unless the status is 2xx. */
export const send = async (clock: Clock, request: HttpRequest): Promise<string> => {
  const { url, method = 'POST', headers = {}, body, signal } = request;
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  const timer = clock.schedule(request.timeoutMs ?? ALERT_LIMITS.requestMs, abort);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const init = { method, headers, signal: gone.signal, redirect: 'error' } as const;
    const response = await fetch(url, body === undefined ? init : { ...init, body });
    const text = (await response.text()).slice(0, 65_536);
    if (response.ok) return text;
    throw new DeliveryFailed(response.status, `it answered ${response.status}`);
  } catch (error) {
    if (error instanceof DeliveryFailed) throw error;
    throw new DeliveryFailed(null, `no answer: ${reasonOf(error)}`);
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', abort);
  }
};
