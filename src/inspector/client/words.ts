/** How the page spells things. */
export const clock = (at: number | string): string => new Date(at).toISOString().slice(11, 19);
export const dayAndClock = (at: number | string): string =>
  new Date(at).toISOString().slice(0, 19).replace('T', ' ');

/** Money with a thin space every three digits; the figures stay those of the audit. */
export const money = (text: string | null | undefined): string => {
  if (text === null || text === undefined) return '–';
  const [whole = '', cents] = text.split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+(?!\d))/g, '\u2009');
  return cents === undefined ? spaced : `${spaced}.${cents}`;
};
export const signClass = (text: string | null | undefined): string =>
  text?.startsWith('-') === true ? 'loss' : 'gain';
export const percent = (share: number | null): string =>
  share === null ? '–' : `${(100 * share).toFixed(0)} %`;
