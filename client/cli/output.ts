/** Where a command writes. Facts go to standard output; what happens meanwhile goes to standard error. */
export interface Output {
  readonly json: boolean;
  readonly terminal: boolean;
  /** A line of the answer, for people; left out with `--json`. */
  readonly print: (text: string) => void;
  /** The answer for scripts: one JSON object as the last line of standard output, with `--json` only. */
  readonly result: (facts: unknown) => void;
  /** What is going on, one sentence a line. */
  readonly say: (sentence: string) => void;
}

export function createOutput(json: boolean): Output {
  return {
    json,
    terminal: process.stderr.isTTY,
    print(text) {
      if (!json) process.stdout.write(`${text}\n`);
    },
    result(facts) {
      if (json) process.stdout.write(`${JSON.stringify(facts)}\n`);
    },
    say(sentence) {
      process.stderr.write(`${sentence}\n`);
    },
  };
}
