import { createHmac } from 'node:crypto';
import type { Clock } from '../../domain/ports.ts';
import { send } from './http.ts';
import type { Alert } from './types.ts';

/**
 * An alert as JSON to somebody's server. With a secret it is signed: `x-bulwark-signature` holds
 * `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`, so that the receiver knows who sent it and
 * refuses what is old.
 */
const SIGNATURE_HEADER = 'x-bulwark-signature';

export const signatureOf = (secret: string, seconds: number, body: string): string => {
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${digest}`;
};

export const sendWebhook = async (
  clock: Clock,
  hook: { readonly url: string; readonly secret: string | null },
  alert: Alert,
): Promise<void> => {
  const body = JSON.stringify({ ...alert, at: new Date(alert.at).toISOString() });
  const seconds = Math.floor(clock.now() / 1_000);
  const signed =
    hook.secret === null ? {} : { [SIGNATURE_HEADER]: signatureOf(hook.secret, seconds, body) };
  await send(clock, {
    url: hook.url,
    headers: { 'content-type': 'application/json', ...signed },
    body,
  });
};
