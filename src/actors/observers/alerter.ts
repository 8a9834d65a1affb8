import type { Clock } from '../../domain/ports.ts';
import { DeliveryFailed } from '../../telemetry/alerts/http.ts';
import type { Outbox, Waiting } from '../../telemetry/alerts/outbox.ts';
import { judgeAlert, type PolicyState, QUIET } from '../../telemetry/alerts/policy.ts';
import type { ChatMessage } from '../../telemetry/alerts/telegram.ts';
import type { Alert, Severity } from '../../telemetry/alerts/types.ts';
import type { ActorContext, Behaviour, TaskResult } from '../kernel/types.ts';
import type { Chat } from './chat-commands.ts';

/** A way to a person. */
export interface Channel {
  readonly name: string;
  readonly least: Severity;
  /** Rejects with DeliveryFailed. */
  readonly deliver: (alert: Alert) => Promise<void>;
}
/** A chat in which a person may also give orders. */
export interface ChatLine {
  /** The only chat that is listened to. */
  readonly chatId: number;
  readonly chat: Chat;
  readonly hear: (after: number, signal: AbortSignal) => Promise<readonly ChatMessage[]>;
  readonly say: (text: string) => Promise<void>;
}
export interface AlerterOptions {
  readonly wall: Clock;
  readonly openOutbox: () => Outbox;
  readonly channels: readonly Channel[];
  readonly chatLine: ChatLine | null;
  /** Asked for every so often, so that somebody outside notices when it stops. */
  readonly heartbeat: { readonly everyMs: number; readonly ping: () => Promise<void> } | null;
  /** Gives back the end of listening. */
  readonly onAlert: (listener: (alert: Alert) => void) => () => void;
  readonly note: (notice: {
    readonly severity: 'info' | 'warning';
    readonly code: string;
    readonly detail: string;
  }) => void;
}

type Done = TaskResult<void>;
export type AlerterMessage =
  | { readonly type: 'alert.raised'; readonly alert: Alert }
  | { readonly type: 'channel.due'; readonly channel: string }
  | { readonly type: 'channel.done'; readonly waiting: Waiting; readonly done: Done }
  | { readonly type: 'chat.due' }
  | { readonly type: 'chat.heard'; readonly heard: TaskResult<readonly ChatMessage[]> }
  | { readonly type: 'chat.said'; readonly done: Done }
  | { readonly type: 'ping.due' }
  | { readonly type: 'ping.done'; readonly done: Done };

export interface AlerterState {
  readonly outbox: Outbox;
  readonly release: () => void;
  readonly policies: ReadonlyMap<string, PolicyState>;
  /** Channels with a request under way. */
  readonly busy: ReadonlySet<string>;
  readonly lastUpdate: number;
  /** What was written before is not an order to us: nobody knew that we would read it so late. */
  readonly listeningSince: number;
  readonly sent: number;
  readonly failing: ReadonlySet<string>;
}
type Context = ActorContext<AlerterMessage>;

const IDLE_MS = 1_000;
const CHAT_RETRY_MS = 5_000;

/**
 * The observer that calls people. What it cannot deliver waits on disk and is tried again, in order
 * for each channel; whatever becomes of it, trading does not notice.
 */
export const alerter = (options: AlerterOptions): Behaviour<AlerterMessage, AlerterState> => ({
  init: (context) => {
    const { channels, chatLine, heartbeat, wall } = options;
    const release = options.onAlert((alert) => context.self.send({ type: 'alert.raised', alert }));
    for (const { name } of channels) context.after(0, { type: 'channel.due', channel: name });
    if (chatLine !== null) context.after(0, { type: 'chat.due' });
    if (heartbeat !== null) context.after(0, { type: 'ping.due' });
    return {
      outbox: options.openOutbox(),
      release,
      policies: new Map(channels.map(({ name }) => [name, QUIET])),
      busy: new Set(),
      lastUpdate: 0,
      listeningSince: wall.now(),
      sent: 0,
      failing: new Set(),
    };
  },
  receive: (state, message, context) => {
    switch (message.type) {
      case 'alert.raised':
        return raise(state, message.alert, options, context);
      case 'channel.due':
        return deliverNext(state, message.channel, options, context);
      case 'channel.done':
        return settle(state, message, options, context);
      case 'chat.due':
        listenToChat(state, options, context);
        return state;
      case 'chat.heard':
        return hear(state, message.heard, options, context);
      case 'chat.said':
      case 'ping.done':
        return told(
          state,
          message.type === 'ping.done' ? 'heartbeat' : 'chat',
          message.done,
          options,
        );
      case 'ping.due':
        return ping(state, options, context);
    }
  },
  terminate: (state) => {
    state.release();
    state.outbox.close();
  },
  summary: ({ outbox, sent, failing }) => ({
    waiting: outbox.depth(),
    sent,
    failing: [...failing],
  }),
});

const raise = (
  state: AlerterState,
  alert: Alert,
  { channels, wall }: AlerterOptions,
  context: Context,
): AlerterState => {
  const policies = new Map(state.policies);
  for (const { name, least } of channels) {
    const judged = judgeAlert(policies.get(name) ?? QUIET, alert, { now: wall.now(), least });
    policies.set(name, judged.state);
    for (const one of judged.send) state.outbox.add(name, one, wall.now());
    if (judged.send.length > 0) context.after(0, due(name), { key: `due.${name}` });
  }
  return { ...state, policies };
};

const due = (channel: string): AlerterMessage => ({ type: 'channel.due', channel });

const deliverNext = (
  state: AlerterState,
  name: string,
  { channels, wall }: AlerterOptions,
  context: Context,
): AlerterState => {
  const channel = channels.find((one) => one.name === name);
  if (channel === undefined || state.busy.has(name)) return state;
  const waiting = state.outbox.next(name, wall.now());
  if (waiting === undefined) {
    context.after(IDLE_MS, due(name), { key: `due.${name}`, clock: wall });
    return state;
  }
  context.task(
    `alert by ${name}`,
    () => channel.deliver(waiting.alert),
    (done) => ({ type: 'channel.done', waiting, done }),
  );
  return { ...state, busy: new Set(state.busy).add(name) };
};

const settle = (
  state: AlerterState,
  message: Extract<AlerterMessage, { type: 'channel.done' }>,
  options: AlerterOptions,
  context: Context,
): AlerterState => {
  const { waiting, done } = message;
  const { channel } = waiting;
  const busy = new Set(state.busy);
  busy.delete(channel);
  if (done.ok) state.outbox.delivered(waiting.id);
  else if (state.outbox.failed(waiting, options.wall.now())) {
    const detail = `${channel} could not be reached for a day; an alert was dropped`;
    options.note({ severity: 'warning', code: 'alert.dropped', detail });
  }
  context.after(0, due(channel), { key: `due.${channel}` });
  const sent = state.sent + (done.ok ? 1 : 0);
  return told({ ...state, busy, sent }, channel, done, options);
};

/** The first failure of a channel is news, and its recovery; what lies between is not. */
const told = (
  state: AlerterState,
  name: string,
  done: Done,
  { note }: AlerterOptions,
): AlerterState => {
  const failing = new Set(state.failing);
  if (done.ok) {
    if (failing.delete(name)) note({ severity: 'info', code: 'alert.delivered', detail: name });
  } else if (!failing.has(name)) {
    failing.add(name);
    const why = done.error instanceof DeliveryFailed ? done.error.message : 'a defect';
    note({ severity: 'warning', code: 'alert.undelivered', detail: `${name}: ${why}` });
  }
  return { ...state, failing };
};

const listenToChat = (
  state: AlerterState,
  { chatLine }: AlerterOptions,
  context: Context,
): void => {
  if (chatLine === null) return;
  context.task(
    'listening to the chat',
    (signal) => chatLine.hear(state.lastUpdate, signal),
    (heard) => ({ type: 'chat.heard', heard }),
  );
};

/** Only the configured chat is answered, and nothing that was written before we listened. */
const hear = (
  state: AlerterState,
  heard: TaskResult<readonly ChatMessage[]>,
  options: AlerterOptions,
  context: Context,
): AlerterState => {
  const { chatLine, wall } = options;
  if (chatLine === null) return state;
  if (!heard.ok) {
    context.after(CHAT_RETRY_MS, { type: 'chat.due' }, { clock: wall });
    return told(state, 'chat', heard, options);
  }
  for (const { chatId, from, text, writtenAt } of heard.value) {
    if (chatId !== chatLine.chatId) {
      const detail = `a stranger wrote: chat ${chatId}`;
      options.note({ severity: 'warning', code: 'alert.stranger', detail });
      continue;
    }
    // A second, because the chat's time has no finer part.
    if (writtenAt < state.listeningSince - 1_000) continue;
    context.task(
      'answering the chat',
      async () => chatLine.say(await chatLine.chat.answer({ text, from })),
      (done) => ({ type: 'chat.said', done }),
    );
  }
  context.after(0, { type: 'chat.due' }, { clock: wall });
  const lastUpdate = Math.max(state.lastUpdate, ...heard.value.map(({ updateId }) => updateId));
  return { ...state, lastUpdate };
};

const ping = (state: AlerterState, options: AlerterOptions, context: Context): AlerterState => {
  const { heartbeat, wall } = options;
  if (heartbeat === null) return state;
  context.task('heartbeat', heartbeat.ping, (done) => ({ type: 'ping.done', done }));
  context.after(heartbeat.everyMs, { type: 'ping.due' }, { clock: wall });
  return state;
};
