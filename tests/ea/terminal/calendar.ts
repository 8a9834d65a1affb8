import type { Fields } from './rows.ts';

export interface CalendarRelease {
  readonly id: number;
  readonly name: string;
  readonly currency: string;
  readonly importance: 0 | 1 | 2 | 3;
  /** Server time, seconds. */
  readonly time: number;
}

/** The terminal's economic calendar: values, the events that they belong to, the countries of those. */
export interface Calendar {
  readonly values: (from: number, to: number) => readonly Fields[];
  readonly event: (id: string) => Fields | undefined;
  readonly country: (id: string) => Fields | undefined;
}

export const calendarOf = (releases: readonly CalendarRelease[]): Calendar => {
  const currencies = [...new Set(releases.map(({ currency }) => currency))];
  const release = (id: string) => releases.find((it) => String(it.id) === id);
  return {
    values: (from, to) =>
      releases
        .filter(({ time }) => time >= from && (to === 0 || time <= to))
        .map(({ id, time }) => ({ id, event_id: id, time })),
    event: (id) => {
      const it = release(id);
      if (it === undefined) return undefined;
      const { name, importance, currency } = it;
      return { name, importance, country_id: currencies.indexOf(currency), event_code: name };
    },
    country: (id) => {
      const currency = currencies[Number(id)];
      return currency === undefined ? undefined : { name: currency, code: currency, currency };
    },
  };
};

export const NO_CALENDAR = calendarOf([]);
