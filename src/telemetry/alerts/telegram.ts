import * as Schema from 'effect/Schema';
import type { Clock } from '../../domain/ports.ts';
import { DeliveryFailed, send } from './http.ts';
import { ALERT_LIMITS } from './types.ts';

/** The three methods of the Telegram Bot API that we use (core.telegram.org/bots/api). */
export interface TelegramOptions {
  readonly clock: Clock;
  /** `https://api.telegram.org`, or a server that speaks the same. */
  readonly apiBase: string;
  readonly token: string;
}
export interface ChatMessage {
  readonly updateId: number;
  readonly chatId: number;
  /** Wall instant at which it was written, ms since the epoch. */
  readonly writtenAt: number;
  readonly from: string;
  readonly text: string;
}
export interface Telegram {
  readonly say: (chatId: number, text: string) => Promise<void>;
  /** Waits up to `pollSeconds` for messages after `updateId`. */
  readonly hear: (afterUpdateId: number, signal: AbortSignal) => Promise<readonly ChatMessage[]>;
}

const Updates = Schema.Struct({
  result: Schema.Array(
    Schema.Struct({
      update_id: Schema.Int,
      message: Schema.optionalKey(
        Schema.Struct({
          date: Schema.Int,
          chat: Schema.Struct({ id: Schema.Int }),
          from: Schema.optionalKey(
            Schema.Struct({ username: Schema.optionalKey(Schema.String), id: Schema.Int }),
          ),
          text: Schema.optionalKey(Schema.String),
        }),
      ),
    }),
  ),
});
const decodeUpdates = Schema.decodeUnknownSync(Updates);

const updatesOf = (text: string): typeof Updates.Type => {
  try {
    return decodeUpdates(JSON.parse(text));
  } catch {
    throw new DeliveryFailed(200, 'it answered something else than updates');
  }
};

export const openTelegram = ({ clock, apiBase, token }: TelegramOptions): Telegram => {
  const url = (method: string): string => `${apiBase}/bot${token}/${method}`;
  const headers = { 'content-type': 'application/json' };
  return {
    say: async (chatId, text) => {
      const body = JSON.stringify({ chat_id: chatId, text, disable_web_page_preview: true });
      await send(clock, { url: url('sendMessage'), headers, body });
    },
    hear: async (afterUpdateId, signal) => {
      const { pollSeconds, requestMs } = ALERT_LIMITS;
      const body = JSON.stringify({
        offset: afterUpdateId + 1,
        timeout: pollSeconds,
        allowed_updates: ['message'],
      });
      const timeoutMs = pollSeconds * 1_000 + requestMs;
      const text = await send(clock, { url: url('getUpdates'), headers, body, timeoutMs, signal });
      return updatesOf(text).result.map(({ update_id: updateId, message }) => ({
        updateId,
        chatId: message?.chat.id ?? 0,
        writtenAt: (message?.date ?? 0) * 1_000,
        from: message?.from?.username ?? String(message?.from?.id ?? 'somebody'),
        text: message?.text ?? '',
      }));
    },
  };
};
