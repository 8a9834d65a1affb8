import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { LoadOptions } from '../../../src/config/load-config.ts';
import { renderConfig } from '../../../src/config/print-config.ts';
import { loadWith } from '../../support/config-folder.ts';
import { fc } from '../../support/property-seed.ts';

interface Setup {
  readonly files: Readonly<Record<string, string>>;
  readonly options: Omit<LoadOptions, 'cwd'>;
}
type Place = (secret: string) => Setup;

const json =
  (document: (secret: string) => unknown): Place =>
  (secret) => ({
    files: { 'bulwark.config.json': JSON.stringify(document(secret)) },
    options: {},
  });
const variable =
  (name: string): Place =>
  (secret) => ({ files: {}, options: { env: { [name]: secret } } });

/** Where a person may put a secret, rightly or wrongly; with and without other mistakes. */
const PLACES: Readonly<Record<string, Place>> = {
  'the right key of a JSON file': json((token) => ({ link: { token } })),
  'the right variable': variable('BULWARK_LINK__TOKEN'),
  'the .env file': (secret) => ({
    files: { '.env': `BULWARK_LINK__TOKEN=${secret}` },
    options: {},
  }),
  'a flag': (secret) => ({
    files: {},
    options: { overrides: [{ path: ['link', 'token'], value: secret, flag: '--token' }] },
  }),
  'a TypeScript file': (secret) => ({
    files: { 'bulwark.config.ts': `export default { link: { token: '${secret}' } };` },
    options: {},
  }),
  'a file with another mistake': json((token) => ({ link: { token, port: -1 } })),
  'an impossible combination': json((token) => ({ profile: 'live', link: { token } })),
  'a misspelt key': json((token) => ({ link: { tokn: token } })),
  'a misspelt variable': variable('BULWARK_LINK__TOKN'),
  'a variable of a section': variable('BULWARK_LINK'),
  'a list': json((token) => ({ link: { token: [token] } })),
  'a section of its own': json((token) => ({ link: { token: { value: token } } })),
  'the place of its section': json((token) => ({ link: token })),
  'the place of a number': json((token) => ({ link: { port: { token } } })),
  'the place of the document': json((token) => token),
  'broken JSON': (secret) => ({
    files: { 'bulwark.config.json': `{"link": {"token": "${secret}" "port": 1}}` },
    options: {},
  }),
  'JSON that breaks at the secret': (secret) => ({
    files: { 'bulwark.config.json': `{"link": {"token": ${secret}}}` },
    options: {},
  }),
  'TypeScript that breaks at the secret': (secret) => ({
    files: { 'bulwark.config.ts': `export default { link: { token: ' ${secret} } };` },
    options: {},
  }),
  'TypeScript that throws it': (secret) => ({
    files: { 'bulwark.config.ts': `throw new Error('${secret}');` },
    options: {},
  }),
};

/** Everything that a program could print of the outcome. */
const visible = async ({ files, options }: Setup): Promise<readonly string[]> => {
  try {
    const loaded = await loadWith(files, options);
    return [
      renderConfig(loaded, { json: false }),
      renderConfig(loaded, { json: true }),
      inspect(loaded, { depth: 20, showHidden: true }),
      String(loaded.config.link.token),
      JSON.stringify(loaded.config.link),
    ];
  } catch (error) {
    return [
      String(error),
      inspect(error, { depth: 20, showHidden: true }),
      JSON.stringify(error),
      error instanceof Error ? `${error.message}\n${error.stack}` : '',
    ];
  }
};

// A letter first, so that no secret is a number that stands in the configuration anyway.
const secrets = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_$]{11,60}$/);
const SHOWN_PART = 8;

describe('a secret', () => {
  it.each(Object.entries(PLACES))(
    'in %s never appears in any output or error',
    async (_at, place) => {
      await fc.assert(
        fc.asyncProperty(secrets, async (secret) => {
          const texts = await visible(place(secret));
          expect(texts.every((text) => text.length > 0)).toBe(true);
          const leaks = texts.filter((text) => text.includes(secret.slice(0, SHOWN_PART)));
          expect(leaks).toEqual([]);
        }),
        { numRuns: 8 },
      );
    },
  );

  it('is shown as <redacted> with its origin', async () => {
    const loaded = await loadWith({}, { env: { BULWARK_LINK__TOKEN: 'swordfish' } });
    expect(renderConfig(loaded, { json: false })).toMatch(
      /^link\.token +<redacted> +BULWARK_LINK__TOKEN$/m,
    );
    expect(JSON.parse(renderConfig(loaded, { json: true }))).toMatchObject({
      'link.token': { value: '<redacted>', origin: 'BULWARK_LINK__TOKEN' },
    });
  });
});
