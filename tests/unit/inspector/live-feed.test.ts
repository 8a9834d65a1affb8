import { describe, expect, it } from 'vitest';
import { LiveFeed } from '../../../src/inspector/live-feed.ts';
import { liveView } from '../../support/inspector-stage.ts';

const told = (seq: number) => ({
  seq,
  at: 0,
  severity: 'info' as const,
  code: 'x',
  detail: '',
  path: null,
  intentId: null,
});

describe('the live feed', () => {
  it('sends only the parts that changed, and nothing when none did', () => {
    const feed = new LiveFeed();
    feed.update(liveView(), [], 1);
    feed.update(liveView(), [], 2);
    expect(feed.lastId).toBe(1);
    feed.update({ ...liveView(), market: { bars: 2, ticks: 8, ended: false } }, [], 3);
    expect(feed.since(1)).toEqual([
      { id: 2, at: 3, changed: { market: { bars: 2, ticks: 8, ended: false } }, news: [] },
    ]);
    expect(feed.at).toBe(3);
  });

  it('gives who was away what it missed, and says when that is too long ago', () => {
    const feed = new LiveFeed();
    for (let seq = 1; seq <= 70; seq += 1) feed.update(liveView(), [told(seq)], seq);
    expect(feed.since(70)).toEqual([]);
    expect(feed.since(68)?.map(({ id }) => id)).toEqual([69, 70]);
    expect(feed.since(6)?.length).toBe(64);
    expect(feed.since(5)).toBeUndefined();
    expect(feed.since(71)).toBeUndefined();
    expect(feed.since(Number.NaN)).toBeUndefined();
  });

  it('tells its subscribers until they leave, and keeps the last news', () => {
    const feed = new LiveFeed();
    const seen: number[] = [];
    const stop = feed.subscribe(({ id }) => seen.push(id));
    feed.update(liveView(), [told(1)], 1);
    stop();
    for (let seq = 2; seq <= 300; seq += 1) feed.update(liveView(), [told(seq)], seq);
    expect(seen).toEqual([1]);
    expect(feed.news.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 101),
    );
  });
});
