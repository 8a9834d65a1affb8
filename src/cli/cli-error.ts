/** A mistake of the caller: told in two sentences, ended with exit code 2, never a stack. */
export class CliError extends Error {
  readonly remedy: string;

  constructor(reason: string, remedy: string) {
    const advice = remedy.charAt(0).toUpperCase() + remedy.slice(1);
    super(`${reason}. ${advice}${advice.endsWith('.') ? '' : '.'}`);
    this.name = 'CliError';
    this.remedy = remedy;
  }
}
