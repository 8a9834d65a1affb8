/** A broken promise, by the number that the documents use. */
export class Violation extends Error {
  readonly invariant: string;
  constructor(invariant: string, detail: string) {
    super(`${invariant}: ${detail}`);
    this.name = 'Violation';
    this.invariant = invariant;
  }
}

/** The promise that `run` breaks, or 'nothing'. */
export const brokenBy = (run: () => void): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof Violation) return error.invariant;
    throw error;
  }
  return 'nothing';
};
