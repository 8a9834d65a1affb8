/** Stands where a secret was. */
export const REDACTED = '[redacted]';
/** Shorter parts of a secret stand in ordinary text, and tell nobody anything. */
const SHORTEST_PART = 4;

const urlParts = (secret: string): readonly string[] => {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(secret) || !URL.canParse(secret)) return [];
  const { pathname, search, searchParams, username, password } = new URL(secret);
  const values = [...searchParams.values(), username, password, pathname, `${pathname}${search}`];
  // The steps of a path are what a webhook's address hides.
  return [...values, ...pathname.split('/').filter((step) => step.length >= 16)];
};

/** `name=value,name=value`, as headers are configured. */
const listParts = (secret: string): readonly string[] =>
  secret.split(',').flatMap((item) => {
    const at = item.indexOf('=');
    return at <= 0 ? [] : [item.slice(at + 1).trim()];
  });

/** How a text may stand in another: as it is, in a JSON text, in an address. */
const spellings = (text: string): readonly string[] => [
  text,
  JSON.stringify(text).slice(1, -1),
  encodeURIComponent(text),
  encodeURI(text),
];

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/**
 * Takes every one of `secrets` out of a text, also where it stands inside of an error message, an
 * address or a quoted JSON. Of an address and of a list of headers the parts are secret too.
 */
export const createRedactor = (secrets: readonly string[]): ((text: string) => string) => {
  const parts = secrets
    .flatMap((secret) => [...urlParts(secret), ...listParts(secret)])
    .flatMap((part) => [part, decoded(part)])
    .filter((part) => part.length >= SHORTEST_PART);
  const all = new Set([...secrets, ...parts].flatMap(spellings).filter((text) => text !== ''));
  if (all.size === 0) return (text) => text;
  // The longest first: a secret that contains another one goes as a whole.
  const longestFirst = [...all].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escaped).join('|'), 'g');
  return (text) => text.replaceAll(pattern, REDACTED);
};
