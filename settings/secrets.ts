import type { Secret } from './secret.ts';
import type { SecretRef } from './secret-ref.ts';

/** Gives the secret behind a reference of the configuration, once all of them have been read. */
export type Secrets = (ref: SecretRef) => Secret;

/** A reference in a part of the configuration, and where it stands there: `apiKey`. */
export interface PlacedRef {
  readonly path: string;
  readonly ref: SecretRef;
}

/** All references to secrets in a part of the configuration. */
export function refsIn(part: unknown, path = ''): readonly PlacedRef[] {
  if (typeof part !== 'object' || part === null) return [];
  if (isRef(part)) return [{ path, ref: part }];
  return Object.entries(part).flatMap(([key, value]) => refsIn(value, path === '' ? key : `${path}.${key}`));
}

/** Nothing else in the configuration has a `use` beside an `env` or a `file`. */
function isRef(part: object): part is SecretRef {
  return 'use' in part && ('env' in part || 'file' in part);
}
