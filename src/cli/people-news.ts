import type { RuntimeSight } from '../actors/runtime.ts';
import type { EpochMs } from '../domain/units.ts';
import type { Told } from '../inspector/onlooker.ts';
import { tradeWords } from './trade-words.ts';

/** Notices as they are, and of what became durable the trades and refusals, in words. */
export const listenToPeopleNews = (
  sight: RuntimeSight,
  currencyDigits: number,
  listener: (told: Told) => void,
): (() => void) => {
  const words = tradeWords(currencyDigits);
  const tell = (
    notice: { readonly at: EpochMs; readonly path?: string } & Pick<
      Told,
      'severity' | 'code' | 'detail'
    >,
    intentId: string | null,
  ): void => listener({ ...notice, path: notice.path ?? null, intentId });
  const stopNotices = sight.onNotice((notice) => tell(notice, null));
  const stopEntries = sight.onEntry((entry) => {
    const notice = words(entry);
    if (notice === undefined) return;
    const intentId = 'intentId' in entry ? entry.intentId : null;
    tell(notice, intentId);
  });
  return () => {
    stopNotices();
    stopEntries();
  };
};
