import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { STORY, sandbox, until } from '../support/cli-sandbox.ts';
import { startCollector } from '../support/otlp-collector.ts';

type Line = Readonly<Record<string, unknown>>;

describe('the log of a run', STORY, () => {
  const box = sandbox();
  afterAll(box.close);
  const textIn = (dir: string): string =>
    existsSync(dir)
      ? readdirSync(dir)
          .map((name) => readFileSync(join(dir, name), 'utf8'))
          .join('')
      : '';
  const linesIn = (dir: string): readonly Line[] =>
    textIn(dir)
      .split('\n')
      .filter((text) => text.endsWith('}'))
      .map((text) => JSON.parse(text) as Line);

  it('tells everything from start to end as JSON, with the trace of each deal', async () => {
    const collector = await startCollector();
    const dataDir = box.path('logged');
    const env = {
      BULWARK_MARKET__SPEED: '3000',
      BULWARK_TRACES__ENDPOINT: collector.endpoint,
      BULWARK_TRACES__HEADERS: 'authorization=collector-secret',
      BULWARK_API__READ_TOKEN: 'read-token-that-is-secret-enough-1234',
    };
    const run = box.start(['run', '--data-dir', dataDir, '--log-level', 'debug'], { env });
    const logs = join(dataDir, 'logs');
    const deal = await until('a deal', () => linesIn(logs).find(({ code }) => code === 'deal'));
    await until('its trace', () =>
      collector.spans.some(({ traceId }) => traceId === deal['traceId']),
    );
    run.signal('SIGINT');
    const finished = await run.finished();
    expect(finished.code, finished.stderr).toBe(0);
    const lines = linesIn(logs);
    const codes = lines.map(({ code }) => code);
    for (const code of ['session.started', 'link.live', 'actor.started', 'chart.moved', 'deal']) {
      expect(codes).toContain(code);
    }
    expect(codes.indexOf('session.started')).toBeLessThan(codes.indexOf('deal'));
    const times = lines.map(({ time }) => Date.parse(String(time)));
    expect(times.every((time) => time > 0)).toBe(true);
    expect(new Set(lines.map(({ account }) => account))).toEqual(new Set(['5012345']));
    expect(deal['traceId']).toMatch(/^[0-9a-f]{32}$/);
    const token = readFileSync(join(dataDir, 'api-token'), 'utf8').trim();
    for (const secret of ['collector-secret', env.BULWARK_API__READ_TOKEN, token]) {
      expect(textIn(logs)).not.toContain(secret);
    }
  });

  it('is off when it is not wanted, and missing it stops nobody from trading', async () => {
    const dataDir = box.path('unwritable');
    const off = box.start(['run', '--data-dir', box.path('off'), '--log-level', 'off'], {
      env: { BULWARK_MARKET__SPEED: '3000' },
    });
    await until('a live link', () => off.said().includes('link.live'));
    off.signal('SIGINT');
    expect((await off.finished()).code).toBe(0);
    expect(existsSync(box.path('off', 'logs'))).toBe(false);

    const run = box.start(['run', '--data-dir', dataDir], {
      env: { BULWARK_MARKET__SPEED: '3000' },
    });
    await until('the log', () => textIn(join(dataDir, 'logs')).length > 0);
    rmSync(join(dataDir, 'logs'), { recursive: true });
    writeFileSync(join(dataDir, 'logs'), 'no folder');
    await until('the failure to be told', () => run.said().includes('log.failed'));
    await until('a deal all the same', () => /deal: /.test(run.said()));
    rmSync(join(dataDir, 'logs'));
    await until('the log to be written again', () => run.said().includes('log.resumed'));
    run.signal('SIGINT');
    const finished = await run.finished();
    expect(finished.code, finished.stderr).toBe(0);
  });
});
