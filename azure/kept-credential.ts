import type { TokenCredential } from '@azure/identity';

/** A credential that keeps its tokens, and so is to be told when one of them is of no use. */
export interface KeptCredential extends TokenCredential {
  /**
   * An API refused this token. Returns whether `getToken` gives another one now, which is asked for anew, past every cache, once for
   * all whom this one was refused to; false when that was done a moment ago. One that keeps no tokens has nothing else to give.
   */
  refused?(token: string): boolean;
}

/**
 * Makes an attempt, and when what came of it is that its token was refused, once more with a new one. Permissions are inside a token:
 * one that was granted since is in the next token only, and a token may have been revoked. (Source: learn.microsoft.com, "Access token
 * claims reference", `roles`.)
 */
export async function withNewToken<T>(
  credential: KeptCredential,
  attempt: (credential: TokenCredential) => Promise<T>,
  isRefused: (result: T) => boolean,
): Promise<T> {
  let given: string | null = null;
  const noting: TokenCredential = {
    async getToken(scopes, options) {
      const token = await credential.getToken(scopes, options);
      given = token?.token ?? null;
      return token;
    },
  };
  const result = await attempt(noting);
  if (given === null || !isRefused(result) || credential.refused?.(given) !== true) return result;
  return attempt(noting);
}

/** Statuses by which an API says that the token is not good, or not good enough. */
export function refusesToken(status: number): boolean {
  return status === 401 || status === 403;
}

/** For the end of a sentence about such a refusal. */
export const NEW_TOKENS =
  'Each try, by `resume` or once an hour by itself, asks for a new token, which has what was granted since.';
