import type { WireAnswer } from '../wire.ts';

/** A request that is answered with this, and goes no further. */
export class Refused extends Error {
  readonly answer: WireAnswer;

  constructor(answer: WireAnswer) {
    super(`Refused with ${answer.status}.`);
    this.name = 'Refused';
    this.answer = answer;
  }
}
