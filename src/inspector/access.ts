import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../domain/ports.ts';
import { INSPECTOR_LIMITS } from './inspector-limits.ts';

/**
 * Who somebody is: a stranger, a reader or a writer. Tokens are compared in constant time, by their
 * digests; a browser exchanges one for a session, so that no page ever holds a token.
 */
export type Level = 'stranger' | 'reader' | 'writer';
/** What a route asks for. Public routes show nothing of an account. */
export type Access = 'public' | 'read' | 'write';

export interface AccessOptions {
  readonly readToken: string | null;
  readonly writeToken: string;
  /** Listening on loopback without a read token: everybody on this machine may read. */
  readonly openReads: boolean;
  readonly clock: Clock;
  /** A new unguessable name. */
  readonly newSecret: () => string;
}
interface Session {
  readonly level: Level;
  readonly endsAt: number;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const same = (given: string, expected: string): boolean =>
  timingSafeEqual(digest(given), digest(expected));

export class AccessControl {
  readonly #options: AccessOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #loginCode: { readonly code: string; readonly endsAt: number };
  #codeUsed = false;

  constructor(options: AccessOptions) {
    this.#options = options;
    const endsAt = options.clock.now() + INSPECTOR_LIMITS.loginCodeMs;
    this.#loginCode = { code: options.newSecret(), endsAt };
  }

  /** Good for one login as a writer, for a quarter of an hour: it is printed, the token is not. */
  get loginCode(): string {
    return this.#loginCode.code;
  }

  levelOf(credentials: { readonly bearer?: string; readonly session?: string }): Level {
    const { bearer, session } = credentials;
    if (bearer !== undefined) return this.levelOfToken(bearer);
    return session === undefined ? 'stranger' : this.#levelOfSession(session);
  }

  levelOfToken(token: string): Level {
    const { readToken, writeToken } = this.#options;
    // Both are always compared: how long it takes tells nothing.
    const isWriter = same(token, writeToken);
    const isReader = same(token, readToken ?? '') && readToken !== null;
    if (isWriter) return 'writer';
    return isReader ? 'reader' : 'stranger';
  }

  /** Takes the code once; afterwards it is worth nothing. */
  redeem(code: string): boolean {
    const isGood =
      same(code, this.#loginCode.code) &&
      !this.#codeUsed &&
      this.#options.clock.now() < this.#loginCode.endsAt;
    if (isGood) this.#codeUsed = true;
    return isGood;
  }

  allows(level: Level, access: Access): boolean {
    switch (access) {
      case 'public':
        return true;
      case 'read':
        return this.#options.openReads || level !== 'stranger';
      case 'write':
        return level === 'writer';
    }
  }

  /** A session's name, for a cookie. The oldest gives way when there are too many. */
  openSession(level: Level): string {
    const id = this.#options.newSecret();
    const endsAt = this.#options.clock.now() + INSPECTOR_LIMITS.sessionMs;
    this.#sessions.set(id, { level, endsAt });
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > INSPECTOR_LIMITS.sessions && oldest !== undefined) {
      this.#sessions.delete(oldest);
    }
    return id;
  }

  closeSession(id: string): void {
    this.#sessions.delete(id);
  }

  #levelOfSession(id: string): Level {
    const session = this.#sessions.get(id);
    if (session === undefined) return 'stranger';
    if (this.#options.clock.now() < session.endsAt) return session.level;
    this.#sessions.delete(id);
    return 'stranger';
  }
}
