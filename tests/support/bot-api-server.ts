import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * A server on this machine that speaks the part of the Telegram Bot API that we use (long polling
 * included), and takes webhooks and pings besides. It can be told to fail.
 */
export const TOKEN = '12345:test-token-of-a-bot';
export const CHAT = 4242;

interface Received {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
interface Update {
  readonly update_id: number;
  readonly message: object;
}

export const startBotApi = async () => {
  const received: Received[] = [];
  const said: string[] = [];
  const updates: Update[] = [];
  const waiting = new Set<() => void>();
  const answers = new Set<ServerResponse>();
  let failWith: number | null = null;
  let lastId = 0;
  const answer = (response: ServerResponse, status: number, body: object): void => {
    answers.delete(response);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const poll = (response: ServerResponse, body: string): void => {
    const { offset = 0 } = JSON.parse(body) as { readonly offset?: number };
    const send = (): boolean => {
      const result = updates.filter((update) => update.update_id >= offset);
      if (result.length > 0) answer(response, 200, { ok: true, result });
      return result.length > 0;
    };
    if (send()) return;
    const wake = (): void => {
      if (send()) waiting.delete(wake);
    };
    waiting.add(wake);
  };
  const handle = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    const { url: path = '', method = '', headers } = request;
    received.push({ path, method, headers, body });
    answers.add(response);
    if (failWith !== null) answer(response, failWith, { ok: false });
    else if (!path.startsWith('/bot')) answer(response, 200, { ok: true });
    else if (!path.startsWith(`/bot${TOKEN}/`)) answer(response, 401, { ok: false });
    else if (path.endsWith('/getUpdates')) poll(response, body);
    else {
      const { text, chat_id: chatId } = JSON.parse(body) as { text: string; chat_id: number };
      said.push(chatId === CHAT ? text : `to ${chatId}: ${text}`);
      answer(response, 200, { ok: true, result: {} });
    }
  };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => handle(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const response of answers) response.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    /** Texts that the bot said, in order. */
    said,
    fail: (status: number | null) => {
      failWith = status;
    },
    /** A person writes to the bot. */
    write: (text: string, from: { chat?: number; at?: number } = {}) => {
      lastId += 1;
      const date = Math.floor((from.at ?? Date.now()) / 1_000);
      const chat = { id: from.chat ?? CHAT };
      updates.push({ update_id: lastId, message: { date, chat, text, from: { id: 7 } } });
      for (const wake of [...waiting]) wake();
    },
  };
};
