import { onTestFinished } from 'vitest';
import type { AccountStatus, RuntimeStatus } from '../../src/actors/operator/operator-view.ts';
import { epochMs } from '../../src/domain/units.ts';
import { AccessControl } from '../../src/inspector/access.ts';
import { type Backstage, Records } from '../../src/inspector/backstage.ts';
import { LiveFeed } from '../../src/inspector/live-feed.ts';
import type { InspectorThreadData, LiveView, Question } from '../../src/inspector/protocol.ts';
import { buildServer } from '../../src/inspector/server.ts';
import { virtualClockOf } from './manual-clock.ts';

/** The inspector's server without its thread: what the runtime would answer, a test says. */
export const WRITE_TOKEN = 'write-token-of-forty-characters-0123456789';
export const READ_TOKEN = 'read-token-of-forty-characters-01234567890';

export const accountStatus = (change: Partial<AccountStatus> = {}): AccountStatus => ({
  login: '5012345',
  rules: 'ftmo-2step/challenge',
  currency: 'USD',
  mode: { name: 'active', reason: 'gate', holds: [], limits: [] },
  flatten: { state: 'idle', reason: null },
  gateOpen: true,
  link: { state: 'live.beating', epoch: 1 },
  breaker: null,
  health: null,
  balance: '100000.00',
  equity: '100100.00',
  minEquity: '99900.00',
  floors: {
    daily: { floor: '95000.00', headroom: '5100.00' },
    total: { floor: '90000.00', headroom: '10100.00' },
  },
  progress: null,
  evaluation: null,
  positions: [],
  orders: [],
  reservations: 0,
  strategies: [],
  symbols: [],
  standing: {},
  refusals: {},
  ...change,
});

export const liveView = (change: Partial<AccountStatus> = {}): LiveView => {
  const status: RuntimeStatus = {
    at: epochMs(1_700_000_000_000),
    wallAt: epochMs(1_800_000_000_000),
    runId: 'run',
    profile: 'paper',
    accounts: [accountStatus(change)],
    troubled: [],
    restarts: 0,
  };
  return {
    status,
    sentences: { '5012345': 'Trading, nothing open.' },
    market: { bars: 1, ticks: 4, ended: false },
    tree: [
      {
        path: 'journal',
        type: 'worker',
        status: 'running',
        incarnation: 1,
        restarts: 0,
        mailboxDepth: 0,
        budget: null,
      },
    ],
    charts: [{ path: 'accounts.5012345.desk.connection', chart: 'link', states: ['live'] }],
  };
};

export const startStage = async (
  change: Partial<InspectorThreadData> & { readonly answer?: (question: Question) => unknown } = {},
) => {
  const { answer = () => null, ...data } = change;
  const thread: InspectorThreadData = {
    host: '127.0.0.1',
    port: 0,
    allowedHosts: ['desk.example'],
    auditFile: '/nowhere/audit.db',
    journalFile: '/nowhere/journal.db',
    version: '1.2.3',
    accounts: ['5012345'],
    readToken: null,
    writeToken: WRITE_TOKEN,
    requestsPerMinute: 10_000,
    ...data,
  };
  const { clock, advance } = virtualClockOf(1_800_000_000_000);
  let secrets = 0;
  const control = new AccessControl({
    readToken: thread.readToken,
    writeToken: thread.writeToken,
    openReads: thread.readToken === null,
    clock,
    newSecret: () => {
      secrets += 1;
      return `secret-${secrets}`;
    },
  });
  const asked: Question[] = [];
  const notes: string[] = [];
  const feed = new LiveFeed();
  const stage: Backstage = {
    data: thread,
    clock,
    control,
    feed,
    bootId: 'boot',
    ask: async (question) => {
      asked.push(question);
      return answer(question) as never;
    },
    note: ({ code, detail }) => notes.push(`${code}: ${detail}`),
    records: new Records(thread),
  };
  const app = await buildServer(stage);
  onTestFinished(async () => {
    await app.close();
    stage.records.close();
  });
  const get = (url: string, headers: Readonly<Record<string, string>> = {}) =>
    app.inject({ url, headers: { host: '127.0.0.1:8420', ...headers } });
  const post = (
    url: string,
    payload: object = {},
    headers: Readonly<Record<string, string>> = {},
  ) =>
    app.inject({ method: 'POST', url, payload, headers: { host: '127.0.0.1:8420', ...headers } });
  const asWriter = { authorization: `Bearer ${WRITE_TOKEN}` };
  return { app, stage, feed, clock, advance, control, asked, notes, get, post, asWriter };
};
