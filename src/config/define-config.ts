import type { EncodedDocument } from './schema.ts';

type Mutable<T> = T extends readonly (infer Item)[]
  ? readonly Mutable<Item>[]
  : T extends object
    ? { readonly [K in keyof T]?: Mutable<T[K]> }
    : T;

/** What a configuration file may hold: any part of the document. */
export type ConfigInput = Mutable<EncodedDocument>;

/** Identity with types: `export default defineConfig({ … })` in bulwark.config.ts. */
export const defineConfig = (config: ConfigInput): ConfigInput => config;
