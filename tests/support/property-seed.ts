import fc from 'fast-check';

/**
 * fast-check under one seed, so that a run of the tests is the same on every machine. Other runs look
 * elsewhere: `PROPERTY_SEED=random npm test` takes a new seed, `PROPERTY_SEED=N` a given one, and a
 * failure prints it.
 */
const DEFAULT_SEED = 20_260_117;

const chosen = process.env['PROPERTY_SEED'];
export const propertySeed =
  chosen === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(chosen ?? DEFAULT_SEED);
if (!Number.isSafeInteger(propertySeed)) {
  throw new Error(`PROPERTY_SEED=${chosen}: write a whole number, or "random"`);
}
if (propertySeed !== DEFAULT_SEED) console.info(`PROPERTY_SEED=${propertySeed}`);

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: propertySeed });

export { fc };
