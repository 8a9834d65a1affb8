import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountStatus, RuntimeStatus } from '../../actors/operator/operator-view.ts';
import { JOURNAL_FILE } from '../../journal/files.ts';
import { openJournalReader } from '../../journal/journal-reader.ts';
import { type Area, type Finding, fail, ok, warn } from './finding.ts';
import { switchFindingOf } from './terminal-checks.ts';

/** What a running runtime knows of the account: it has the port, and has seen the EA. */
export const runtimeChecks = (
  status: RuntimeStatus,
  login: string,
  dataDir: string,
): readonly Finding[] => {
  const account = status.accounts.find((known) => known.login === login);
  const troubled = status.troubled.map(({ path, status: state }) =>
    fail('runtime', `${path} is ${state}`, `read its events, then \`bulwark restart ${path}\``),
  );
  if (account === undefined) {
    const others = status.accounts.map((known) => known.login).join(', ');
    const what = `the runtime here trades ${others}, configured is ${login}`;
    return [fail('configuration', what, 'correct account.login, or name another --data-dir')];
  }
  const running = `the runtime of ${status.profile} runs, and was asked instead of the terminal`;
  return [
    ok('runtime', running),
    ...troubled,
    ...linkFindings(account, dataDir),
    ...holdFindings(account),
    ...healthFindings(account),
  ];
};

const isLive = ({ link }: AccountStatus): boolean => link.state.startsWith('live');

const linkFindings = (account: AccountStatus, dataDir: string): readonly Finding[] => {
  if (isLive(account)) {
    return [ok('ea', `its session is live, epoch ${account.link.epoch}`), ...breaker(account)];
  }
  const said = lastWords(account.login, dataDir);
  const seen = said.map(({ code, detail }) => {
    const area = WORDS[code] ?? 'ea';
    return fail(area, `the runtime's last word about it: ${code}: ${detail}`, NEXT[area] ?? LOOK);
  });
  const absent = fail('ea', `no session with it (the link is ${account.link.state})`, LOOK);
  return [...(seen.length === 0 ? [absent] : seen), ...breaker(account)];
};

const LOOK = 'look at the line that the EA writes on its chart: `mql5/INSTALL.md`';
/** Whose fault an event of the link is. */
const WORDS: Readonly<Record<string, Area>> = {
  'link.handshakeFailed': 'key',
  'link.refused': 'account',
  'link.claimRefused': 'ea',
  'link.malformed': 'ea',
};
const NEXT: Partial<Readonly<Record<Area, string>>> = {
  key: 'compare the keys of both sides: `bulwark keys show`, and the inputs of the EA',
  account: 'log the terminal in with the configured account, and check its token',
};

interface Word {
  readonly code: string;
  readonly detail: string;
}

/** The latest of what the link told since it was live last. */
const lastWords = (login: string, dataDir: string): readonly Word[] => {
  const file = join(dataDir, JOURNAL_FILE);
  if (!existsSync(file)) return [];
  const reader = openJournalReader({ file });
  try {
    const from = Math.max(0, reader.lastSeq() - WORDS_LOOKED_AT);
    const events = reader.ofKind(login, 'event', from);
    const live = events.findLastIndex(({ code }) => code === 'link.live');
    const known = events.slice(live + 1).filter(({ code }) => WORDS[code] !== undefined);
    const latest = new Map(known.map(({ code, detail }) => [code, { code, detail }]));
    return [...latest.values()];
  } finally {
    reader.close();
  }
};
const WORDS_LOOKED_AT = 10_000;

const breaker = ({ breaker: state }: AccountStatus): readonly Finding[] =>
  state === null || state.state === 'closed'
    ? []
    : [
        warn(
          'network',
          `the circuit breaker is ${state.state}`,
          'wait, or `bulwark breaker reset`',
        ),
      ];

/** What a hold is about, by its first word. */
const HOLD_AREAS: Readonly<Record<string, Area>> = {
  terminal: 'terminal',
  clock: 'clock',
  data: 'market',
  journal: 'directory',
  ledger: 'account',
};

const holdFindings = (account: AccountStatus): readonly Finding[] => {
  const { mode } = account;
  const holds = mode.holds.map((hold): Finding => {
    const area = HOLD_AREAS[hold.split(':', 1)[0] ?? ''] ?? 'runtime';
    const next = '`bulwark why` says what clears it';
    return switchFindingOf(hold) ?? fail(area, `nothing opens: ${hold}`, next);
  });
  if (mode.name === 'locked') {
    return [...holds, fail('account', `locked: ${mode.reason}`, 'look why, then `bulwark rearm`')];
  }
  if (mode.name === 'active') return [...holds, ok('account', 'the guard lets it trade')];
  const what = `the guard's mode is ${mode.name}: ${mode.reason}`;
  return [...holds, warn('account', what, '`bulwark why` says what ends it')];
};

const healthFindings = ({ health }: AccountStatus): readonly Finding[] => {
  if (health === null) return [];
  const { connectionOk, authOk, dataFeedOk, latencyMs } = health;
  const next = '`bulwark status` shows the last probe';
  return [
    connectionOk
      ? ok('network', `the last probe took ${latencyMs ?? '?'} ms`)
      : fail('network', 'the last probe got no answer', next),
    authOk
      ? ok('account', 'the login is the configured one')
      : fail('account', 'the last probe found another login, or one that may not trade', next),
    dataFeedOk
      ? ok('market', 'quotes are fresh')
      : fail('market', 'no fresh quotes', 'look at the feed of the terminal'),
  ];
};
