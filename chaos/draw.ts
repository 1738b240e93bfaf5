import { createHash } from 'node:crypto';
import { random } from '../sandbox/rows/random.ts';

/** What is random in a story: the same seed and name give the same draws, in the order in which they are made. */
export class Draw {
  readonly #seed: number;
  readonly #name: string;
  #count = 0;

  constructor(seed: number, name: string) {
    this.#name = name;
    this.#seed = createHash('sha256').update(`${seed} ${name}`).digest().readUInt32BE(0);
  }

  /** Draws of their own, so that one part of a story may change without changing the others. */
  fork(name: string): Draw {
    return new Draw(this.#seed, `${this.#name} ${name}`);
  }

  /** A whole number from 0 up to, and without, `end`. */
  below(end: number): number {
    this.#count += 1;
    return random(this.#seed, this.#count, 0) % end;
  }

  /** A whole number, both ends included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(share: number): boolean {
    return this.below(1_000_000) < share * 1_000_000;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }

  /** Each with the probability. */
  some<T>(choices: readonly T[], share: number): readonly T[] {
    return choices.filter(() => this.chance(share));
  }
}
