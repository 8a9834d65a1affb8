import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { logIn, order, read } from './api.ts';
import { answerSignal } from './polled.ts';
import { account, loginWanted, storyOf } from './store.ts';
import { dayAndClock } from './words.ts';

/** What opens over the page: the login, the story of an order, and the way out of a lock. */
const Dialog = ({
  title,
  close,
  children,
}: {
  readonly title: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}) => {
  const place = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (place.current?.open === false) place.current.showModal();
  }, []);
  return (
    <dialog ref={place} onClose={close} aria-label={title}>
      <h2>{title}</h2>
      {children}
      <p>
        <button type="button" onClick={() => place.current?.close()}>
          Close
        </button>
      </p>
    </dialog>
  );
};

export const Login = () => {
  const token = useSignal('');
  const said = useSignal('');
  if (!loginWanted.value) return null;
  const close = (): void => {
    loginWanted.value = false;
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const answer = await logIn(token.value.trim());
    token.value = '';
    if (answer.ok) location.reload();
    else said.value = answer.refusal.detail;
  };
  return (
    <Dialog title="Log in" close={close}>
      <form onSubmit={(event) => void submit(event)}>
        <label>
          Token (the file api-token in the data directory){' '}
          <input
            type="password"
            autocomplete="off"
            value={token.value}
            onInput={(event) => {
              token.value = event.currentTarget.value;
            }}
          />
        </label>{' '}
        <button type="submit">Log in</button>
        <p role="alert" class="bad">
          {said.value}
        </p>
      </form>
    </Dialog>
  );
};

interface StoryAnswer {
  readonly order: Readonly<Record<string, string | number | null>>;
  readonly signal: Readonly<Record<string, string | number | null>> | null;
  readonly steps: readonly {
    readonly at: string;
    readonly kind: string;
    readonly what: Readonly<Record<string, unknown>>;
  }[];
}
const story = answerSignal<StoryAnswer>();

const Steps = ({ told }: { readonly told: StoryAnswer }) => (
  <ol class="plain story">
    {told.signal === null ? null : (
      <li>
        <span class="num dim">{dayAndClock(String(told.signal['raised_at']))}</span> <b>signal</b>{' '}
        {told.signal['reason']}; verdict {told.signal['verdict']} {told.signal['detail']}
      </li>
    )}
    {told.steps.map((step, index) => (
      <li key={index}>
        <span class="num dim">{dayAndClock(step.at)}</span> <b>{step.kind}</b>{' '}
        <span class="wrap">{JSON.stringify(step.what)}</span>
      </li>
    ))}
  </ol>
);

export const Story = () => {
  const id = storyOf.value;
  useEffect(() => {
    story.value = undefined;
    if (id === undefined) return;
    void read<StoryAnswer>(`/orders/${encodeURIComponent(id)}/story`).then((answer) => {
      if (answer.ok) story.value = answer.value;
    });
  }, [id]);
  if (id === undefined) return null;
  const told = story.value;
  const close = (): void => {
    storyOf.value = undefined;
  };
  return (
    <Dialog title={`Order ${id}`} close={close}>
      {told === undefined ? (
        <p class="dim">Reading…</p>
      ) : (
        <>
          <p>
            {told.order['symbol']} {told.order['action']} {told.order['side']}{' '}
            {told.order['volume']}: <b>{told.order['state']}</b>
          </p>
          <Steps told={told} />
        </>
      )}
    </Dialog>
  );
};

export const Rearm = () => {
  const typed = useSignal('');
  const reason = useSignal('');
  if (account.value?.mode.name !== 'locked') return null;
  const submit = (event: Event): void => {
    event.preventDefault();
    void order('/commands/rearm', { account: typed.value.trim(), reason: reason.value.trim() });
  };
  return (
    <section id="rearm" aria-labelledby="rearm-title">
      <h2 id="rearm-title">Locked</h2>
      <form onSubmit={submit}>
        <label>
          Type the account number{' '}
          <input
            value={typed.value}
            inputMode="numeric"
            onInput={(event) => {
              typed.value = event.currentTarget.value;
            }}
          />
        </label>{' '}
        <label>
          Reason{' '}
          <input
            value={reason.value}
            onInput={(event) => {
              reason.value = event.currentTarget.value;
            }}
          />
        </label>{' '}
        <button type="submit">Rearm</button>
      </form>
    </section>
  );
};
