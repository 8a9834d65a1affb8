import type { TreeLine } from '../protocol.ts';
import { Panel } from './panel.tsx';
import { selectedPath, view } from './store.ts';

/** The supervision tree, in start order, as an ARIA tree: arrows move, Enter looks closer. */
const MARKS: Readonly<Record<string, string>> = {
  running: '●',
  starting: '◌',
  restarting: '▲',
  stopping: '◌',
  stopped: '○',
  parked: '■',
  administrativelyDown: '□',
};
const TONES: Readonly<Record<string, string>> = {
  running: 'good',
  parked: 'bad',
  restarting: 'warn',
  stopped: 'bad',
};

const depthOf = (path: string): number => (path === '' ? 1 : path.split('.').length + 1);
const nameOf = (path: string): string =>
  path === '' ? 'bulwark' : (path.split('.').at(-1) ?? path);

const move = (event: KeyboardEvent, rows: readonly TreeLine[], index: number): void => {
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -index, End: rows.length - 1 - index }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const target = Math.max(0, Math.min(rows.length - 1, index + step));
  const items = document.querySelectorAll<HTMLElement>('[role=treeitem]');
  items[target]?.focus();
};

const Line = ({
  line,
  index,
  rows,
}: {
  readonly line: TreeLine;
  readonly index: number;
  readonly rows: readonly TreeLine[];
}) => {
  const chosen = selectedPath.value;
  const isChosen = chosen === line.path;
  const isEntry = chosen === undefined ? index === 0 : isChosen;
  const { status, restarts, mailboxDepth, budget } = line;
  const look = (): void => {
    selectedPath.value = line.path;
  };
  return (
    <div
      role="treeitem"
      aria-level={depthOf(line.path)}
      aria-selected={isChosen}
      tabIndex={isEntry ? 0 : -1}
      data-path={line.path}
      data-status={status}
      class={`line depth-${Math.min(9, depthOf(line.path))}`}
      onClick={look}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          look();
        } else move(event, rows, index);
      }}
    >
      <span class={TONES[status] ?? 'dim'} aria-hidden="true">
        {MARKS[status] ?? '?'}
      </span>{' '}
      {nameOf(line.path)}
      <span class="dim">
        {status === 'running' ? '' : ` ${status}`}
        {restarts > 0 ? ` · ${restarts} restarts` : ''}
        {mailboxDepth > 0 ? ` · ${mailboxDepth} waiting` : ''}
        {budget === null || budget.left === budget.intensity
          ? ''
          : ` · ${budget.left} of ${budget.intensity} restarts left`}
      </span>
    </div>
  );
};

export const Tree = () => {
  const rows = view.value?.tree ?? [];
  return (
    <Panel id="tree" title="Supervision tree">
      <div role="tree" aria-label="Supervision tree" class="tree">
        {rows.map((line, index) => (
          <Line key={line.path} line={line} index={index} rows={rows} />
        ))}
      </div>
    </Panel>
  );
};
