import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The drawings of `npm run charts`: beside this file in a build, in docs/ when run from sources. */
const folder = (): URL => {
  const built = new URL('./statecharts/', import.meta.url);
  return existsSync(built) ? built : new URL('../../docs/statecharts/', import.meta.url);
};

let drawings: ReadonlyMap<string, string> | undefined;

const load = (): ReadonlyMap<string, string> => {
  const place = folder();
  const files = existsSync(place) ? readdirSync(place).filter((name) => name.endsWith('.svg')) : [];
  return new Map(
    files
      .sort()
      .map((name) => [name.slice(0, -'.svg'.length), readFileSync(new URL(name, place), 'utf8')]),
  );
};

const all = (): ReadonlyMap<string, string> => {
  drawings ??= load();
  return drawings;
};

export const chartNames = (): readonly string[] => [...all().keys()];
export const chartSvg = (name: string): string | undefined => all().get(name);
