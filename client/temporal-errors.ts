/** Temporal could not be reached, or does not let us in; the message is a sentence that says where and what to do. */
export class TemporalUnreachable extends Error {
  override readonly name = 'TemporalUnreachable';
}

/** The settings of Temporal are not in order; the message is a sentence without any of their values. */
export class TemporalMisconfigured extends Error {
  override readonly name = 'TemporalMisconfigured';
}

/** No worker does what is waited for; the message says so and what to look at. */
export class NoWorker extends Error {
  override readonly name = 'NoWorker';
}
