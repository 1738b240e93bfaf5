import type { Draft } from './import-attributes.ts';
import type { Kind } from './kinds.ts';

/** A value that an import brings; drafts are shared by those that are held alike. */
export interface ImportItem {
  readonly kind: Kind;
  readonly value: string;
  readonly draft: Draft;
}

/** A value, or a row, that an import does not bring. */
export interface Refused {
  readonly value: string;
  readonly itype: string | null;
  readonly message: string;
}

export interface ImportContent {
  readonly items: readonly ImportItem[];
  readonly refused: readonly Refused[];
  /** Why the session ends in `errors`; null when it does not. */
  readonly failure: string | null;
}
