import { build } from '../../scripts/build.mjs';

/**
 * Worker threads and child processes run from dist/, so it has to match src/ before the first test.
 * Type errors do not stop the tests: `npm run types` judges them, and one test of one part stays
 * runnable while another part is being changed.
 */
export const setup = () => {
  const { clean, diagnostics } = build({ acceptTypeErrors: true });
  if (!clean) console.warn(`dist/ was built in spite of these type errors:\n${diagnostics}`);
};
