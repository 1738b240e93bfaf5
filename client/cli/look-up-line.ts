import { SingleBar } from 'cli-progress';
import type { LookUpProgress } from '../values/ask-reputations.ts';
import type { Output } from './output.ts';

/** How far the look-ups of a list are: a bar on a terminal, a plain line for each change elsewhere. */
export function createLookUpLine(output: Output): {
  readonly show: (progress: LookUpProgress) => void;
  readonly end: () => void;
} {
  return output.terminal ? bar() : plainLines(output);
}

function bar() {
  const drawn = new SingleBar({
    format: '[{bar}] {value} of {total} hosts {text}',
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: false,
  });
  let started = false;
  return {
    show({ done, total, trouble }: LookUpProgress) {
      if (!started) drawn.start(total, 0, { text: '' });
      started = true;
      drawn.update(done, { text: trouble === null ? '' : `(waiting: ${trouble})` });
    },
    end() {
      if (started) drawn.stop();
    },
  };
}

function plainLines(output: Output) {
  let last = '';
  return {
    show({ done, total, trouble }: LookUpProgress) {
      const n = (count: number): string => count.toLocaleString('en');
      const text = `${n(done)} of ${n(total)} hosts${trouble === null ? '' : `; waiting: ${trouble}`}`;
      if (text !== last) output.say(text);
      last = text;
    },
    end() {
      last = '';
    },
  };
}
