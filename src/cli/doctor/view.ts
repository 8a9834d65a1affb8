import { styleText } from 'node:util';
import { AREAS, type Area, type Finding } from './finding.ts';

/** What is at fault, in the order in which a person should look at it. */
export const atFault = (findings: readonly Finding[]): readonly Area[] =>
  (Object.keys(AREAS) as Area[]).filter((area) =>
    findings.some((finding) => finding.area === area && finding.status === 'fail'),
  );

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;
const STATUS_WIDTH = 4;
const AREA_WIDTH = Math.max(...Object.keys(AREAS).map((area) => area.length));

/** A line for each finding, and a sentence at the end. */
export const renderFindings = (findings: readonly Finding[], hasColours: boolean): string => {
  const lines = findings.map(({ status, area, what, next }) => {
    const word = status.padEnd(STATUS_WIDTH);
    const shown = hasColours ? styleText(COLOURS[status], word, { validateStream: false }) : word;
    return `${shown}  ${area.padEnd(AREA_WIDTH)}  ${what}${next === null ? '' : `; ${next}`}`;
  });
  const faults = atFault(findings).map((area) => AREAS[area]);
  const sentence = faults.length === 0 ? 'Nothing is at fault.' : `At fault: ${faults.join(', ')}.`;
  return `${[...lines, sentence].join('\n')}\n`;
};
