import { failure, type Reply, rows } from './program.ts';

const ERR_NOT_FOUND = 4501;

/** Global variables of a terminal: they outlive its programs, and its restarts unless temporary. */
export class GlobalVariables {
  readonly #values = new Map<string, { value: string; time: number; temporary: boolean }>();

  answer(
    verb: string,
    [name = '', value = '0', expected = '0']: readonly string[],
    time: number,
  ): Reply {
    const known = this.#values.get(name);
    switch (verb) {
      case 'gv.get':
        return known === undefined
          ? failure(ERR_NOT_FOUND)
          : rows({ VALUE: known.value, TIME: known.time });
      case 'gv.set':
        this.#values.set(name, { value, time, temporary: known?.temporary ?? false });
        return rows({ TIME: time });
      case 'gv.temp':
        if (known !== undefined) return failure(ERR_NOT_FOUND);
        this.#values.set(name, { value: '0', time, temporary: true });
        return rows();
      case 'gv.swap':
        if (known === undefined || Number(known.value) !== Number(expected))
          return failure(ERR_NOT_FOUND);
        this.#values.set(name, { ...known, value, time });
        return rows();
      case 'gv.del':
        return this.#values.delete(name) ? rows() : failure(ERR_NOT_FOUND);
      default:
        throw new Error(`the program asked for ${verb}, which the terminal does not know`);
    }
  }

  forgetTemporary(): void {
    for (const [name, { temporary }] of this.#values) if (temporary) this.#values.delete(name);
  }
}
