import { account, acknowledgement, type Level, level, loginWanted, mayRead } from './store.ts';

/** Answers of the API, and what it says when it refuses. */
export interface Refusal {
  readonly detail: string;
  readonly remedy?: string;
  readonly status: number;
}
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

const AWAY: Refusal = { status: 0, detail: 'The runtime does not answer.' };

const request = async <T>(url: string, init: RequestInit = {}): Promise<Answer<T>> => {
  try {
    const response = await fetch(url, { credentials: 'same-origin', ...init });
    const text = await response.text();
    const body: unknown = text === '' ? null : JSON.parse(text);
    if (response.ok) return { ok: true, value: body as T };
    return { ok: false, refusal: { ...(body as Refusal), status: response.status } };
  } catch {
    return { ok: false, refusal: AWAY };
  }
};

const withAccount = (url: string): string => {
  const login = account.peek()?.login;
  if (login === undefined) return url;
  return `${url}${url.includes('?') ? '&' : '?'}account=${encodeURIComponent(login)}`;
};

/** Of the account that is looked at. */
export const read = <T>(url: string): Promise<Answer<T>> => request<T>(withAccount(url));

interface Session {
  readonly level: Level;
  readonly mayRead: boolean;
}
const take = (answer: Answer<Session>): void => {
  if (!answer.ok) return;
  level.value = answer.value.level;
  mayRead.value = answer.value.mayRead;
};

export const whoAmI = async (): Promise<void> => take(await request<Session>('/session'));

const post = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export const logIn = async (token: string): Promise<Answer<unknown>> => {
  const answer = await request<Session>('/session', post({ token }));
  take(answer);
  return answer;
};

export const logOut = async (): Promise<void> => {
  await request('/session', { method: 'DELETE' });
  await whoAmI();
};

interface Done {
  readonly done: readonly { readonly text: string }[];
}
/** Sends a command and shows what became of it. Without the right to, it asks for a token. */
export const order = async (url: string, body: unknown = {}): Promise<Answer<Done>> => {
  const answer = await request<Done>(withAccount(url), post(body));
  if (answer.ok) {
    const text = answer.value.done.map((done) => done.text).join(' ');
    acknowledgement.value = { ok: true, text: text === '' ? 'Done.' : text };
  } else {
    const { detail, remedy = '', status } = answer.refusal;
    acknowledgement.value = { ok: false, text: `${detail} ${remedy}`.trim() };
    if (status === 401 || status === 403) loginWanted.value = true;
  }
  return answer;
};
