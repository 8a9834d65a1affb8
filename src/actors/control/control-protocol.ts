import { decodeCommand } from '../operator/operator-codec.ts';
import type { OperatorCommand, OperatorReply } from '../operator/operator-types.ts';

/**
 * The control socket speaks JSON, one object a line, each with the version `v`. A client sends a
 * request and gets one answer with the same id; what cannot be read is answered with id null and
 * ends the connection.
 */
export const CONTROL_VERSION = 1;

export interface ControlRequest {
  readonly v: typeof CONTROL_VERSION;
  readonly id: string;
  /** A login, or `all`. */
  readonly account: string;
  /** Who, as the client knows: a user's name. */
  readonly by?: string;
  readonly command: OperatorCommand;
}
export interface ControlAnswer {
  readonly v: typeof CONTROL_VERSION;
  readonly id: string | null;
  readonly reply: OperatorReply;
  /** Set when the main thread was too busy to be asked: the reply is from so long ago. */
  readonly staleMs?: number;
}

export type ReadRequest =
  | { readonly ok: true; readonly request: ControlRequest }
  | { readonly ok: false; readonly cause: string };

/** One line as a request. Never throws. */
export const readRequest = (line: string): ReadRequest => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { ok: false, cause: 'the line is no JSON' };
  }
  if (typeof value !== 'object' || value === null) return { ok: false, cause: 'no object' };
  const { v, id, account, by, command } = value as Readonly<Record<string, unknown>>;
  if (v !== CONTROL_VERSION) {
    return { ok: false, cause: `version ${CONTROL_VERSION} is spoken here, not ${String(v)}` };
  }
  if (typeof id !== 'string' || id.length > 64) return { ok: false, cause: 'id is no short text' };
  if (typeof account !== 'string') return { ok: false, cause: 'account is a login, or "all"' };
  const decoded = decodeCommand(command);
  if (!decoded.ok) return decoded;
  const base = { v: CONTROL_VERSION, id, account, command: decoded.command } as const;
  return { ok: true, request: typeof by === 'string' ? { ...base, by } : base };
};

/** The answer to what could not be read, or could not be asked. */
export const refusedAnswer = (
  id: string | null,
  code: 'INVALID' | 'NO_ANSWER',
  cause: string,
  remedy: string,
): ControlAnswer => ({
  v: CONTROL_VERSION,
  id,
  reply: { ok: false, done: [], refusals: [{ code, account: null, cause, remedy }] },
});

/** What stops trading: the brake is on before the order is even read by anybody else. */
export const stopsTrading = ({ type }: OperatorCommand): boolean =>
  type === 'halt' || type === 'flatten' || type === 'kill';

/** Between the socket's thread and the main one. */
export type ToMain =
  | { readonly type: 'listening'; readonly endpoint: string }
  | {
      readonly type: 'order';
      readonly number: number;
      readonly origin: 'cli' | 'file';
      readonly request: ControlRequest;
    };
export type FromMain =
  /** The main thread runs: it has read the order. */
  | { readonly type: 'taken'; readonly number: number }
  | { readonly type: 'answer'; readonly number: number; readonly reply: OperatorReply }
  | { readonly type: 'status'; readonly at: number; readonly reply: OperatorReply }
  | { readonly type: 'close' };
