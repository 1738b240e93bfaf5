import { storableText } from './storable-text.ts';

/**
 * The kinds of fault that the product knows. Each adapter turns what it meets (status codes, HTML, resets) into one of
 * these at its own boundary; nothing further in ever reads a status code.
 */
export type FaultKind = 'Throttled' | 'Unavailable' | 'TooLarge' | 'Refused' | 'Malformed' | 'Rejected';

export interface FaultOptions {
  /** Wait exactly this many milliseconds before the next try (a `Retry-After` in any of its forms). */
  readonly retryAfterMs?: number;
  /** Nothing was answered in time: what was asked may be too much for one request, or whoever was asked is busy. */
  readonly timedOut?: true;
  /** No shared budget holds back whoever tries again before that. */
  readonly isUnpaced?: true;
  /** The wait is one of our own, and no API asked for it: what bounds those does not bound it. */
  readonly isOurs?: true;
  /** Some of what was asked for had been done before. */
  readonly inPart?: true;
  readonly cause?: unknown;
}

/**
 * A failure of the outside world. `message` is a sentence for an operator and never holds a secret or an indicator; what it quotes of an
 * answer is made fit for every place that it ends in.
 */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly kind: FaultKind;
  readonly retryAfterMs: number | undefined;
  readonly timedOut: boolean;
  readonly isUnpaced: boolean;
  readonly isOurs: boolean;
  readonly inPart: boolean;

  constructor(kind: FaultKind, message: string, options: FaultOptions = {}) {
    super(storableText(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
    this.timedOut = options.timedOut === true;
    this.isUnpaced = options.isUnpaced === true;
    this.isOurs = options.isOurs === true;
    this.inPart = options.inPart === true;
  }

  /** The same, once some of what was asked for had been done. */
  afterAPart(): Fault {
    const { kind, message, retryAfterMs, timedOut, isUnpaced, isOurs } = this;
    return new Fault(kind, message, {
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(timedOut ? { timedOut } : {}),
      ...(isUnpaced ? { isUnpaced } : {}),
      ...(isOurs ? { isOurs } : {}),
      inPart: true,
      cause: this,
    });
  }
}
