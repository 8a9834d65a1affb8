import { join } from 'node:path';
import * as Redacted from 'effect/Redacted';
import { ambientClock } from '../actors/kernel/ambient-clock.ts';
import { ambientRandomBytes } from '../actors/kernel/ambient-random-bytes.ts';
import {
  type AlerterOptions,
  alerter,
  type Channel,
  type ChatLine,
} from '../actors/observers/alerter.ts';
import { createChat } from '../actors/observers/chat-commands.ts';
import type { RuntimeSight } from '../actors/runtime.ts';
import { type AnyBehaviour, anyBehaviour } from '../actors/tree.ts';
import type { Config } from '../config/config.ts';
import type { Told } from '../inspector/onlooker.ts';
import { send } from '../telemetry/alerts/http.ts';
import { openOutbox } from '../telemetry/alerts/outbox.ts';
import { openTelegram, type Telegram } from '../telemetry/alerts/telegram.ts';
import type { Alert } from '../telemetry/alerts/types.ts';
import { sendWebhook } from '../telemetry/alerts/webhook.ts';
import { listenToPeopleNews } from './people-news.ts';

/** The alerter as the run command starts it: only when somebody is to be called. */
export const ALERTS_FILE = 'alerts.db';
const BOT_API = 'https://api.telegram.org';

interface Plan {
  readonly alerts: Config['alerts'];
  readonly dataDir: string;
  readonly login: string;
  readonly currencyDigits: number;
}

const MARKS = { info: '·', warning: '▲', error: '■' } as const;

/** One line for a chat. */
const textOf = ({ severity, code, text, account, at }: Alert): string =>
  `${MARKS[severity]} ${account} ${code}: ${text} (${new Date(at).toISOString().slice(0, 19)}Z)`;

/** The same thing told again: figures and what stands in brackets make no difference. */
const keyOf = ({ code, path, detail }: Told): string =>
  [code, path ?? '', detail.replaceAll(/\([^)]*\)|\d+/g, '')].join(' ').slice(0, 200);

const newCode = (): string =>
  String(Buffer.from(ambientRandomBytes(4)).readUInt32BE() % 1_000_000).padStart(6, '0');

const channelsOf = (
  alerts: Config['alerts'],
  telegram: Telegram | undefined,
): readonly Channel[] => {
  const hooks = alerts.webhooks.map(({ url, secret, least }, index) => {
    const hook = {
      url: Redacted.value(url),
      secret: secret === undefined ? null : Redacted.value(secret),
    };
    const deliver = (alert: Alert) => sendWebhook(ambientClock, hook, alert);
    return { name: `webhook ${index + 1}`, least: least ?? 'warning', deliver };
  });
  const { telegram: chat } = alerts;
  if (telegram === undefined || chat === undefined) return hooks;
  const deliver = (alert: Alert) => telegram.say(chat.chatId, textOf(alert));
  return [{ name: 'telegram', least: chat.least ?? 'warning', deliver }, ...hooks];
};

const chatLineOf = (
  alerts: Config['alerts'],
  telegram: Telegram | undefined,
  sight: RuntimeSight,
): ChatLine | null => {
  if (telegram === undefined || alerts.telegram === undefined) return null;
  const { chatId } = alerts.telegram;
  return {
    chatId,
    chat: createChat({ operator: sight.operator, clock: ambientClock, newCode }),
    hear: telegram.hear,
    say: (text) => telegram.say(chatId, text),
  };
};

const heartbeatOf = ({ heartbeat }: Config['alerts']): AlerterOptions['heartbeat'] => {
  if (heartbeat === undefined) return null;
  const url = Redacted.value(heartbeat.url);
  const ping = async (): Promise<void> => {
    await send(ambientClock, { url, method: 'GET' });
  };
  return { everyMs: heartbeat.everyMs, ping };
};

export const alerterPart = (
  plan: Plan,
): readonly { readonly id: string; readonly start: (sight: RuntimeSight) => AnyBehaviour }[] => {
  const { alerts, login } = plan;
  const isWanted =
    alerts.telegram !== undefined || alerts.webhooks.length > 0 || alerts.heartbeat !== undefined;
  if (!isWanted) return [];
  const telegram =
    alerts.telegram === undefined
      ? undefined
      : openTelegram({
          clock: ambientClock,
          apiBase: alerts.telegram.apiBase ?? BOT_API,
          token: Redacted.value(alerts.telegram.token),
        });
  const start = (sight: RuntimeSight): AnyBehaviour =>
    anyBehaviour(
      alerter({
        wall: ambientClock,
        openOutbox: () => openOutbox({ file: join(plan.dataDir, ALERTS_FILE) }),
        channels: channelsOf(alerts, telegram),
        chatLine: chatLineOf(alerts, telegram, sight),
        heartbeat: heartbeatOf(alerts),
        onAlert: (listener) =>
          listenToPeopleNews(sight, plan.currencyDigits, (told) =>
            listener({
              key: keyOf(told),
              severity: told.severity,
              code: told.code,
              text: told.detail,
              at: told.at,
              account: login,
            }),
          ),
        note: (notice) => sight.note({ ...notice, path: 'observers.alerter.host' }),
      }),
    );
  return [{ id: 'alerter', start }];
};
