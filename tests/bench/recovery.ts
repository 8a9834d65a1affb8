import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { isFinalOrderState } from '../../src/domain/order-state.ts';
import { openJournal } from '../../src/journal/journal-writer.ts';
import { entry, note } from '../support/entries.ts';
import { freePort } from '../support/free-port.ts';
import { type BenchRow, median, spread } from './bench-row.ts';
import { type BenchPlace, benchPlace, bulwark } from './measured-run.ts';

const SPEED = '20000';
const POLL_MS = 5;
const LATEST_MS = 60_000;
const APPENDS = 1_500;

interface Recorded {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly intentId: string | null;
  readonly payload: string;
}

const recorded = (dataDir: string): readonly Recorded[] => {
  const file = join(dataDir, 'journal.db');
  if (!existsSync(file)) return [];
  const db = new Database(file, { readonly: true });
  try {
    const rows = db.prepare(
      `SELECT seq, recorded_at_ms AS at, kind, intent_id AS intentId, payload FROM entries
       WHERE kind IN ('epoch.claimed', 'recovery.completed', 'order.state') ORDER BY seq`,
    );
    return rows.all() as readonly Recorded[];
  } catch {
    return [];
  } finally {
    db.close();
  }
};
const counted = (dataDir: string, kind: string): number =>
  recorded(dataDir).filter((row) => row.kind === kind).length;

const until = async (what: string, isSo: () => boolean): Promise<void> => {
  const began = performance.now();
  while (!isSo()) {
    if (performance.now() - began > LATEST_MS) throw new Error(`still waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};
const recoveredAgain = (dataDir: string, before: number): Promise<void> =>
  until('a recovery', () => counted(dataDir, 'recovery.completed') > before);
/** Some trading between two interruptions, so that there is something to compare. */
const tradedOn = (dataDir: string): Promise<void> => {
  const before = counted(dataDir, 'order.state');
  return until('an order', () => counted(dataDir, 'order.state') > before + 3);
};

/** From the claim of a lease, which is the link's first sign of life, to the grant of the gate. */
const recoveryTimes = (rows: readonly Recorded[]): readonly number[] => {
  const times: number[] = [];
  let claimedAt: number | undefined;
  for (const { kind, at } of rows.slice(2)) {
    if (kind === 'epoch.claimed') claimedAt = at;
    if (kind !== 'recovery.completed' || claimedAt === undefined) continue;
    times.push(at - claimedAt);
    claimedAt = undefined;
  }
  return times;
};

/** From the moment an outcome was unknown to the evidence that ended it. */
const unknownTimes = (rows: readonly Recorded[]): readonly number[] => {
  const since = new Map<string, number>();
  const times: number[] = [];
  for (const { kind, at, intentId, payload } of rows) {
    if (kind !== 'order.state' || intentId === null) continue;
    const { state } = JSON.parse(payload) as { readonly state: string };
    const began = since.get(intentId);
    if (state === 'unknown') since.set(intentId, began ?? at);
    else if (began !== undefined && isFinalOrderState(state)) {
      times.push(at - began);
      since.delete(intentId);
    }
  }
  return times;
};

const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
};
/** So many interruptions of one kind, with some trading between them. */
type Interrupt = (place: BenchPlace, dataDir: string, interruptions: number) => Promise<void>;
/** Back-offs are apart from what is measured, and storms on purpose would only wait for them. */
const SHORT_PAUSES = {
  BULWARK_TERMINAL__RESTART__INTENSITY: '1000',
  BULWARK_TERMINAL__RESTART__BACKOFF_INITIAL_MS: '10',
  BULWARK_TERMINAL__RESTART__BACKOFF_MAX_MS: '10',
  BULWARK_LINK__RECONNECT__INITIAL_MS: '10',
  BULWARK_LINK__RECONNECT__MAX_MS: '100',
};

const terminalKills: Interrupt = async (place, dataDir, interruptions) => {
  const run = bulwark(place, ['run', '--speed', SPEED, '--data-dir', dataDir], SHORT_PAUSES);
  try {
    await recoveredAgain(dataDir, 0);
    for (let round = 0; round < interruptions; round += 1) {
      await tradedOn(dataDir);
      const before = counted(dataDir, 'recovery.completed');
      process.kill(
        Number(readFileSync(join(dataDir, 'terminal', 'terminal.pid'), 'utf8')),
        'SIGKILL',
      );
      await recoveredAgain(dataDir, before);
    }
    await tradedOn(dataDir);
  } finally {
    await end(run, 'SIGINT');
  }
};

const runtimeKills: Interrupt = async (place, dataDir, interruptions) => {
  const start = () =>
    bulwark(place, ['run', '--speed', SPEED, '--data-dir', dataDir], SHORT_PAUSES);
  let run = start();
  try {
    await recoveredAgain(dataDir, 0);
    for (let round = 0; round < interruptions; round += 1) {
      await tradedOn(dataDir);
      const before = counted(dataDir, 'recovery.completed');
      await end(run, 'SIGKILL');
      run = start();
      await recoveredAgain(dataDir, before);
    }
    await tradedOn(dataDir);
  } finally {
    await end(run, 'SIGINT');
  }
};

/** Forwards a port, and drops every connection on demand. */
const openCutter = async (toPort: number) => {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.pipe(other);
    socket
      .on('error', () => undefined)
      .on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
  };
  const server = createServer((incoming) => {
    const outgoing = connect(toPort, '127.0.0.1');
    keep(incoming, outgoing);
    keep(outgoing, incoming);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const close = (): void => {
    cut();
    server.close();
  };
  return { port, cut, close };
};

const linkLosses: Interrupt = async (place, dataDir, interruptions) => {
  const port = await freePort();
  const cutter = await openCutter(port);
  const external = {
    ...SHORT_PAUSES,
    ...{ BULWARK_TERMINAL__KIND: 'external', BULWARK_LINK__PORT: String(port) },
  };
  const run = bulwark(place, ['run', '--speed', SPEED, '--data-dir', dataDir], external);
  const connected = ['--connect', `tcp://127.0.0.1:${cutter.port}`];
  const folder = ['--terminal-dir', join(dataDir, 'terminal')];
  const terminal = bulwark(
    place,
    ['terminal', '--speed', SPEED, ...connected, ...folder],
    SHORT_PAUSES,
  );
  try {
    await recoveredAgain(dataDir, 0);
    for (let round = 0; round < interruptions; round += 1) {
      await tradedOn(dataDir);
      const before = counted(dataDir, 'recovery.completed');
      cutter.cut();
      await recoveredAgain(dataDir, before);
    }
    await tradedOn(dataDir);
  } finally {
    await end(run, 'SIGINT');
    await end(terminal, 'SIGTERM');
    cutter.close();
  }
};

const perSecond = async (run: () => Promise<void>): Promise<number> => {
  const began = performance.now();
  await run();
  return (APPENDS / (performance.now() - began)) * 1_000;
};

/** One row per transaction with the journal's durability, without a thread or anything of ours. */
const rawAppends = (file: string): Promise<number> =>
  perSecond(async () => {
    const db = new Database(file);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.exec('CREATE TABLE IF NOT EXISTS entries (seq INTEGER PRIMARY KEY, payload TEXT)');
    const insert = db.prepare('INSERT INTO entries (payload) VALUES (?)');
    for (let n = 0; n < APPENDS; n += 1) insert.run(JSON.stringify(entry(note(`n${n}`))));
    db.close();
  });

const benchAppends = async (place: BenchPlace): Promise<readonly BenchRow[]> => {
  const clock = { now: () => 0 as never };
  const journal = await openJournal({ file: place.path('appends.db'), clock });
  await journal.append([entry(note('warm'))]);
  const raw: number[] = [];
  const alone: number[] = [];
  const burst: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    raw.push(await rawAppends(place.path(`raw-${round}.db`)));
    alone.push(
      await perSecond(async () => {
        for (let n = 0; n < APPENDS; n += 1) await journal.append([entry(note(`n${n}`))]);
      }),
    );
    burst.push(
      await perSecond(async () => {
        await Promise.all(
          Array.from({ length: APPENDS }, (_, n) => journal.append([entry(note(`n${n}`))])),
        );
      }),
    );
  }
  await journal.close();
  const [ours, many, theirs] = [median(alone), median(burst), median(raw)];
  return [
    { name: 'raw better-sqlite3, one row a commit', value: theirs, unit: 'appends/s' },
    { name: 'journal, one after another', value: ours, unit: 'appends/s' },
    { name: 'journal/raw, one after another', value: ours / theirs, unit: '×' },
    { name: 'journal, many at once', value: many, unit: 'appends/s' },
    { name: 'journal/raw, many at once', value: many / theirs, unit: '×' },
  ];
};

const CASES = [
  ['link loss', linkLosses],
  ['terminal kill -9', terminalKills],
  ['runtime kill -9', runtimeKills],
] as const;

/** From the claimed link to the open gate after each kind of interruption, and apart from it how
 * long an unknown outcome stayed so. Instants are those of the journal: whole milliseconds. */
export const benchRecovery = async (interruptions: number): Promise<readonly BenchRow[]> => {
  const place = benchPlace();
  try {
    const rows: BenchRow[] = [];
    const unknowns: number[] = [];
    for (const [name, interrupt] of CASES) {
      const dataDir = mkdtempSync(place.path('run-'));
      await interrupt(place, dataDir, interruptions);
      const all = recorded(dataDir);
      const times = recoveryTimes(all);
      unknowns.push(...unknownTimes(all));
      rows.push(...spread(`${name}, link back to gate open`, times, 'ms'));
    }
    if (unknowns.length > 0) {
      rows.push(...spread('unknown to resolved, interruption included', unknowns, 'ms'));
    }
    return [...rows, ...(await benchAppends(place))];
  } finally {
    place.close();
  }
};
