/** A value in a query; `variable` is put in its place before it counts. */
export type Value =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'constant'; readonly value: string | number | boolean | null }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Value> };

export interface Field {
  readonly kind: 'field';
  readonly name: string;
  /** Under which it is answered. */
  readonly alias: string;
  readonly args: ReadonlyMap<string, Value>;
  /** Null without a selection. */
  readonly selections: readonly Selection[] | null;
}

/** Fields that are selected through a fragment, if what has them is of that type. */
export interface Inline {
  readonly kind: 'inline';
  readonly on: string | null;
  readonly selections: readonly Selection[];
}

export interface Spread {
  readonly kind: 'spread';
  readonly fragment: string;
}

export type Selection = Field | Inline | Spread;

export interface Variable {
  readonly name: string;
  /** As `[ID!]!`. */
  readonly type: string;
  readonly preset: Value | null;
}

export interface Operation {
  readonly kind: string;
  readonly name: string | null;
  readonly variables: readonly Variable[];
  readonly selections: readonly Selection[];
}

export interface Document {
  readonly operations: readonly Operation[];
  readonly fragments: ReadonlyMap<string, Inline>;
}
