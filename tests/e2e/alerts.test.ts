import { createHmac } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { CHAT, startBotApi, TOKEN } from '../support/bot-api-server.ts';
import { type RunningCli, STORY, sandbox, terminalPid, until } from '../support/cli-sandbox.ts';
import { ledgerFile, ledgerLines, openTickets } from '../support/terminal-ledger.ts';

/** The real command line against a server that speaks the Bot API. */
const SECRET = 'webhook-secret';

describe('bulwark run with somebody to call', STORY, () => {
  const box = sandbox();
  afterAll(box.close);

  const start = (address: string, name: string): { run: RunningCli; dataDir: string } => {
    const dataDir = box.path(name);
    const alerts = {
      telegram: { token: TOKEN, chatId: CHAT, least: 'warning', apiBase: address },
      webhooks: [{ url: `${address}/hook?key=hidden`, secret: SECRET, least: 'warning' }],
      heartbeat: { url: `${address}/ping`, everyMs: 1_000 },
    };
    const run = box.start(['run', '--data-dir', dataDir], {
      env: { BULWARK_ALERTS: JSON.stringify(alerts), BULWARK_MARKET__SPEED: '300' },
    });
    return { run, dataDir };
  };
  const heard = (api: Awaited<ReturnType<typeof startBotApi>>, pattern: RegExp) =>
    until(`the bot to say ${pattern}`, () => api.said.find((text) => pattern.test(text)));

  it('calls, answers, asks back before it kills, and keeps its secrets', async () => {
    const api = await startBotApi();
    const { run, dataDir } = start(api.address, 'called');
    await until('a heartbeat', () => api.received.some(({ path }) => path === '/ping'));
    api.write('/status');
    await heard(api, /5012345: (active|halted)/);
    await until('an open position', () => openTickets(ledgerLines(ledgerFile(dataDir))).size > 0);
    // A position may be closed again before the question is there: asked until there is one.
    const shown = /(buy|sell) [\d.]+ \w+ at/;
    for (let tries = 0; tries < 200 && !api.said.some((text) => shown.test(text)); tries += 1) {
      const answers = api.said.length;
      api.write('/positions');
      await until('an answer', () => api.said.length > answers);
    }
    expect(api.said.filter((text) => shown.test(text))).not.toEqual([]);

    api.write('/kill', { chat: 666 });
    api.write('/kill', { at: Date.now() - 3_600_000 });
    api.write('/confirm 123456');
    await heard(api, /Nothing waits for this code/);
    expect(api.said.filter((text) => text.includes('/confirm'))).toEqual([]);
    expect(run.said()).toContain('a stranger wrote: chat 666');

    api.write('/halt lunch');
    await heard(api, /5012345: .*halt/);
    api.write('/resume back');
    await heard(api, /5012345: (trading again|not halted by an operator)/);

    api.write('/kill enough');
    const question = await heard(api, /\/confirm \d{6}/);
    api.write(question.match(/\/confirm \d{6}/)?.[0] ?? '');
    await heard(api, /5012345: .*lock/);
    await until('everything to be closed', () => {
      const lines = ledgerLines(ledgerFile(dataDir));
      return openTickets(lines).size === 0;
    });
    await heard(api, /^■ 5012345 mode: .*locked/);
    api.write('/resume no way');
    await heard(api, /locked/i);

    const hooks = api.received.filter(({ path }) => path.startsWith('/hook'));
    expect(hooks.length).toBeGreaterThan(0);
    for (const { headers, body } of hooks) {
      const [, seconds, digest] = /^t=(\d+),v1=(\w+)$/.exec(
        String(headers['x-bulwark-signature']),
      ) ?? ['', '', ''];
      const expected = createHmac('sha256', SECRET).update(`${seconds}.${body}`).digest('hex');
      expect(digest).toBe(expected);
      expect(JSON.parse(body)).toMatchObject({ account: '5012345' });
    }
    run.signal('SIGINT');
    const finished = await run.finished();
    expect(finished.code).toBe(0);
    for (const secret of [TOKEN, SECRET, 'key=hidden']) {
      expect(finished.stdout + finished.stderr).not.toContain(secret);
    }
  });

  it('tells after a restart what it could not tell before, and trades on meanwhile', async () => {
    const api = await startBotApi();
    api.fail(500);
    const first = start(api.address, 'late');
    await until('the failure to be an event', () => first.run.said().includes('alert.undelivered'));
    await until('the first live link', () => first.run.said().includes('link.live'));
    const terminal = await until('the terminal', () => terminalPid(first.dataDir));
    process.kill(terminal, 'SIGKILL');
    await until('a lost link', () => first.run.said().includes('link.lost'));
    await until('trading again', () => first.run.said().split('link.live').length > 2);
    first.run.signal('SIGKILL');
    await first.run.finished();
    expect(api.said).toEqual([]);
    api.fail(null);
    const second = start(api.address, 'late');
    await heard(api, /link\.lost/);
    await until('a live link after the kill', () => second.run.said().includes('link.live'));
    second.run.signal('SIGINT');
    expect((await second.run.finished()).code).toBe(0);
  });
});
