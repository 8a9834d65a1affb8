import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { order } from './api.ts';
import { acknowledgement, level, loginWanted } from './store.ts';

/** Kill is always in reach: hold it for a second, or press K twice. It works while stale, too. */
const HOLD_MS = 1_000;
const TWICE_MS = 1_500;

const kill = (how: string): void => {
  if (level.peek() !== 'writer') {
    acknowledgement.value = { ok: false, text: 'Kill needs the write token: log in first.' };
    loginWanted.value = true;
    return;
  }
  acknowledgement.value = { ok: true, text: 'Kill was sent…' };
  void order('/commands/kill', { reason: `inspector, ${how}` });
};

const isTyping = ({ target }: KeyboardEvent): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;

export const KillButton = () => {
  const held = useSignal(false);
  const timer = useRef<number | undefined>(undefined);
  const lastK = useRef(0);
  const release = (): void => {
    held.value = false;
    clearTimeout(timer.current);
  };
  const press = (): void => {
    held.value = true;
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      held.value = false;
      kill('held for a second');
    }, HOLD_MS);
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isK = event.key.toLowerCase() === 'k' && !event.ctrlKey && !event.metaKey;
      if (!isK || event.repeat || isTyping(event)) return;
      const isSecond = event.timeStamp - lastK.current < TWICE_MS;
      lastK.current = isSecond ? 0 : event.timeStamp;
      if (isSecond) kill('K K');
      else acknowledgement.value = { ok: true, text: 'Press K again to kill.' };
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <button
      type="button"
      class={held.value ? 'kill held' : 'kill'}
      aria-describedby="kill-how"
      onPointerDown={press}
      onPointerUp={release}
      onPointerLeave={release}
      onKeyDown={(event) => {
        if ((event.key === 'Enter' || event.key === ' ') && !event.repeat) press();
      }}
      onKeyUp={release}
      onContextMenu={(event) => event.preventDefault()}
    >
      <span class="kill-word">Kill</span>
      <span id="kill-how" class="kill-how">
        hold 1 s, or K K
      </span>
    </button>
  );
};
