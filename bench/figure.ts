import type { Command } from 'commander';
import type { Scope } from './scope.ts';

/** What a figure has to work with. */
export interface Bench {
  /** Ends, with the figure, what it has started. */
  readonly scope: Scope;
  /** One sentence of progress. */
  readonly say: (sentence: string) => void;
}

/** A result: the same as Markdown, under a heading of its own, and as data for `--json`. */
export interface Section {
  readonly heading: string;
  /** Paragraphs, tables and lists, with an empty line between any two. */
  readonly blocks: readonly string[];
  readonly data: object;
}

/** One subcommand of the bench. */
export interface Figure {
  readonly command: Command;
  /** Measures with the options of the command, or their defaults when it was not the command that was called. */
  readonly measure: (bench: Bench) => Promise<Section>;
}
