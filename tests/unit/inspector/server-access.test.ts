import { describe, expect, it } from 'vitest';
import { liveView, READ_TOKEN, startStage, WRITE_TOKEN } from '../../support/inspector-stage.ts';

const asReader = { authorization: `Bearer ${READ_TOKEN}` };
const DONE = { ok: true, done: [{ account: '5012345', text: 'halted' }], result: null };
const COMMANDS: readonly [string, object][] = [
  ['/commands/halt', { reason: 'x' }],
  ['/commands/resume', { reason: 'x' }],
  ['/commands/flatten', { reason: 'x' }],
  ['/commands/kill', { reason: 'x' }],
  ['/commands/rearm', { reason: 'x', account: '5012345' }],
  ['/strategies/atr-breakout:EURUSD/enable', {}],
  ['/strategies/atr-breakout:EURUSD/disable', {}],
  ['/actors/accounts.5012345.desk.risk-guard/restart', {}],
];

describe('who may do what', () => {
  it.each(COMMANDS)('lets no stranger and no reader command: %s', async (url, body) => {
    const { post, asked } = await startStage({ readToken: READ_TOKEN });
    expect((await post(url, body)).statusCode).toBe(401);
    expect((await post(url, body, { authorization: 'Bearer wrong' })).statusCode).toBe(401);
    const reader = await post(url, body, asReader);
    expect(reader.statusCode).toBe(403);
    expect(reader.headers['content-type']).toBe('application/problem+json');
    expect(asked).toEqual([]);
  });

  it.each(COMMANDS)('takes a command of the writer through the one door: %s', async (url, body) => {
    const { post, asked, asWriter } = await startStage({ answer: () => DONE });
    const answer = await post(url, body, asWriter);
    expect(answer.statusCode, answer.body).toBe(200);
    expect(answer.json()).toEqual({ done: DONE.done, result: null });
    expect(asked).toMatchObject([{ type: 'operator', origin: 'api', account: '5012345' }]);
  });

  it('lets everybody on this machine read until there is a read token', async () => {
    const open = await startStage();
    open.feed.update(liveView(), [], 1);
    expect((await open.get('/account')).statusCode).toBe(200);
    const closed = await startStage({ readToken: READ_TOKEN });
    closed.feed.update(liveView(), [], 1);
    for (const url of [
      '/account',
      '/tree',
      '/health',
      '/metrics',
      '/docs',
      '/docs/json',
      '/live',
    ]) {
      expect((await closed.get(url)).statusCode, url).toBe(401);
    }
    expect((await closed.get('/account', asReader)).statusCode).toBe(200);
    expect((await closed.get('/session')).json()).toEqual({
      level: 'stranger',
      mayRead: false,
      accounts: [],
    });
  });

  it('tells a load balancer whether it lives and is ready, and nothing else', async () => {
    const { get, feed, clock } = await startStage({ readToken: READ_TOKEN });
    feed.update(liveView(), [], clock.now());
    const live = await get('/health/live');
    expect(live.statusCode).toBe(200);
    expect(live.json()).toEqual({ live: true, ready: true, probes: {} });
    feed.update(liveView({ gateOpen: false }), [], clock.now());
    expect((await get('/health/ready')).statusCode).toBe(503);
  });

  it('answers only to names that are its own', async () => {
    const { get } = await startStage();
    expect((await get('/session', { host: 'evil.example' })).statusCode).toBe(421);
    expect((await get('/session', { host: '127.0.0.1.evil.example:80' })).statusCode).toBe(421);
    for (const host of [
      'localhost:1',
      '127.0.0.1',
      '[::1]:8420',
      'desk.example',
      'DESK.example:9',
    ]) {
      expect((await get('/session', { host })).statusCode, host).toBe(200);
    }
  });

  it('takes no command that a page of another site sent, whoever it is logged in as', async () => {
    const { post, asked, asWriter } = await startStage({ answer: () => DONE });
    const body = { reason: 'x' };
    const foreign = { ...asWriter, origin: 'http://evil.example' };
    expect((await post('/commands/kill', body, foreign)).json()).toMatchObject({
      code: 'wrongOrigin',
    });
    const crossSite = { ...asWriter, 'sec-fetch-site': 'cross-site' };
    expect((await post('/commands/kill', body, crossSite)).statusCode).toBe(403);
    expect(asked).toEqual([]);
    const own = { ...asWriter, origin: 'http://127.0.0.1:8420' };
    expect((await post('/commands/kill', body, own)).statusCode).toBe(200);
  });
});

describe('a login', () => {
  const cookieOf = (answer: { readonly headers: Readonly<Record<string, unknown>> }): string =>
    String(answer.headers['set-cookie']).split(';')[0] ?? '';

  it('by the printed link is good once, and makes a writer', async () => {
    const { get, post, control } = await startStage({ answer: () => DONE });
    const url = `/login?code=${control.loginCode}`;
    const first = await get(url);
    expect([first.statusCode, first.headers['location']]).toEqual([303, '/']);
    expect(String(first.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict/);
    expect((await get(url)).statusCode).toBe(401);
    const cookie = cookieOf(first);
    expect((await post('/commands/halt', { reason: 'x' }, { cookie })).statusCode).toBe(200);
  });

  it('by the printed link is refused a quarter of an hour later', async () => {
    const { get, control, advance } = await startStage();
    advance(900_000);
    expect((await get(`/login?code=${control.loginCode}`)).statusCode).toBe(401);
  });

  it('by token gives a session of its level, which ends', async () => {
    const { get, post, advance } = await startStage({ readToken: READ_TOKEN });
    expect((await post('/session', { token: 'guess' })).statusCode).toBe(401);
    const reader = await post('/session', { token: READ_TOKEN });
    expect(reader.json()).toMatchObject({ level: 'reader', accounts: ['5012345'] });
    const cookie = cookieOf(await post('/session', { token: WRITE_TOKEN }));
    expect((await get('/session', { cookie })).json()).toMatchObject({ level: 'writer' });
    advance(43_200_000);
    expect((await get('/session', { cookie })).json()).toMatchObject({ level: 'stranger' });
  });

  it('is over when one logs out', async () => {
    const { app, get, post } = await startStage();
    const cookie = cookieOf(await post('/session', { token: WRITE_TOKEN }));
    const host = '127.0.0.1';
    await app.inject({ method: 'DELETE', url: '/session', headers: { cookie, host } });
    expect((await get('/session', { cookie })).json()).toMatchObject({ level: 'stranger' });
  });

  it('can be tried ten times a minute', async () => {
    const { post } = await startStage();
    const tries: Awaited<ReturnType<typeof post>>[] = [];
    for (let n = 0; n < 12; n += 1) tries.push(await post('/session', { token: 'guess' }));
    expect(tries.filter(({ statusCode }) => statusCode === 429)).toHaveLength(2);
    expect(tries.at(-1)?.json()).toMatchObject({ code: 'tooManyRequests' });
  });
});

describe('what is sent out', () => {
  it('is locked to our own files by policy, and shown in no frame', async () => {
    const { get } = await startStage();
    const { headers } = await get('/session');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none';script-src 'self'/);
    expect(headers['content-security-policy']).toMatch(/frame-ancestors 'none'/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('never tells a stranger what broke inside', async () => {
    const { get, notes } = await startStage({
      answer: () => {
        throw new Error('the password is hunter2');
      },
    });
    const answer = await get('/actors/journal');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('hunter2');
    expect(notes).toEqual(['inspector.error: the password is hunter2']);
  });
});
