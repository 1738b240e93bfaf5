import type { Indicator, IndicatorKey, Tlp } from '../../indicators/indicator.ts';
import type { Verdict } from '../../indicators/reputation.ts';
import type { FileForm } from './form.ts';

/** An indicator in the form that it has in files. */
export interface Piece {
  readonly text: string;
  /** JSON of what a reader is shown of it, but for ids, versions and times that only say when it was written. */
  readonly shown: unknown;
}

/** How files are laid out. All of it is pure. */
export interface Layout {
  /** Of files' names, with its dot. */
  readonly extension: string;
  standing(said: { readonly indicator: Indicator; readonly verdict: Verdict }, form: FileForm): Piece;
  /** What says that a version, which may have been written, is withdrawn; null where the layout cannot say it beside what stands. */
  ended(key: IndicatorKey, form: FileForm): string | null;
  /** The same in a file of its own kind. */
  withdrawn(key: IndicatorKey, form: FileForm): string;
  /** A file of what stands, and has ended beside it; `tlps` are those of the pieces. */
  file(pieces: readonly string[], tlps: ReadonlySet<Tlp>): string;
  /** A file of what was withdrawn. */
  withdrawals(pieces: readonly string[], tlps: ReadonlySet<Tlp>): string;
}
