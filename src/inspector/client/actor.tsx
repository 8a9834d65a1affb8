import { useEffect, useRef } from 'preact/hooks';
import type { ActorDetail, ChartLine } from '../protocol.ts';
import { order, read } from './api.ts';
import { Panel } from './panel.tsx';
import { answerSignal, usePolled } from './polled.ts';
import { level, selectedPath, view } from './store.ts';
import { clock } from './words.ts';

/** One actor, looked at closely: its charts with the active state lit, and what it went through. */
const detail = answerSignal<ActorDetail>();

const fileOf = (chart: string): string =>
  chart.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The drawing is put in without its own styles, which the page's policy forbids. */
const drawingOf = async (chart: string): Promise<SVGElement | undefined> => {
  const response = await fetch(`/statecharts/${fileOf(chart)}.svg`, { credentials: 'same-origin' });
  if (!response.ok) return undefined;
  const svg = new DOMParser().parseFromString(await response.text(), 'image/svg+xml');
  for (const style of svg.querySelectorAll('style')) style.remove();
  return svg.documentElement as unknown as SVGElement;
};

const light = (place: Element, states: readonly string[]): void => {
  for (const state of place.querySelectorAll('[data-state]')) {
    state.classList.toggle('lit', states.includes(state.getAttribute('data-state') ?? ''));
  }
};

const Chart = ({ line }: { readonly line: ChartLine }) => {
  const place = useRef<HTMLElement>(null);
  const states = useRef(line.states);
  states.current = line.states;
  useEffect(() => {
    let gone = false;
    void drawingOf(line.chart).then((drawing) => {
      if (gone || place.current === null || drawing === undefined) return;
      place.current.replaceChildren(drawing);
      light(place.current, states.current);
    });
    return () => {
      gone = true;
    };
  }, [line.chart]);
  useEffect(() => {
    if (place.current !== null) light(place.current, line.states);
  }, [line.states.join()]);
  return (
    <figure>
      <figcaption>
        {line.chart}: <b data-testid={`chart-${line.chart}`}>{line.states.join(', ')}</b>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable. */}
      <section ref={place} class="chart" aria-label={`chart ${line.chart}`} tabIndex={0} />
    </figure>
  );
};

const Moves = ({ actor }: { readonly actor: ActorDetail }) => (
  <>
    <h3>Last moves</h3>
    <ol class="plain">
      {[...actor.transitions].reverse().map((one, index) => (
        <li key={index}>
          <span class="num dim">{clock(one.at)}</span> {one.chart}: {one.from.at(-1)} →{' '}
          {one.to.at(-1)} <span class="dim">by {one.by}</span>
        </li>
      ))}
      {actor.transitions.length === 0 ? <li class="dim">None yet.</li> : null}
    </ol>
    <h3>Last messages</h3>
    <p>{actor.messages.map(({ type }) => type).join(', ') || 'None since the first look.'}</p>
    <h3>Crashes</h3>
    <ol class="plain">
      {[...actor.crashes].reverse().map((crash, index) => (
        <li key={index}>
          <span class="num dim">{clock(crash.at)}</span> {crash.reason}
          {crash.message === null ? '' : ` at ${crash.message}`}; {crash.restartsLeft} restarts left
          {crash.stack === null ? null : (
            <details>
              <summary>stack</summary>
              <pre>{crash.stack}</pre>
            </details>
          )}
        </li>
      ))}
      {actor.crashes.length === 0 ? <li class="dim">None.</li> : null}
    </ol>
    <details>
      <summary>State</summary>
      <pre>{JSON.stringify(actor.state, null, 2)}</pre>
    </details>
  </>
);

export const Actor = () => {
  const path = selectedPath.value;
  usePolled(`/actors/${encodeURIComponent(path ?? 'accounts')}`, 2_000, detail);
  useEffect(() => {
    detail.value = undefined;
    if (path === undefined) return;
    void read<ActorDetail>(`/actors/${encodeURIComponent(path)}`).then((answer) => {
      if (answer.ok && selectedPath.peek() === path) detail.value = answer.value;
    });
  }, [path]);
  if (path === undefined) {
    return (
      <Panel id="actor" title="Actor">
        <p class="dim">Choose one in the tree.</p>
      </Panel>
    );
  }
  const charts = (view.value?.charts ?? []).filter((chart) => chart.path === path);
  const actor = detail.value?.line.path === path ? detail.value : undefined;
  const restart = (): void => void order(`/actors/${encodeURIComponent(path)}/restart`);
  return (
    <Panel id="actor" title={path === '' ? 'bulwark' : path}>
      {level.value === 'writer' && path !== '' ? (
        <button type="button" onClick={restart}>
          Restart
        </button>
      ) : null}
      {charts.map((line) => (
        <Chart key={`${line.path} ${line.chart}`} line={line} />
      ))}
      {actor === undefined ? <p class="dim">Looking…</p> : <Moves actor={actor} />}
    </Panel>
  );
};
