import type { ElkExtendedEdge, ElkNode, ElkPoint } from 'elkjs';
import elkModule from 'elkjs/lib/elk.bundled.js';
import type { ChartArrow, ChartModel, ChartState } from './chart-model.ts';

/**
 * Draws a statechart as one self-contained SVG: ELK places the boxes, this file writes the words.
 * Every box carries `data-state` with the state's path, so that a live view can light it by a CSS
 * class. The same machine gives the same bytes: text is measured by its length, not by a font.
 */
const FONT = { title: 14, text: 11 } as const;
/** Mean advance of a sans-serif character, as a part of the font size; generous on purpose. */
const ADVANCE = 0.58;
const LINE = 15;
const PAD = 10;
const WRAP = 34;
const ANY = 'any state';
const START = 'start of ';

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.spacing.nodeNode': '36',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.spacing.nodeNodeBetweenLayers': '40',
  'elk.layered.spacing.edgeNodeBetweenLayers': '16',
  // The states stand in the order of the source: a life reads downwards.
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.randomSeed': '1',
} as const;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const widthOf = (text: string, size: number): number => Math.ceil(text.length * size * ADVANCE);

/** Lines of at most `WRAP` characters, broken at blanks. */
const wrapped = (text: string): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > WRAP && line !== '') {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
};

interface BoxText {
  readonly words: string;
  readonly style: 'text' | 'tag' | 'entry';
}
const linesOf = (state: ChartState): readonly BoxText[] => [
  ...wrapped(state.description).map((words): BoxText => ({ words, style: 'text' })),
  ...state.entry.map((name): BoxText => ({ words: `→ ${name}`, style: 'entry' })),
  ...(state.tags.length === 0
    ? []
    : wrapped(`# ${state.tags.join(', ')}`).map((words): BoxText => ({ words, style: 'tag' }))),
];

const textHeight = (state: ChartState): number =>
  PAD + FONT.title + linesOf(state).length * LINE + PAD;

const nodeOf = (state: ChartState): ElkNode => {
  const texts = linesOf(state).map(({ words }) => widthOf(words, FONT.text));
  const width = 2 * PAD + Math.max(widthOf(state.name, FONT.title), ...texts);
  const height = textHeight(state);
  if (state.states.length === 0) return { id: state.path, width, height };
  return {
    id: state.path,
    layoutOptions: {
      'elk.padding': `[top=${height + PAD},left=20,bottom=20,right=20]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width},${height})`,
    },
    children: [...state.states.map(nodeOf), { id: `${START}${state.path}`, width: 10, height: 10 }],
  };
};

const edgeOf = ({ from, to, labels }: ChartArrow): ElkExtendedEdge => ({
  id: `${from} to ${to}`,
  sources: [from === '' ? ANY : from],
  targets: [to],
  labels: labels.map((text) => ({
    text,
    width: widthOf(text, FONT.text),
    height: LINE,
    layoutOptions: { 'elk.edgeLabels.placement': 'CENTER' },
  })),
});

const graphOf = (model: ChartModel): ElkNode => {
  const fromAny = model.arrows.some(({ from }) => from === '');
  const any = { id: ANY, width: 2 * PAD + widthOf(ANY, FONT.title), height: 34 };
  const starts = model.initial.map((path): ElkExtendedEdge => {
    const parent = path.split('.').slice(0, -1).join('.');
    return { id: `begin ${path}`, sources: [`${START}${parent}`], targets: [path] };
  });
  return {
    id: model.id,
    layoutOptions: OPTIONS,
    children: [
      { id: START, width: 10, height: 10 },
      ...(fromAny ? [any] : []),
      ...model.states.map(nodeOf),
    ],
    edges: [...starts, ...model.arrows.map(edgeOf)],
  };
};

const round = (value: number | undefined): number => Math.round((value ?? 0) * 10) / 10;

const place = ({ x, y, width, height }: ElkNode): string =>
  `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;

const drawBox = (node: ElkNode, state: ChartState): readonly string[] => {
  const left = round((node.x ?? 0) + PAD);
  const top = (node.y ?? 0) + PAD + FONT.title - 3;
  return [
    `<g data-state="${state.path}"><title>${escaped(state.description)}</title>`,
    `<rect ${place(node)} rx="6"/>`,
    `<text class="name" x="${left}" y="${round(top)}">${escaped(state.name)}</text>`,
    ...linesOf(state).map(
      ({ words, style }, index) =>
        `<text class="${style}" x="${left}" y="${round(top + (index + 1) * LINE + 2)}">${escaped(words)}</text>`,
    ),
    '</g>',
  ];
};

const drawNodes = (
  nodes: readonly ElkNode[],
  states: ReadonlyMap<string, ChartState>,
): readonly string[] =>
  nodes.flatMap((node) => {
    const state = states.get(node.id);
    if (state !== undefined)
      return [...drawBox(node, state), ...drawNodes(node.children ?? [], states)];
    if (node.id === ANY) {
      const x = round((node.x ?? 0) + PAD);
      const y = round((node.y ?? 0) + 22);
      return [
        `<rect class="any" ${place(node)} rx="17"/>`,
        `<text class="name" x="${x}" y="${y}">${ANY}</text>`,
      ];
    }
    const [cx, cy] = [round((node.x ?? 0) + 5), round((node.y ?? 0) + 5)];
    return [`<circle cx="${cx}" cy="${cy}" r="5"/>`];
  });

const drawEdge = (edge: ElkExtendedEdge): readonly string[] => {
  const point = ({ x, y }: ElkPoint): string => `${round(x)},${round(y)}`;
  const lines = (edge.sections ?? []).map(({ startPoint, bendPoints = [], endPoint }) => {
    const path = [startPoint, ...bendPoints, endPoint].map(point).join(' ');
    return `<polyline points="${path}" marker-end="url(#head)"/>`;
  });
  const labels = (edge.labels ?? []).map(
    ({ x, y, text = '' }) =>
      `<text class="event" x="${round(x)}" y="${round((y ?? 0) + 11)}">${escaped(text)}</text>`,
  );
  return [...lines, ...labels];
};

/** Readable on light and on dark pages; a live view may override every one of these. */
const STYLE = `
text{font-family:system-ui,"Segoe UI",Helvetica,Arial,sans-serif;font-size:${FONT.text}px;fill:#24292f}
.name{font-size:${FONT.title}px;font-weight:600}.event{fill:#0550ae}.tag{fill:#8250df}.entry{fill:#116329}
rect{fill:#f6f8fa;stroke:#57606a;stroke-width:1.2}rect.any{stroke-dasharray:4 3}
polyline{fill:none;stroke:#57606a;stroke-width:1.2}circle,marker path{fill:#57606a}.page{fill:#ffffff;stroke:none}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.event{fill:#79c0ff}.tag{fill:#d2a8ff}.entry{fill:#7ee787}
rect{fill:#161b22;stroke:#8b949e}polyline{stroke:#8b949e}circle,marker path{fill:#8b949e}.page{fill:#0d1117}}
`.trim();

const allStates = (states: readonly ChartState[]): readonly ChartState[] =>
  states.flatMap((state) => [state, ...allStates(state.states)]);

/** The drawing, ending with a line break. */
export const drawChart = async (model: ChartModel): Promise<string> => {
  // The package is CommonJS: its class is the module to Node and its `default` to bundlers.
  const Elk = 'default' in elkModule ? elkModule.default : elkModule;
  const graph = await new (Elk as typeof elkModule.default)().layout(graphOf(model));
  const states = new Map(allStates(model.states).map((state) => [state.path, state]));
  const size = `${round((graph.width ?? 0) + 24)} ${round((graph.height ?? 0) + 24)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 -12 ${size}" role="img" aria-label="statechart ${model.id}">`,
    `<style>${STYLE}</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0,0L8,4L0,8z"/></marker></defs>',
    `<rect class="page" x="-12" y="-12" width="100%" height="100%"/>`,
    ...drawNodes(graph.children ?? [], states),
    ...(graph.edges ?? []).flatMap(drawEdge),
    '</svg>',
    '',
  ].join('\n');
};
