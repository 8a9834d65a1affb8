/**
 * A file that the build puts beside a module, for what only runs or is served as built: threads,
 * the page. Run from its sources (tests), a module finds it in dist/, at the same place.
 */
export const builtBeside = (moduleUrl: string, name: string): URL => {
  if (!moduleUrl.endsWith('.ts')) return new URL(name, moduleUrl);
  const at = moduleUrl.lastIndexOf('/src/');
  return new URL(name, `${moduleUrl.slice(0, at)}/dist/${moduleUrl.slice(at + '/src/'.length)}`);
};
