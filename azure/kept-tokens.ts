import type { AccessToken, TokenCredential } from '@azure/identity';
import type { KeptCredential } from './kept-credential.ts';

type Options = NonNullable<Parameters<TokenCredential['getToken']>[1]>;
type AbortSignalLike = NonNullable<Options['abortSignal']>;

interface Held {
  readonly token: AccessToken;
  /** From here on it is renewed. */
  renewAt: number;
  /** From here on it is not given out: it might end on its way. */
  readonly uselessAt: number;
}

/** A token is renewed this long before its end, which is when MSAL stops giving it from its own cache. */
const RENEW_AHEAD_MS = 5 * 60_000;
const SPARE_MS = 30_000;
/** Of a short-lived token, these are shares of its life. */
const RENEW_SHARE = 0.2;
const SPARE_SHARE = 0.05;
/** A renewal that failed is not tried again at once: the token is still good. */
const RENEWAL_PAUSE_MS = 30_000;
/** Where a new token helps nothing, each request would ask for one: so many are asked for in a minute, for each audience. */
const ANEW = { most: 6, inMs: 60_000 } as const;

/** Where tokens come from. */
export interface TokenSource extends Pick<TokenCredential, 'getToken'> {
  /** Gives no token again that it has given. */
  forget(): void;
}

/**
 * The credential with one request under way for each scope, however many ask: those who come together share it, and a token that
 * nears its end serves on while one request renews it. A caller that gives up is let go alone.
 */
export function keptTokens(source: TokenSource, now: () => number): KeptCredential {
  const held = new Map<string, Held>();
  const droppedAt = new Map<string, readonly number[]>();
  const underWay = new Map<string, Promise<AccessToken | null>>();

  const request = (key: string, scopes: string | string[], options: Options): Promise<AccessToken | null> => {
    const known = underWay.get(key);
    if (known !== undefined) return known;
    const begun = now();
    // Nobody's signal ends what others wait for.
    const { abortSignal: _, ...shared } = options;
    const isCurrent = (): boolean => underWay.get(key) === asked;
    const asked = source
      .getToken(scopes, shared)
      .then((token) => {
        if (token !== null && isCurrent()) held.set(key, holding(token, begun));
        return token;
      })
      .finally(() => {
        if (isCurrent()) underWay.delete(key);
      });
    underWay.set(key, asked);
    return asked;
  };

  return {
    async getToken(scopes, options = {}) {
      const key = JSON.stringify([[scopes].flat(), options.tenantId ?? '', options.enableCae === true]);
      if (options.claims !== undefined) {
        const begun = now();
        const token = await source.getToken(scopes, options);
        if (token !== null) held.set(key, holding(token, begun));
        return token;
      }
      const have = held.get(key);
      if (have === undefined || now() >= have.uselessAt) {
        return unlessAborted(request(key, scopes, options), options.abortSignal);
      }
      if (now() >= have.renewAt) {
        request(key, scopes, options).catch(() => {
          have.renewAt = now() + RENEWAL_PAUSE_MS;
        });
      }
      return have.token;
    },
    refused(token) {
      const key = [...held.keys()].find((each) => held.get(each)?.token.token === token);
      // Somebody else has seen to it.
      if (key === undefined) return true;
      const recent = (droppedAt.get(key) ?? []).filter((at) => at > now() - ANEW.inMs);
      if (recent.length >= ANEW.most) return false;
      droppedAt.set(key, [...recent, now()]);
      held.delete(key);
      // A renewal that has begun may have come before whatever it is that the new token is to know.
      underWay.delete(key);
      source.forget();
      return true;
    },
  };
}

function holding(token: AccessToken, begun: number): Held {
  const end = token.expiresOnTimestamp;
  const life = Math.max(0, end - begun);
  return {
    token,
    renewAt: end - Math.min(RENEW_AHEAD_MS, life * RENEW_SHARE),
    uselessAt: end - Math.min(SPARE_MS, life * SPARE_SHARE),
  };
}

/** The SDK's signal is only like an `AbortSignal`. */
async function unlessAborted<T>(wanted: Promise<T>, signal: AbortSignalLike | undefined): Promise<T> {
  if (signal === undefined) return wanted;
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new DOMException('The wait for a token was given up.', 'AbortError'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([wanted, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
