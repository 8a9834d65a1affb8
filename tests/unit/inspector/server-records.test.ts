import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ambientClock } from '../../../src/actors/kernel/ambient-clock.ts';
import { openJournal } from '../../../src/journal/journal-writer.ts';
import { ACCOUNT, entry } from '../../support/entries.ts';
import { startStage } from '../../support/inspector-stage.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { sessionEntries, writeAudit } from '../../support/traded-session.ts';

/** A traded session's databases, and the server over them. */
const stage = async () => {
  const folder = temporaryDirectory();
  writeAudit(join(folder, 'audit.db'), sessionEntries());
  const writer = await openJournal({ file: join(folder, 'journal.db'), clock: ambientClock });
  await writer.append(sessionEntries().map((body) => entry(body)));
  await writer.close();
  return startStage({
    accounts: [ACCOUNT],
    auditFile: join(folder, 'audit.db'),
    journalFile: join(folder, 'journal.db'),
  });
};
interface Row {
  readonly [column: string]: string | number | null;
}
interface PageBody {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

describe('the records', () => {
  it('come newest first, in pages that join without a gap', async () => {
    const { get } = await stage();
    const whole = (await get('/orders')).json<PageBody>();
    expect(whole.next).toBeNull();
    const ids: unknown[] = [];
    let url: string | null = '/orders?limit=2';
    while (url !== null) {
      const page: PageBody = (await get(url)).json<PageBody>();
      expect(page.rows.length).toBeLessThanOrEqual(2);
      ids.push(...page.rows.map(({ intent_id: id }) => id));
      url = page.next === null ? null : `/orders?limit=2&cursor=${page.next}`;
    }
    expect(ids).toEqual(whole.rows.map(({ intent_id: id }) => id));
    expect(new Set(ids).size).toBe(6);
  });

  it('are filtered by what a reader names, and by time', async () => {
    const { get } = await stage();
    const rows = async (url: string): Promise<readonly Row[]> =>
      (await get(url)).json<PageBody>().rows;
    expect(await rows('/orders?state=refused')).toMatchObject([{ intent_id: 'i4' }]);
    expect(await rows('/orders?code=DAILY_FLOOR')).toMatchObject([{ intent_id: 'i5' }]);
    expect(await rows('/orders?symbol=XAUUSD')).toEqual([]);
    expect(await rows('/orders?from=2030-01-01')).toEqual([]);
    expect((await rows('/trades/history')).every(({ state }) => state === 'closed')).toBe(true);
  });

  it.each(['/trades/history', '/equity/curve', '/performance/summary', '/performance/by_hour'])(
    'refuse a day that no calendar has: %s',
    async (path) => {
      const { get } = await stage();
      const answer = await get(`${path}?from=2024-99-99`);
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ detail: 'from is no instant: 2024-99-99' });
    },
  );

  it('draw the curve up to the instant that a reader names', async () => {
    const { get } = await stage();
    const points = async (url: string) => (await get(url)).json<PageBody>().rows;
    expect((await points('/equity/curve')).length).toBeGreaterThan(0);
    expect(await points('/equity/curve?to=2000-01-01')).toEqual([]);
  });

  it.each([
    ['/orders?limit=0', 'querystring/limit'],
    ['/orders?limit=100000', 'querystring/limit'],
    ['/orders?colour=red', 'additional properties'],
    ['/orders?cursor=bm9uc2Vuc2U', 'cursor'],
    ['/orders?from=yesterday', 'querystring/from'],
    ['/orders?account=1', 'No account 1'],
  ])('refuse %s as a problem', async (url, detail) => {
    const { get } = await stage();
    const answer = await get(url);
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json<{ detail: string }>().detail).toContain(detail);
  });

  it.each([
    [`/orders/${'a'.repeat(400)}/story`, 414],
    ['/orders/%ZZ/story', 400],
  ])('refuse an address that cannot be one as a problem too', async (url, status) => {
    const { get } = await stage();
    const answer = await get(url);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  it('are CSV for who accepts it, with all rows', async () => {
    const { get } = await stage();
    const answer = await get('/orders?limit=1', { accept: 'text/csv' });
    expect(answer.headers['content-type']).toMatch(/^text\/csv/);
    const lines = answer.body.trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^account_id,intent_id,/);
    expect(lines).toHaveLength(1 + 6);
  });

  it.each([
    ['/performance/by_pair', 'symbol,trades,wins,losses,'],
    ['/performance/by_hour', 'weekday,hour,trades,wins,net'],
    ['/equity/curve', 'at,balance,equity,dailyFloor,totalFloor'],
    ['/trades/open', 'account_id,position_ticket,'],
  ])('are CSV there too: %s', async (url, header) => {
    const { get } = await stage();
    const rows = (await get(url)).json<PageBody>().rows;
    const answer = await get(url, { accept: 'text/csv' });
    expect(answer.headers['content-type']).toMatch(/^text\/csv/);
    const lines = answer.body.trimEnd().split('\r\n');
    expect(lines[0]).toContain(header);
    expect(lines).toHaveLength(1 + rows.length);
  });

  it.each([
    ['application/json, text/csv;q=0', 'application/json; charset=utf-8'],
    ['text/csv;q=0.2, application/json', 'application/json; charset=utf-8'],
    ['text/csv, application/json;q=0.9', 'text/csv; charset=utf-8; header=present'],
    ['text/*;q=0.5', 'text/csv; charset=utf-8; header=present'],
    ['*/*', 'application/json; charset=utf-8'],
    ['image/png', 'application/problem+json'],
  ])('are of the type that is liked best: %s', async (accept, type) => {
    const { get } = await stage();
    const answer = await get('/orders', { accept });
    expect(answer.headers['content-type']).toBe(type);
    expect(answer.statusCode).toBe(type.includes('problem') ? 406 : 200);
  });

  it('are told of by HEAD, tag included, without a body', async () => {
    const { app, get } = await stage();
    const { headers } = await get('/orders');
    const head = await app.inject({
      method: 'HEAD',
      url: '/orders',
      headers: { host: '127.0.0.1:8420' },
    });
    expect([head.statusCode, head.body]).toEqual([200, '']);
    for (const name of ['etag', 'content-type', 'content-length', 'vary']) {
      expect(head.headers[name], name).toBe(headers[name]);
    }
  });

  it('have a tag, and no body for who has them already', async () => {
    const { get } = await stage();
    const first = await get('/orders');
    const tag = String(first.headers['etag']);
    const again = await get('/orders', { 'if-none-match': tag });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    const strong = tag.replace('W/', '');
    for (const held of [`"a", ${tag}`, `${strong},"b"`, '*']) {
      expect((await get('/orders', { 'if-none-match': held })).statusCode, held).toBe(304);
    }
    const other = await get('/orders?limit=1', { 'if-none-match': tag });
    expect(other.statusCode).toBe(200);
  });

  it('tell the whole story of an order, from the journal', async () => {
    const { get } = await stage();
    const story = (await get('/orders/i1/story')).json<{ steps: readonly { kind: string }[] }>();
    expect(story).toMatchObject({ order: { intent_id: 'i1', state: 'filled' } });
    expect(story.steps.map(({ kind }) => kind)).toEqual([
      'intent.planned',
      'attempt.result',
      'deal.booked',
      'order.state',
    ]);
    expect((await get('/orders/nobody/story')).statusCode).toBe(404);
  });

  it('add up by pair, by hour and in all, to the cent', async () => {
    const { get } = await stage();
    const all = (await get('/performance/summary')).json<Row>();
    const pairs = (await get('/performance/by_pair')).json<PageBody>().rows;
    const hours = (await get('/performance/by_hour')).json<PageBody>().rows;
    expect(pairs).toMatchObject([{ symbol: 'EURUSD', net: all['net'], trades: all['trades'] }]);
    const cents = (rows: readonly Row[]): number =>
      rows.reduce((sum, { net }) => sum + Math.round(100 * Number(net)), 0);
    expect(cents(hours)).toBe(cents(pairs));
    const trades = (await get('/trades/history')).json<PageBody>().rows;
    const nets = trades.map((row) => ({ net: row['net_profit'] ?? null }));
    expect(cents(nets)).toBe(cents(pairs));
  });

  it('are not there before anything was recorded, and say so', async () => {
    const { get } = await startStage();
    for (const url of ['/orders', '/account', '/tree', '/equity/curve']) {
      expect((await get(url)).statusCode, url).toBe(503);
    }
  });

  it('are all described in the OpenAPI document', async () => {
    const { get } = await stage();
    const { paths } = (await get('/docs/json')).json<{ paths: Record<string, object> }>();
    const described = Object.keys(paths);
    for (const path of [
      '/health',
      '/metrics',
      '/account',
      '/trades/open',
      '/trades/history',
      '/signals',
      '/orders',
      '/events',
      '/performance/by_pair',
      '/performance/summary',
      '/performance/by_hour',
      '/equity/curve',
      '/rules',
      '/tree',
      '/actors/{path}',
      '/statecharts',
      '/why',
      '/live',
      '/commands/halt',
      '/commands/flatten',
      '/commands/kill',
      '/commands/rearm',
      '/strategies/{id}/enable',
      '/strategies/{id}/disable',
      '/actors/{path}/restart',
    ]) {
      expect(described).toContain(path);
    }
  });
});
