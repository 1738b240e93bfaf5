/** A half-open interval `[from, to)` of ingestion time; ISO 8601 in UTC. The unit of coverage. */
export interface Window {
  readonly from: string;
  readonly to: string;
}

/** A part of a window small enough for one query: the rows whose hash falls in one of `buckets` buckets. */
export interface Slice extends Window {
  readonly bucket: number;
  readonly buckets: number;
}
