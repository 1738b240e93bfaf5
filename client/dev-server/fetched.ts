import type { Program } from './program.ts';

/** What is to be fetched in one way. */
export interface FetchRequest {
  readonly program: Program;
  /** An empty folder of its own; removed afterwards. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (sentence: string) => void;
}

export type Fetched =
  /** The binary, somewhere in the folder. */
  { readonly ok: true; readonly path: string } | { readonly ok: false; readonly why: string };
