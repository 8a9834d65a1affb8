import { order } from './api.ts';
import { KillButton } from './kill.tsx';
import {
  account,
  acknowledgement,
  chosenAccount,
  connected,
  level,
  loginWanted,
  sentence,
  staleSince,
  view,
} from './store.ts';
import { clock, dayAndClock } from './words.ts';

/** The state of everything as a sentence, and the commands that are always in reach. */
const Freshness = () => {
  const since = staleSince.value;
  if (since !== undefined) return <span class="pill bad">■ stale since {clock(since)} UTC</span>;
  if (!connected.value) return <span class="pill warn">▲ connecting</span>;
  return <span class="pill good">● live</span>;
};

const AccountChoice = () => {
  const accounts = view.value?.status.accounts ?? [];
  if (accounts.length < 2) return <span class="account">{accounts[0]?.login ?? ''}</span>;
  return (
    <label>
      Account{' '}
      <select
        value={account.value?.login}
        onChange={(event) => {
          chosenAccount.value = event.currentTarget.value;
        }}
      >
        {accounts.map(({ login }) => (
          <option key={login}>{login}</option>
        ))}
      </select>
    </label>
  );
};

const Commands = () => {
  const mode = account.value?.mode.name;
  if (level.value !== 'writer') {
    return (
      <button type="button" onClick={() => (loginWanted.value = true)}>
        Log in to command
      </button>
    );
  }
  const send = (type: string) => () =>
    void order(`/commands/${type}`, { reason: 'inspector, button' });
  return (
    <>
      {mode === 'halted' ? (
        <button type="button" onClick={send('resume')}>
          Resume
        </button>
      ) : (
        <button type="button" onClick={send('halt')}>
          Halt
        </button>
      )}
      <button type="button" onClick={send('flatten')}>
        Flatten
      </button>
    </>
  );
};

export const Header = () => {
  const status = view.value?.status;
  const mode = account.value?.mode.name ?? 'halted';
  const said = acknowledgement.value;
  return (
    <header class={staleSince.value === undefined ? '' : 'stale'}>
      <div class="head-line">
        <h1>Bulwark</h1>
        <AccountChoice />
        <Freshness />
        <span class="dim">
          {status === undefined ? '' : `${dayAndClock(status.at)} market time, UTC`}
        </span>
        <span class="grow" />
        <Commands />
        <KillButton />
      </div>
      <p class={`sentence ${mode}`} role="status" data-testid="sentence">
        {sentence.value}
      </p>
      <p class={said?.ok === false ? 'said bad' : 'said'} role="alert" data-testid="said">
        {said?.text ?? ''}
      </p>
    </header>
  );
};
