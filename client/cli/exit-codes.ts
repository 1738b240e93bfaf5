/** What the command line answers to scripts; listed in `--help` and in the README. */
export const EXIT = {
  ok: 0,
  /** The work was tried and failed; the sentence on standard error says why. */
  failed: 1,
  /** A wrong option, argument or configuration: nothing was tried. */
  usage: 2,
  /** Temporal, or a worker that could answer, was not reached. */
  unreachable: 3,
  /** The run is blocked, or paused: it waits for a person. */
  blocked: 4,
  interrupted: 130,
} as const;

/** Ends a command with a sentence and an exit code, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
